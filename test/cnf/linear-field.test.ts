import { expm, matrix, multiply } from 'mathjs';
import { describe, expect, it } from 'vitest';
import { expectClose, mean, normalRows } from '../flow/rows.ts';
import { tight } from '../flow/transforms.ts';
import { block, flowOfBlocks, linearField } from './fields.ts';

/** A field that turns, stretches and shears; its trace is 0.45. */
const A = [
  [0.3, -1.2, 0.4],
  [0.9, -0.25, 0.1],
  [-0.5, 0.7, 0.4],
];
const traceOfA = 0.45;
const endTime = 1.3;

describe('a linear field', () => {
  const flow = flowOfBlocks(block(3, linearField(A), endTime));
  const x = normalRows(6, 3, 1);

  it('is the matrix exponential, with the trace as logDet, to 1e-9', async () => {
    const { z, logDet } = await flow.transform(x, tight);
    expectClose(z.data, throughExponential(endTime, x.data), 1e-9);
    expectClose(logDet, Array(6).fill(traceOfA * endTime), 1e-9);
    const back = await flow.inverse(x, tight);
    expectClose(back.x.data, throughExponential(-endTime, x.data), 1e-9);
    expectClose(back.logDet, Array(6).fill(-traceOfA * endTime), 1e-9);
  });

  it('has the same end for every solver', async () => {
    const expected = throughExponential(endTime, x.data);
    for (const solver of ['dopri5', 'tsit5', 'bosh3']) {
      const { z } = await flow.transform(x, { ...tight, rtol: 1e-8, atol: 1e-8, solver });
      expectClose(z.data, expected, 1e-6);
    }
    const { z } = await flow.transform(x, { ...tight, solver: 'rk4', stepSize: 0.01 });
    expectClose(z.data, expected, 1e-8);
  });

  it('has no parameters, and a loss nevertheless', async () => {
    const { loss, gradient, flat } = await flow.lossAndGradient(x, tight);
    expect(loss).toBe(-mean(await flow.logProb(x, tight)));
    expect([gradient.size, flat.length, flow.parameters.count]).toEqual([0, 0, 0]);
  });

  it('counts evaluations, the first included', async () => {
    const { nfe } = await flow.transform(x, { solver: 'rk4', stepSize: endTime / 10 });
    expect(nfe).toEqual({ mean: 40, max: 40 });
    const two = flowOfBlocks(block(3, linearField(A)), block(3, linearField(A)));
    expect((await two.transform(x, { solver: 'euler', stepSize: 0.1 })).nfe).toEqual({ mean: 10, max: 10 });
  });
});

function throughExponential(t: number, rows: ArrayLike<number>): number[] {
  const E = expm(matrix(A.map((row) => row.map((value) => value * t)))).toArray() as number[][];
  return Array.from({ length: rows.length / 3 }, (_, row) =>
    multiply(E, [rows[3 * row]!, rows[3 * row + 1]!, rows[3 * row + 2]!]),
  ).flat();
}
