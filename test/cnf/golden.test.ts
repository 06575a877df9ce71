import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importFfjord } from '../../src/cnf/index.ts';
import { decodeSafetensors } from '../../src/files/index.ts';
import type { EvaluateOptions } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';

/** What the published FFJORD code computed, in float64 at tolerance 1e-10. */
const folder = new URL('../../../shared/golden/ffjord/', import.meta.url);
const files = ['concatsquash-tanh-2d', 'concat-softplus-3d', 'concatsquash-softplus-6d-hutchinson'];

describe.each(files)('published FFJORD values: %s', (file) => {
  it('z, log_prob, inverse and gradients agree to 1e-8', { timeout: 120_000 }, async ({ skip }) => {
    const path = new URL(`${file}.safetensors`, folder);
    if (!existsSync(path)) skip(`${file}.safetensors is not beside the project`);
    const bytes = new Uint8Array(readFileSync(path));
    const golden = decodeSafetensors(bytes);
    const rows = (name: string): Matrix => {
      const { data, shape } = golden.tensors.get(name)!;
      return { data: data as Float64Array, rows: shape[0]!, cols: shape[1] ?? 1 };
    };
    const options: EvaluateOptions = {
      engine: 'reference',
      precision: 'float64',
      rtol: 1e-11,
      atol: 1e-11,
      ...(file.endsWith('hutchinson') ? { trace: 'hutchinson', noise: rows('e') } : { trace: 'exact' }),
    };
    const flow = await importFfjord(bytes);

    const { z } = await flow.transform(rows('x'), options);
    expectClose(z.data, rows('z').data, 1e-8);
    expectClose(await flow.logProb(rows('x'), options), rows('log_prob').data, 1e-8);
    const { x } = await flow.inverse(rows('z'), options);
    expectClose(x.data, rows('inverse_of_z').data, 1e-8);

    const { loss, gradient } = await flow.lossAndGradient(rows('x'), options);
    expectClose([loss], rows('loss').data, 1e-8);
    const names = [...golden.tensors.keys()].filter((name) => name.startsWith('grad/'));
    expect(names.length).toBeGreaterThan(5);
    const largest = Math.max(...names.flatMap((name) => [...rows(name).data].map(Math.abs)));
    for (const name of names) {
      expectClose(gradient.get(name.slice('grad/'.length))!.data, rows(name).data, 1e-8 * largest);
    }
  });
});

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
  expect(worst).toBeLessThan(tolerance);
}
