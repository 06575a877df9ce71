import { describe, expect, it } from 'vitest';
import { goldenNames, gradientTolerance, kinked, largestOf, readGolden } from '../cnf/golden.ts';
import type { Golden } from '../cnf/golden.ts';
import type { EvaluateOptions } from '../../src/flow/index.ts';
import { expectClose } from '../flow/rows.ts';

describe.each(goldenNames)('published FFJORD values on WebAssembly: %s', (name) => {
  it('densities, inverses and gradients agree', async (context) => {
    const golden = await readGolden(name, context);
    const { flow, rows, differentiated } = golden;
    const options = { ...golden.options, engine: 'wasm' } as const;
    const { z, logDet, engine } = await flow.transform(rows('x'), options);
    expect(engine).toBe('wasm');
    expectClose(z.data, rows('z').data, 1e-8);
    expectClose(
      logDet,
      rows('delta_logp').data.map((value) => -value),
      1e-8,
    );
    expectClose(await flow.logProb(rows('x'), options), rows('log_prob').data, 1e-8);
    const { x } = await flow.inverse(rows('z'), options);
    expectClose(x.data, rows('inverse_of_z').data, 1e-8);
    // The gradients in the files have an error of their own: see test/cnf/golden.test.ts.
    const ours = await flow.lossAndGradient(rows('x'), options);
    expectClose([ours.loss], rows('loss').data, 1e-8);
    const largest = largestOf(differentiated.map((parameter) => rows(`grad/${parameter}`)));
    const allowed = gradientTolerance(name);
    for (const parameter of differentiated) {
      expectClose(ours.gradient.get(parameter)!.data, rows(`grad/${parameter}`).data, allowed * largest);
    }
    // A step that crosses the kink of elu has an error estimate of no order, which turns a rounding into another step size: four
    // of the six rows cross it, two of them in other numbers of steps than on the reference engine. The steps that were
    // taken decide where stages meet the jump of the trace, and so about the gradient: 4e-5 between the engines.
    const apart = await differenceToReference(golden, golden.options);
    expect(apart).toBeLessThan((kinked.includes(name) ? 1e-4 : 1e-10) * largest);
    if (!kinked.includes(name)) return;
    // Over the same steps nothing is left of it.
    const { rtol: _, atol: __, ...others } = golden.options;
    const steps = { ...others, solver: 'rk4', stepSize: 1 / 64 };
    expect(await differenceToReference(golden, steps)).toBeLessThan(1e-12 * largest);
  });
});

/** The largest difference between the gradients of both engines, over all parameters. */
async function differenceToReference({ flow, rows }: Golden, options: EvaluateOptions): Promise<number> {
  const ours = await flow.lossAndGradient(rows('x'), { ...options, engine: 'wasm' });
  const theirs = await flow.lossAndGradient(rows('x'), { ...options, engine: 'reference' });
  return Math.max(...ours.flat.map((value, i) => Math.abs(value - theirs.flat[i]!)));
}
