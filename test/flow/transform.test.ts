import { describe, expect, it } from 'vitest';
import { affineCoupling } from '../../src/discrete/index.ts';
import { bijection, chain, createFlow, invert } from '../../src/flow/index.ts';
import type { Transform } from '../../src/flow/index.ts';
import { filled } from '../../src/nn/index.ts';
import { constant, ops, scalar } from '../../src/program/index.ts';
import { block, linearField } from '../cnf/fields.ts';
import { expectClose, normalRows } from './rows.ts';
import { flowOf, perturbed } from './transforms.ts';

/** z = a x + b: what does not commute shows the order. */
function line(a: number, b: number): Transform {
  return bijection({
    dim: 1,
    forward: (_scope, x) => ({ x: ops.add(ops.mul(a, x), b), logDet: scalar(Math.log(a)) }),
    inverse: (_scope, z) => ({ x: ops.div(ops.sub(z, b), a), logDet: scalar(-Math.log(a)) }),
  });
}

describe('chain', () => {
  it('has its first part nearest to the data', async () => {
    const flow = flowOf(chain([line(2, 1), line(3, -4)]));
    const { z, logDet } = await flow.transform([[5]]);
    expect([...z.data]).toEqual([29]);
    expectClose(logDet, [Math.log(6)], 1e-15);
    const back = await flow.inverse([[29]]);
    expect([...back.x.data]).toEqual([5]);
    expectClose(back.logDet, [-Math.log(6)], 1e-15);
  });

  it('names the parameters of part i chain.i, however deep', () => {
    const part = affineCoupling({ dim: 2, contextDim: 0, kept: [0], hidden: [], activation: 'tanh' });
    const { parameters } = flowOf(chain([part, invert(chain([part, part]))]));
    const weights = parameters.names().filter((name) => name.endsWith('.weight'));
    expect(weights.toSorted()).toEqual(
      ['chain.0', 'chain.1.chain.0', 'chain.1.chain.1'].map((path) => `${path}.conditioner.layers.0.weight`),
    );
  });

  it('shows the context to the parts that declare it, and to no other', async () => {
    const part = (contextDim: number): Transform =>
      affineCoupling({ dim: 2, contextDim, kept: [0], hidden: [], activation: 'tanh' });
    const seen: (number | null)[] = [];
    const continuousPart = block(2, (_scope, _t, x, context) => {
      seen.push(context && context.n);
      return x;
    });
    const flow = perturbed(flowOf(chain([part(0), part(3), continuousPart])));
    const inputs = (i: number): number => flow.parameters.get(`chain.${i}.conditioner.layers.0.weight`).cols;
    expect([inputs(0), inputs(1)]).toEqual([1, 4]);
    await flow.logProb(normalRows(2, 2, 1), { context: normalRows(2, 3, 1) });
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen)).toEqual(new Set([null]));
    expect(flow.contextDim).toBe(3);
  });
});

describe('invert', () => {
  it('goes the other way, with the same parameters, and twice is nothing', async () => {
    const part = chain([
      affineCoupling({ dim: 2, contextDim: 0, kept: [0], hidden: [3], activation: 'tanh' }),
      block(
        2,
        linearField([
          [0.1, 1],
          [-1, 0.2],
        ]),
      ),
    ]);
    const [flow, inverted, twice] = [part, invert(part), invert(invert(part))].map((x) =>
      perturbed(flowOf(x)),
    );
    const x = normalRows(4, 2, 1);
    expect(inverted!.parameters.names().toSorted()).toEqual(flow!.parameters.names().toSorted());
    for (const name of flow!.parameters.names()) {
      inverted!.parameters.set(name, flow!.parameters.get(name).data);
    }
    const forward = await flow!.transform(x);
    const backward = await inverted!.inverse(x);
    expect(backward.x).toEqual(forward.z);
    expect(backward.logDet).toEqual(forward.logDet);
    expect(await twice!.logProb(x)).toEqual(await flow!.logProb(x));
  });
});

describe('another base', () => {
  it('fits without change: a trained normal, with noise and density of its own', async () => {
    const shape = { k: 1, n: 1 };
    const flow = createFlow({
      name: 'shifted',
      transform: line(2, 0),
      base: {
        dim: 1,
        noise: 'uniform',
        noiseDim: 2,
        /** The triangular distribution on (0, 2), moved. */
        sample: (scope, noise) => ops.add(ops.sum(noise, 'n'), scope.parameter('center', shape, filled(3))),
        logDensity: (scope, z) => {
          const u = ops.sub(z, scope.parameter('center', shape, filled(3)));
          return ops.log(ops.sub(1, ops.abs(ops.sub(u, constant([1], shape)))));
        },
      },
      configuration: { model: 'shifted', options: {} },
    });
    expect(flow.parameters.names()).toEqual(['base.center']);
    const samples = await flow.sample(500);
    expect(samples).toMatchObject({ rows: 500, cols: 1 });
    expect(Math.min(...samples.data)).toBeGreaterThan(1.5);
    expect(Math.max(...samples.data)).toBeLessThan(2.5);
    // At x = 2, z = 4 is the top of the triangle.
    expectClose(await flow.logProb([[2], [1.75]]), [Math.log(2), Math.log(2) + Math.log(0.5)], 1e-14);
    const { gradient } = await flow.lossAndGradient([[1.75]]);
    expectClose(gradient.get('base.center')!.data, [2], 1e-12);
  });
});
