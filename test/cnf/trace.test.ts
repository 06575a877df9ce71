import { describe, expect, it } from 'vitest';
import { ffjord, jacobianTrace } from '../../src/cnf/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { input } from '../../src/program/index.ts';
import { expectClose, mean, normalRows } from '../flow/rows.ts';
import { perturbed, tight } from '../flow/transforms.ts';
import { block, flowOfBlocks, linearField } from './fields.ts';

const A = [
  [0.7, -0.8, 0.3],
  [0.2, -0.4, 0.5],
  [0.1, 0.9, 0.6],
];
const B = [
  [0.2, 0.1, 0.8],
  [0.4, 0.3, -0.7],
  [-0.6, 0.5, -0.1],
];
const traceOfA = 0.9;
/** (A + A^T) / 2, by its squares on and off the diagonal. */
const squares = { diagonal: 0.7 ** 2 + 0.4 ** 2 + 0.6 ** 2, off: 2 * (0.3 ** 2 + 0.2 ** 2 + 0.7 ** 2) };
const endTime = 0.5;
const count = 4000;

/** `count` times the same row. */
const x: Matrix = { ...normalRows(1, 3, 1), data: new Float64Array(3 * count).fill(0.1), rows: count };

describe('the Hutchinson estimate of a linear field', () => {
  const flow = flowOfBlocks(block(3, linearField(A), endTime));
  const logDetOf = async (options: object): Promise<Float64Array> =>
    (await flow.transform(x, { trace: 'hutchinson', ...options })).logDet;

  // With e the probe and S the symmetric part of A: e^T A e has variance 2 |S|^2 for normal e, and
  // 2 |S|^2 without the diagonal for e of signs.
  it.each([
    { probeDistribution: 'gaussian', probes: 1, variance: 2 * (squares.diagonal + squares.off) },
    { probeDistribution: 'rademacher', probes: 1, variance: 2 * squares.off },
    { probeDistribution: 'gaussian', probes: 4, variance: (squares.diagonal + squares.off) / 2 },
    { probeDistribution: 'rademacher', probes: 4, variance: squares.off / 2 },
  ])('is unbiased, with its variance: $probes $probeDistribution', async ({ variance, ...options }) => {
    const values = (await logDetOf(options)).map((value) => value / endTime);
    const average = mean(values);
    expect(Math.abs(average - traceOfA)).toBeLessThan(4 * Math.sqrt(variance / count));
    const found = mean(values.map((value) => (value - traceOfA) ** 2));
    expect(Math.abs(found / variance - 1)).toBeLessThan(0.25);
  });

  it('is the default of training in more than three dimensions, and where probes are asked for', async () => {
    const four = perturbed(ffjord({ dim: 4, hidden: [5] }));
    const rows = normalRows(4, 4, 1);
    const loss = async (options: object): Promise<number> => (await four.lossAndGradient(rows, options)).loss;
    expect(await loss({})).toBe(await loss({ trace: 'hutchinson', probes: 1, seed: 0 }));
    expect(await loss({})).not.toBe(await loss({ trace: 'exact' }));
    expect(await four.logProb(rows)).toEqual(await four.logProb(rows, { trace: 'exact' }));
    const estimated = await four.logProb(rows, { probes: 2 });
    expect(estimated).toEqual(await four.logProb(rows, { trace: 'hutchinson', probes: 2 }));
    const two = perturbed(ffjord({ dim: 2, hidden: [5] }));
    const plane = normalRows(4, 2, 1);
    expect((await two.lossAndGradient(plane)).loss).toBe(
      (await two.lossAndGradient(plane, { trace: 'exact' })).loss,
    );
  });
});

it.each([
  [64, 'exact'],
  [65, 'hutchinson'],
] as const)('with %d features, densities have the %s trace by default', async (dim, trace) => {
  const flow = perturbed(ffjord({ dim, hidden: [2] }));
  const rows = normalRows(1, dim, 1, 0.1);
  const options = { solver: 'euler', stepSize: 0.5 };
  const other = trace === 'exact' ? 'hutchinson' : 'exact';
  const logProb = await flow.logProb(rows, options);
  expect(logProb).toEqual(await flow.logProb(rows, { ...options, trace }));
  expect(logProb).not.toEqual(await flow.logProb(rows, { ...options, trace: other }));
});

