import { describe, expect, it } from 'vitest';
import { goldenNames, gradientTolerance, kinked, largestOf, readGolden } from '../cnf/golden.ts';
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
    const reference = await flow.lossAndGradient(rows('x'), golden.options);
    for (const parameter of differentiated) {
      const [a, b] = [ours.gradient.get(parameter)!.data, reference.gradient.get(parameter)!.data];
      expectClose(a, b, (kinked.includes(name) ? 1e-4 : 1e-10) * largest);
    }
  });
});
