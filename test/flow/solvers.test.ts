import { describe, expect, it } from 'vitest';
import { ffjord } from '../../src/cnf/index.ts';
import type { EngineName } from '../../src/engine/index.ts';
import type { EvaluateOptions } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { solverNames, tableaus } from '../../src/ode/index.ts';
import { rowSlopes, slopes, slopesApart } from './differences.ts';
import { contextFor, expectClose, farthest, normalRows, pickRows } from './rows.ts';
import { perturbed, tight } from './transforms.ts';

const largest = (x: Float64Array): number => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const others = solverNames.filter((name) => !Object.hasOwn(tableaus, name));

const flow = perturbed(ffjord({ dim: 2, hidden: [4], contextDim: 1, blocks: 2, trainEndTime: true }));
const x = normalRows(5, 2, 1);
const fine: EvaluateOptions = { ...tight, rtol: 1e-9, atol: 1e-9, ...contextFor(flow, 5) };

it('has solvers beside the explicit ones', () => {
  expect(others).toEqual(['odex', 'adams', 'rodas5p', 'kvaerno5']);
});

describe.each(others)('a flow solved with %s', (solver) => {
  it('has the density and the samples that every solver finds', async () => {
    const expected = await flow.transform(x, { ...fine, solver: 'vern7' });
    const found = await flow.transform(x, { ...fine, solver });
    expectClose(found.logDet, expected.logDet, 1e-7);
    expectClose(found.z.data, expected.z.data, 1e-7);
    expect(found.nfe!.mean).not.toBe(expected.nfe!.mean);
    const back = await flow.inverse(found.z, { ...fine, solver });
    expectClose(back.x.data, x.data, 1e-6);
  });

  it('shares nothing between rows: the bits of a row are those of any batch', async () => {
    const context = fine.context as Matrix;
    const all = await flow.logProb(x, { ...fine, solver });
    for (const rows of [[3], [4, 1, 3]]) {
      const some = await flow.logProb(pickRows(x, rows), {
        ...fine,
        context: pickRows(context, rows),
        solver,
      });
      expect(Array.from(some)).toEqual(rows.map((row) => all[row]));
    }
  });

  it.each(['quadrature', 'backsolve'] as const)('has the gradient by %s', async (gradient) => {
    const options = { ...fine, rtol: 1e-7, atol: 1e-7, solver, gradient };
    const expected = await flow.lossAndGradient(x, { ...fine, rtol: 1e-11, atol: 1e-11 });
    const found = await flow.lossAndGradient(x, options);
    expect(largest(expected.flat)).toBeGreaterThan(0.1);
    expectClose(found.flat, expected.flat, 1e-5 * largest(expected.flat));
    expectClose(found.cotangents!.x, expected.cotangents!.x, 1e-5 * largest(expected.cotangents!.x));
    expectClose(
      found.cotangents!.context!,
      expected.cotangents!.context!,
      1e-5 * largest(expected.cotangents!.context!),
    );
  });

  it('takes quadrature unless another gradient is asked for, and has no discrete one', async () => {
    const plain = perturbed(ffjord({ dim: 1, hidden: [2] }));
    const rough = { precision: 'float64', rtol: 1e-4, atol: 1e-4, solver } as const;
    const asked = await plain.lossAndGradient([[0.3]], { ...rough, gradient: 'quadrature' });
    const found = await plain.lossAndGradient([[0.3]], rough);
    expect(found.flat).toEqual(asked.flat);
    await expect(flow.lossAndGradient(x, { ...fine, solver, gradient: 'discrete' })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(/take 'quadrature' or 'backsolve', or an explicit solver/) as string,
    });
  });

  it('computes in float64 unless float32 is asked for', async () => {
    const { precision: _, ...rest } = fine;
    const found = await flow.logProb(x, { ...rest, solver });
    expect(farthest(found, await flow.logProb(x, { ...fine, solver }))).toBe(0);
  });

  it('names row and time of a failure', async () => {
    const failing = flow.logProb(x, { ...fine, solver, maxSteps: 2 });
    await expect(failing).rejects.toThrow(/^maxSteps = 2 steps did not suffice: stopped at t=.* for row 0/);
    const { status } = await flow.transform(x, { ...fine, solver, maxSteps: 2, onFailure: 'report' });
    expect(status).toEqual(Array(5).fill('max-steps'));
  });
});

