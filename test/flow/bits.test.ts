import { describe, expect, it } from 'vitest';
import type { EvaluateOptions, Flow } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { contextFor, normalRows, pickRows } from './rows.ts';
import { allCases, continuousCases } from './transforms.ts';
import type { FlowCase } from './transforms.ts';

describe.each(allCases)('$name', ({ flow }) => {
  const x = normalRows(5, flow.dim, 1);
  const context = contextFor(flow, 5);

  it('the same call gives the same bits', async () => {
    const options: EvaluateOptions = { ...context, trace: 'hutchinson', seed: 4 };
    expect(await flow.transform(x, options)).toEqual(await flow.transform(x, options));
    const { flat } = await flow.lossAndGradient(x, options);
    expect((await flow.lossAndGradient(x, options)).flat).toEqual(flat);
    expect(await flow.sample(5, options)).toEqual(await flow.sample(5, options));
  });

  it('another seed gives other samples', async () => {
    const drawn = await flow.sample(5, { ...context, seed: 1 });
    expect(drawn).not.toEqual(await flow.sample(5, { ...context, seed: 2 }));
  });

  it("a row's log-likelihood has the same bits alone, among 7 and among 300, in any order", async () => {
    await checkBatches({ flow }, {});
  });
});

describe.each(continuousCases)('$name', ({ flow }) => {
  const x = normalRows(5, flow.dim, 1);
  const context = contextFor(flow, 5);

  it('another seed gives another estimate of the trace', async () => {
    const options = { ...context, trace: 'hutchinson', probeDistribution: 'gaussian' } as const;
    const first = await flow.logProb(x, { ...options, seed: 1 });
    expect(first).not.toEqual(await flow.logProb(x, { ...options, seed: 2 }));
    expect(first).not.toEqual(await flow.logProb(x, { ...context, trace: 'exact' }));
  });

  it('with its own probe, a row has the same bits in any batch', async () => {
    await checkBatches({ flow }, { noise: normalRows(300, probeWidth(flow), 12) });
  });

  it('drawn probes go by the place of the row in the batch', async () => {
    const options: EvaluateOptions = { trace: 'hutchinson', probeDistribution: 'gaussian' };
    const five = await flow.logProb(x, { ...options, ...context });
    const given = context.context as Matrix | undefined;
    const three = await flow.logProb(pickRows(x, [0, 1, 2]), {
      ...options,
      ...(given && { context: pickRows(given, [0, 1, 2]) }),
    });
    expect(three).toEqual(five.slice(0, 3));
  });
});

/** Fields through a narrow waist are probed there. */
function probeWidth({ parts }: Flow): number {
  const solve = parts!.transform.steps('forward', '').find((step) => step.kind === 'solve');
  return solve!.noiseShape({ method: 'hutchinson', probes: 1 })!.n;
}

async function checkBatches({ flow }: Pick<FlowCase, 'flow'>, { noise }: { noise?: Matrix }): Promise<void> {
  const all = normalRows(300, flow.dim, 11, 2);
  const context = contextFor(flow, 300).context as Matrix | undefined;
  const logProbOf = async (rows: readonly number[]): Promise<Float64Array> =>
    flow.logProb(pickRows(all, rows), {
      ...(noise && { noise: pickRows(noise, rows) }),
      ...(context && { context: pickRows(context, rows) }),
    });
  const inOrder = Array.from({ length: 300 }, (_, row) => row);
  const together = await logProbOf(inOrder);
  const shuffled = inOrder.map((row) => (row * 191 + 17) % 300);
  for (const rows of [shuffled, [299, 3, 17, 118, 0, 222, 64], [0], [118], [299]]) {
    expect(await logProbOf(rows)).toEqual(Float64Array.from(rows, (row) => together[row]!));
  }
}
