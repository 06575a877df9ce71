import { describe, expect, it } from 'vitest';
import { batchNorm, glow, maf, masks, affineCoupling } from '../../src/discrete/index.ts';
import { actNorm, chain } from '../../src/flow/index.ts';
import { load } from '../../src/models/index.ts';
import { encodeFlow } from '../../src/train/save.ts';
import { difference } from '../flow/differences.ts';
import { expectClose, mean, normalRows } from '../flow/rows.ts';
import { flowOf, perturbed } from '../flow/transforms.ts';

const exact = { precision: 'float64' } as const;
const training = { ...exact, training: true } as const;

function columns(data: ArrayLike<number>, dim: number): { mean: number; variance: number }[] {
  return Array.from({ length: dim }, (_, j) => {
    const column = Array.from(data).filter((_value, i) => i % dim === j);
    const average = mean(column);
    return { mean: average, variance: mean(column.map((x) => (x - average) ** 2)) };
  });
}

describe('actNorm', () => {
  it('is set by the first batch, and not again after a reload', async () => {
    const flow = glow({ dim: 3, layers: 2, hidden: [6] });
    const x = normalRows(40, 3, 1, 5);
    await flow.initialise(x, exact);
    const set = flow.parameters.flat.slice();
    const loaded = await load(encodeFlow(flow));
    expect(loaded.state.flat).toEqual(flow.state.flat);
    await loaded.initialise(normalRows(40, 3, 2, 9), exact);
    expect(loaded.parameters.flat).toEqual(set);
    const fresh = glow({ dim: 3, layers: 2, hidden: [6] });
    await fresh.initialise(normalRows(40, 3, 2, 9), exact);
    expect(fresh.parameters.flat).not.toEqual(set);
  });

  it('gives the first batch mean 0 and deviation 1; a constant feature is only moved', async () => {
    const flow = flowOf(actNorm({ dim: 3 }));
    const x = normalRows(30, 3, 1, 4);
    for (let row = 0; row < 30; row++) x.data[3 * row + 1] = 7;
    await flow.initialise(x, exact);
    const found = columns((await flow.transform(x, exact)).z.data, 3);
    expectClose(
      found.map((column) => column.mean),
      [0, 0, 0],
      1e-12,
    );
    expectClose(
      found.map((column) => column.variance),
      [1, 0, 1],
      1e-12,
    );
    expect(flow.parameters.get('log_scale').data[1]).toBe(0);
  });
});

describe('batchNorm', () => {
  const layer = batchNorm({ dim: 2, momentum: 0.3, epsilon: 1e-3 });

  it('normalises by the batch in training, by the running statistics otherwise', async () => {
    const flow = flowOf(layer);
    const x = normalRows(50, 2, 4, 3);
    const expected = columns(x.data, 2);
    const { loss, state } = await flow.lossAndGradient(x, training);
    const logDet = -0.5 * expected.reduce((sum, { variance }) => sum + Math.log(variance + 1e-3), 0);
    const squares = expected.reduce((sum, { variance }) => sum + variance / (variance + 1e-3), 0);
    expect(loss).toBeCloseTo(squares / 2 + Math.log(2 * Math.PI) - logDet, 10);
    expectClose(
      flow.state.viewIn(state!, 'running_variance'),
      expected.map(({ variance }) => 1 + 0.3 * (variance - 1)),
      1e-12,
    );
    expectClose(
      flow.state.viewIn(state!, 'running_mean'),
      expected.map((column) => 0.3 * column.mean),
      1e-12,
    );
    // Nothing is running yet: mean 0, variance 1.
    const { z } = await flow.transform([[2, -3]], exact);
    expectClose(z.data, [2 / Math.sqrt(1.001), -3 / Math.sqrt(1.001)], 1e-12);
  });

  it('has the gradient of its training loss, through mean and variance, between couplings', async () => {
    const coupling = (i: number) =>
      affineCoupling({ dim: 2, kept: masks.alternating(2, i), hidden: [5], activation: 'tanh' });
    const flow = perturbed(flowOf(chain([coupling(0), layer, coupling(1), layer])));
    const x = normalRows(9, 2, 3, 2);
    const { flat } = await flow.lossAndGradient(x, training);
    const parameters = flow.parameters.flat;
    const before = parameters.slice();
    const direction = normalRows(1, before.length, 5).data;
    const slope = await difference(async (t) => {
      before.forEach((value, i) => (parameters[i] = value + t * direction[i]!));
      const { loss } = await flow.lossAndGradient(x, training);
      parameters.set(before);
      return loss;
    }, 1e-3);
    const found = flat.reduce((sum, value, i) => sum + value * direction[i]!, 0);
    expect(Math.abs(found - slope)).toBeLessThan(1e-7 * Math.max(1, Math.abs(found)));
  });

  it('is in a maf that asks for it, once a layer', () => {
    const names = maf({ dim: 3, hidden: [4], layers: 2, batchNorm: true }).state.names();
    expect(names).toEqual([
      'chain.1.running_mean',
      'chain.1.running_variance',
      'chain.3.running_mean',
      'chain.3.running_variance',
    ]);
    expect(maf({ dim: 3 }).state.names()).toEqual([]);
  });

  it.each([
    [() => batchNorm({ dim: 2, momentum: 0 }), /^momentum: /],
    [() => batchNorm({ dim: 2, momentum: 1.5 }), /^1 - momentum: /],
    [() => batchNorm({ dim: 2, epsilon: 0 }), /^epsilon: /],
    [() => maf({ dim: 2, batchNorm: 1 as unknown as boolean }), /^batchNorm: expected true or false; got 1/],
  ])('refuses %s', (make, message) => {
    expect(make).toThrow(message);
  });
});