describe('a probe that is given', () => {
  const noise = normalRows(5, 3, 3);
  const rows = normalRows(5, 3, 1);
  const quadratic = (matrix: number[][], row: number): number => {
    const e = noise.data.subarray(3 * row, 3 * row + 3);
    return matrix.flatMap((line, i) => line.map((value, j) => e[i]! * value * e[j]!)).reduce((a, b) => a + b);
  };

  it('is used by every block', async () => {
    const flow = flowOfBlocks(block(3, linearField(A), endTime), block(3, linearField(B), endTime));
    const { logDet } = await flow.transform(rows, { ...tight, trace: 'hutchinson', noise });
    const expected = [0, 1, 2, 3, 4].map((row) => endTime * (quadratic(A, row) + quadratic(B, row)));
    expectClose(logDet, expected, 1e-9);
  });

  it('asks for the estimate by itself', async () => {
    const flow = flowOfBlocks(block(3, linearField(A), endTime));
    const { logDet } = await flow.transform(rows, { ...tight, trace: 'hutchinson', noise });
    const { trace: _, ...plain } = tight;
    expect((await flow.transform(rows, { ...plain, noise })).logDet).toEqual(logDet);
  });

  it('is one probe, of the width and number of the rows', async () => {
    const flow = flowOfBlocks(block(3, linearField(A), endTime));
    const call = async (options: object): Promise<unknown> => flow.logProb(rows, options);
    await expect(call({ noise, probes: 2 })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: 'noise: it implies one probe; probes is 2.',
    });
    await expect(call({ noise: normalRows(4, 3, 1) })).rejects.toMatchObject({
      code: 'shape-mismatch',
      message: 'noise: expected 5 rows of 3 numbers; got 4 rows of 3.',
    });
    await expect(call({ noise: normalRows(5, 2, 1) })).rejects.toMatchObject({ code: 'shape-mismatch' });
    await expect(call({ noise: [[NaN, 0, 0]] })).rejects.toMatchObject({ code: 'shape-mismatch' });
  });
});

describe('drawn probes', () => {
  it('differ from block to block and are held fixed in each', async () => {
    const minusA = A.map((row) => row.map((value) => -value));
    const flow = flowOfBlocks(block(3, linearField(A), endTime), block(3, linearField(minusA), endTime));
    const some = normalRows(5, 3, 1);
    const shared = await flow.transform(some, { ...tight, trace: 'hutchinson', noise: normalRows(5, 3, 2) });
    expectClose(shared.logDet, Array(5).fill(0), 1e-9);
    const drawn = await flow.transform(some, {
      ...tight,
      trace: 'hutchinson',
      probeDistribution: 'gaussian',
    });
    expect(Math.min(...drawn.logDet.map(Math.abs))).toBeGreaterThan(1e-6);
    // Of a linear field, a fixed probe gives the same derivative all along: any steps end at the same sum.
    const otherSteps = {
      trace: 'hutchinson',
      probeDistribution: 'gaussian',
      solver: 'euler',
      stepSize: 0.01,
    } as const;
    expectClose((await flow.transform(some, otherSteps)).logDet, drawn.logDet, 1e-9);
  });

  it('of a network are unbiased too', async () => {
    const flow = perturbed(ffjord({ dim: 3, hidden: [6] }));
    const [exact] = await flow.logProb([[0.1, 0.1, 0.1]], tight);
    const estimates = await flow.logProb(x, { trace: 'hutchinson' });
    const average = mean(estimates);
    const deviation = Math.sqrt(mean(estimates.map((value) => (value - average) ** 2)) / count);
    expect(deviation).toBeGreaterThan(0);
    expect(Math.abs(average - exact!)).toBeLessThan(4 * deviation + 1e-4);
  });
});

it('an estimate without probes is refused', () => {
  const value = input('x', 2);
  expect(() => jacobianTrace(value, value, null, { method: 'hutchinson', probes: 1 })).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
});
