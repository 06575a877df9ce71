import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EvaluateOptions } from '../../src/flow/index.ts';
import { contextFor, expectClose, normalRows } from '../flow/rows.ts';
import { flowOf, perturbed } from '../flow/transforms.ts';
import { discreteTransforms } from '../flow/discrete-transforms.ts';

const cases = Object.entries(discreteTransforms()).map(([name, transform]) => ({
  name,
  flow: perturbed(flowOf(transform)),
}));

const sizes = fc.constantFrom(0, 1e-30, 1e-12, 1e-4, 1, 30, 1e3, 1e4);
const number = fc.tuple(sizes, fc.constantFrom(1, -1, 0.7, -0.3)).map(([size, sign]) => size * sign);

/** All engines, and both precisions. */
const ways: readonly EvaluateOptions[] = [
  { engine: 'reference' },
  { engine: 'native', precision: 'float64' },
  { engine: 'native', precision: 'float32' },
  { engine: 'wasm', precision: 'float32' },
];

describe.each(cases)('$name', ({ flow }) => {
  const { dim } = flow;

  it('is finite at any input from 1e-30 to 1e4, or says why not, in both directions', async () => {
    const rows = fc.array(fc.array(number, { minLength: dim, maxLength: dim }), {
      minLength: 4,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(rows, async (x) => {
        for (const way of ways) {
          const options = { ...way, ...contextFor(flow, 4), onFailure: 'report' } as const;
          const there = await flow.transform(x, options);
          const back = await flow.inverse(x, options);
          expectTold(there.z.data, there.logDet, there.status, dim);
          expectTold(back.x.data, back.logDet, back.status, dim);
          const { flat, loss } = await flow.lossAndGradient(normalRows(4, dim, 1), options);
          expect([loss, ...flat].every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 12, seed: 5 },
    );
  });

  it('is in float32 what it is in float64, to single precision', async () => {
    const x = normalRows(20, dim, 3);
    const context = contextFor(flow, 20);
    const meant = await flow.transform(x, { ...context, engine: 'reference' });
    const single = await flow.transform(x, { ...context, engine: 'native', precision: 'float32' });
    const scale = Math.max(1, ...Array.from(meant.z.data, Math.abs));
    expectClose(single.z.data, meant.z.data, 2e-5 * scale);
    expectClose(single.logDet, meant.logDet, 2e-4 * Math.max(1, ...Array.from(meant.logDet, Math.abs)));
    const double = await flow.transform(x, { ...context, engine: 'native', precision: 'float64' });
    expectClose(double.z.data, meant.z.data, 1e-12 * scale);
  });
});

/** A row that is not finite is reported so; all others are finite. */
function expectTold(
  data: ArrayLike<number>,
  logDet: ArrayLike<number>,
  status: readonly string[],
  dim: number,
): void {
  status.forEach((ended, row) => {
    const numbers = [...Array.from({ length: dim }, (_, i) => data[row * dim + i]!), logDet[row]!];
    expect(numbers.every(Number.isFinite)).toBe(ended === 'ok');
    if (ended !== 'ok') expect(ended).toBe('non-finite');
  });
}