describe('the gradient by quadrature', () => {
  it('agrees with central differences by rows, context, parameters and end times', async () => {
    const options = {
      ...fine,
      rtol: 1e-11,
      atol: 1e-11,
      gradient: 'quadrature',
      context: fine.context as Matrix,
    } as const;
    const names = flow.parameters.names();
    const found = [
      ...(await slopes(flow, x, options, names, 1e-3)),
      ...(await rowSlopes(flow, x, options, 1e-3)),
    ];
    expect(found).toHaveLength(names.length + 2);
    expect(slopesApart(found, 1e-7)).toEqual([]);
  });

  it.each(Object.keys(tableaus))('with %s and fixed steps', async (solver) => {
    const order = tableaus[solver]!.order;
    const options = { ...fine, solver, stepSize: order < 3 ? 0.01 : 0.1 };
    const discrete = await flow.lossAndGradient(x, options);
    const found = await flow.lossAndGradient(x, { ...options, gradient: 'quadrature' });
    expectClose(found.flat, discrete.flat, (order < 3 ? 2e-2 : 1e-3) * largest(discrete.flat));
  });

  it.each(['quadrature', 'backsolve'] as const)('gives each row its own way back: %s', async (gradient) => {
    const options = { ...fine, rtol: 1e-10, atol: 1e-10, gradient };
    const context = { ...(fine.context as Matrix) };
    context.data = context.data.map((value, row) => (row === 1 || row === 4 ? 50 * value : value));
    // The mean over four rows in place of two: a power of two apart, so that scaling does not round. These
    // two are far out, where steps are longer.
    const four = pickRows(x, [4, 1, 3, 0]);
    for (let i = 0; i < 4; i++) four.data[i]! *= 30;
    const two = pickRows(four, [0, 1]);
    const { nfe } = await flow.transform(four, { ...options, context: pickRows(context, [4, 1, 3, 0]) });
    expect(nfe!.max).toBeGreaterThan(
      (await flow.transform(two, { ...options, context: pickRows(context, [4, 1]) })).nfe!.max,
    );
    const of = async (rows: Matrix, picked: readonly number[]) =>
      (await flow.lossAndGradient(rows, { ...options, context: pickRows(context, picked) })).cotangents!;
    const ofFour = await of(four, [4, 1, 3, 0]);
    const ofTwo = await of(two, [4, 1]);
    expect(Array.from(ofTwo.x)).toEqual(Array.from(ofFour.x.subarray(0, 4), (value) => 2 * value));
    expect(Array.from(ofTwo.context!)).toEqual(
      Array.from(ofFour.context!.subarray(0, 2), (value) => 2 * value),
    );
  });

  it.each(['native', 'wasm'] as const)('on %s, in both precisions', async (engine: EngineName) => {
    const expected = await flow.lossAndGradient(x, { ...fine, engine: 'reference', gradient: 'quadrature' });
    const found = await flow.lossAndGradient(x, { ...fine, engine, gradient: 'quadrature' });
    expect(found.engine).toBe(engine);
    expectClose(found.flat, expected.flat, 1e-9 * largest(expected.flat));
    const rough = { ...fine, engine, precision: 'float32', rtol: 1e-5, atol: 1e-5 } as const;
    const single = await flow.lossAndGradient(x, { ...rough, gradient: 'quadrature' });
    expectClose(single.flat, expected.flat, 1e-4 * largest(expected.flat));
  });
});
