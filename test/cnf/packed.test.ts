import { describe, expect, test } from 'vitest';
import { cnfFm, ffjord, flowMatching, isPackable, otflow, packed } from '../../src/cnf/index.ts';
import type { FfjordOptions } from '../../src/cnf/index.ts';
import { realNVP } from '../../src/discrete/index.ts';
import type { Flow } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { expectClose, normalRows } from '../flow/rows.ts';
import { perturbed, tight } from '../flow/transforms.ts';

const cases: readonly [name: string, options: FfjordOptions][] = [
  ['context in the layers', { dim: 3, contextDim: 2, hidden: [6, 5], conditioning: 'layers' }],
  ['context in the input, two blocks', { dim: 2, contextDim: 2, hidden: [6], blocks: 2 }],
  ['no context, concat', { dim: 3, hidden: [5], layer: 'concat' }],
  [
    'residual, hyper, trained end time',
    { dim: 2, hidden: [4], residual: true, layer: 'hyper', trainEndTime: true },
  ],
];

/** The rows of packs of `count`, and the context of each row. */
function batch(
  flow: Flow,
  packs: number,
  count: number,
): { x: Matrix; contexts: Matrix | null; each: Matrix | null } {
  const x = normalRows(packs * count, flow.dim, 4, 0.7);
  if (flow.contextDim === 0) return { x, contexts: null, each: null };
  const contexts = normalRows(packs, flow.contextDim, 5);
  const { cols } = contexts;
  const data = Float64Array.from({ length: packs * count * cols }, (_, i) => {
    return contexts.data[Math.floor(i / cols / count) * cols + (i % cols)]!;
  });
  return { x, contexts, each: { data, rows: packs * count, cols } };
}

const asPacks = (x: Matrix, count: number): Matrix => ({ ...x, rows: x.rows / count, cols: x.cols * count });
const withContext = (context: Matrix | null): { context?: Matrix } => (context === null ? {} : { context });

describe.each(cases)('packs of a flow, %s', (_name, options) => {
  const flow = perturbed(ffjord(options));
  const [packs, count] = [5, 4];
  const several = packed(flow, count);
  const { x, contexts, each } = batch(flow, packs, count);

  test('have the sum of the log-densities of their rows', async () => {
    const single = await flow.logProb(x, { ...tight, ...withContext(each) });
    const sums = Array.from({ length: packs }, (_, i) =>
      single.subarray(i * count, (i + 1) * count).reduce((a, b) => a + b),
    );
    const found = await several.logProb(asPacks(x, count), { ...tight, ...withContext(contexts) });
    expectClose(found, sums, 1e-8);
  });

  test('have the gradient of the same loss', async () => {
    const single = await flow.lossAndGradient(x, { ...tight, ...withContext(each) });
    const found = await several.lossAndGradient(asPacks(x, count), { ...tight, ...withContext(contexts) });
    expect(found.loss).toBeCloseTo(count * single.loss, 8);
    expectClose(
      found.flat,
      single.flat.map((value) => count * value),
      1e-7,
    );
  });

  test('go to the latent space and back as their rows do', async () => {
    const single = await flow.inverse(x, { ...tight, ...withContext(each) });
    const found = await several.inverse(asPacks(x, count), { ...tight, ...withContext(contexts) });
    expectClose(found.x.data, single.x.data, 1e-8);
  });

  test('have the same Hutchinson estimate for the same probes', async () => {
    // Of signs, since packs estimate the known part of a residual field's trace, too: that of signs is exact.
    const normals = normalRows(x.rows, flow.dim, 6);
    const probes = { ...normals, data: Float64Array.from(normals.data, Math.sign) };
    const estimated = { ...tight, trace: 'hutchinson', probes: 1 } as const;
    const single = await flow.logProb(x, { ...estimated, noise: probes, ...withContext(each) });
    const found = await several.logProb(asPacks(x, count), {
      ...estimated,
      noise: asPacks(probes, count),
      ...withContext(contexts),
    });
    const sums = found.map((_, i) => single.subarray(i * count, (i + 1) * count).reduce((a, b) => a + b));
    expectClose(found, sums, 1e-7);
  });
});

describe('packed', () => {
  test('shares its parameters with the flow', async () => {
    const flow = ffjord({ dim: 2, hidden: [3] });
    const several = packed(flow, 2);
    expect(several.parameters).toBe(flow.parameters);
    const before = await several.logProb([[1, 2, 3, 4]]);
    flow.parameters.flat.fill(0.1);
    expect(await several.logProb([[1, 2, 3, 4]])).not.toEqual(before);
  });

  test('lets several probes be averaged', async () => {
    const flow = perturbed(ffjord({ dim: 2, hidden: [3] }));
    const several = packed(flow, 2);
    const exact = await several.logProb([[1, 2, 3, 4]], tight);
    const estimate = await several.logProb([[1, 2, 3, 4]], { ...tight, trace: 'hutchinson', probes: 400 });
    expect(Math.abs(estimate[0]! - exact[0]!)).toBeLessThan(0.1);
  });

  test('trains by flow matching', async () => {
    const flow = packed(cnfFm({ dim: 2, contextDim: 1, hidden: [4], conditioning: 'layers' }), 3);
    const x = normalRows(8, 6, 1);
    const { flat } = await flowMatching({ coupling: 'independent' }).evaluate(flow, x, {
      context: normalRows(8, 1, 2),
    });
    expect(flat.some((value) => value !== 0)).toBe(true);
  });

  test('pairs the rows of packs, and not the packs, with noise', async () => {
    const flow = cnfFm({ dim: 2, contextDim: 1, hidden: [4], conditioning: 'layers' });
    flow.parameters.flat.fill(0);
    const [x, context] = [normalRows(64, 2, 1), { data: new Float64Array(64), rows: 64, cols: 1 }];
    const of = async (rows: Matrix, pack: number, pairedAtOnce: number): Promise<number> => {
      const contexts = { ...context, data: context.data.slice(0, 64 / pack), rows: 64 / pack };
      const whole = pack === 1 ? flow : packed(flow, pack);
      const objective = flowMatching({ pairedAtOnce });
      return (await objective.evaluate(whole, rows, { seed: 1, context: contexts })).loss / pack;
    };
    // Of a field that is zero, the loss is the mean squared length of the ways.
    const single = await of(x, 1, 32);
    expect(await of(asPacks(x, 4), 4, 32)).toBeCloseTo(single, 5);
    expect(await of(asPacks(x, 4), 4, 1)).toBeGreaterThan(1.5 * single);
  });

  test('refuses flows whose rows cannot lie side by side', () => {
    const others = [realNVP({ dim: 2 }), otflow({ dim: 2 }), ffjord({ dim: 2, batchNorm: true })];
    for (const flow of others) {
      expect(isPackable(flow)).toBe(false);
      expect(() => packed(flow, 2)).toThrow(
        `packed: expected a flow of continuous transforms by networks; '${flow.name}' has other parts.`,
      );
    }
  });
});
