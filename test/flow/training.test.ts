import { describe, expect, it } from 'vitest';
import { bijection, chain, createFlow, invert, standardNormal } from '../../src/flow/index.ts';
import type { EvaluateOptions, Flow, Transform } from '../../src/flow/index.ts';
import { filled } from '../../src/nn/index.ts';
import { ops } from '../../src/program/index.ts';
import type { Scope, Value } from '../../src/program/index.ts';
import { difference } from './differences.ts';
import { expectClose, mean, normalRows } from './rows.ts';
import { flowOf, perturbed, transformCases } from './transforms.ts';

const dim = 2;
const shape = { k: 1, n: dim };
const momentum = 0.25;

/** z = (x - mean) / deviation, log|det| = -sum of log deviation. */
function normalise(x: Value, average: Value, variance: Value) {
  const logDeviation = ops.mul(0.5, ops.log(variance));
  return {
    x: ops.mul(ops.sub(x, average), ops.exp(ops.neg(logDeviation))),
    logDet: ops.neg(ops.sum(logDeviation, 'n')),
  };
}

/** Normalises by the batch in training and by running statistics elsewhere; a trained shift and scale follow. */
function batchNorm(): Transform {
  const running = (scope: Scope) => ({
    mean: scope.state('running_mean', shape, filled(0)),
    variance: scope.state('running_variance', shape, filled(1)),
  });
  return bijection({
    dim,
    forward: (scope, x) => {
      const { mean: average, variance } = running(scope);
      return normalise(x, average, variance);
    },
    inverse: (scope, z) => {
      const { mean: average, variance } = running(scope);
      const logDeviation = ops.mul(0.5, ops.log(variance));
      return {
        x: ops.add(ops.mul(z, ops.exp(logDeviation)), average),
        logDet: ops.sum(logDeviation, 'n'),
      };
    },
    batch: {
      apply: (_scope, x, _context, statistics) => normalise(x, statistics.mean, statistics.variance),
      update(statistics, values) {
        const blend = (name: string, found: Float64Array): void => {
          const kept = values.state(name);
          kept.forEach((value, j) => (kept[j] = (1 - momentum) * value + momentum * found[j]!));
        };
        blend('running_mean', statistics.mean);
        blend('running_variance', statistics.variance);
      },
    },
  });
}

/** z = x exp(s) + b, first set so that the first batch has mean 0 and deviation 1. */
function actNorm(): Transform {
  const parts = (scope: Scope) => {
    scope.state('initialised', { k: 1, n: 1 }, filled(0));
    return {
      shift: scope.parameter('shift', shape, filled(0)),
      logScale: scope.parameter('log_scale', shape, filled(0)),
    };
  };
  return bijection({
    dim,
    forward(scope, x) {
      const { shift, logScale } = parts(scope);
      return { x: ops.add(ops.mul(x, ops.exp(logScale)), shift), logDet: ops.sum(logScale, 'n') };
    },
    inverse(scope, z) {
      const { shift, logScale } = parts(scope);
      return {
        x: ops.mul(ops.sub(z, shift), ops.exp(ops.neg(logScale))),
        logDet: ops.neg(ops.sum(logScale, 'n')),
      };
    },
    initialise({ data, rows }, values) {
      const done = values.state('initialised');
      if (done[0] === 1) return;
      done[0] = 1;
      for (let j = 0; j < dim; j++) {
        const column = Array.from({ length: rows }, (_, i) => data[i * dim + j]!);
        const average = mean(column);
        const deviation = Math.sqrt(mean(column.map((value) => (value - average) ** 2)));
        values.parameter('log_scale')[j] = -Math.log(deviation);
        values.parameter('shift')[j] = -average / deviation;
      }
    },
  });
}

const coupling = transformCases.find(({ name }) => name === 'couplings of 2')!.transform;
const ode = transformCases.find(({ name }) => name === 'ode of 2, concatsquash, tanh')!.transform;

function columnsOf({ data }: { data: ArrayLike<number> }) {
  return Array.from({ length: dim }, (_, j) => {
    const column = Array.from(data).filter((_value, i) => i % dim === j);
    const average = mean(column);
    return { mean: average, variance: mean(column.map((value) => (value - average) ** 2)) };
  });
}

/** A rule for batches far from the ends, next to each other, at the end, and beside an ODE. */
const batchCases: Readonly<Record<string, Transform>> = {
  'first of two': chain([batchNorm(), coupling]),
  'last of two': chain([coupling, batchNorm()]),
  'twice in a row': chain([batchNorm(), batchNorm(), coupling]),
  'between couplings': chain([coupling, batchNorm(), coupling]),
  'before and after an ode': chain([batchNorm(), ode, batchNorm()]),
};

const exact = { precision: 'float64', solver: 'rk4', stepSize: 0.1 } as const;

describe.each(Object.entries(batchCases))('normalising by the batch, %s', (_, transform) => {
  const flow = perturbed(flowOf(transform));
  const x = normalRows(7, dim, 3, 2);

  it('has the gradient of its loss in training, through the statistics', async () => {
    const options = { ...exact, training: true };
    const { flat } = await flow.lossAndGradient(x, options);
    const parameters = flow.parameters.flat;
    const before = parameters.slice();
    const direction = normalRows(1, before.length, 5).data;
    const slope = await difference(async (t) => {
      before.forEach((value, i) => (parameters[i] = value + t * direction[i]!));
      const { loss } = await flow.lossAndGradient(x, options);
      parameters.set(before);
      return loss;
    }, 1e-3);
    const found = flat.reduce((sum, value, i) => sum + value * direction[i]!, 0);
    expect(Math.abs(found - slope)).toBeLessThan(1e-7 * Math.max(1, Math.abs(found)));
  });

  it('changes nothing by itself, and elsewhere counts what is kept', async () => {
    const kept = flow.state.flat.slice();
    const { state, loss } = await flow.lossAndGradient(x, { ...exact, training: true });
    expect(flow.state.flat).toEqual(kept);
    expect(state).not.toEqual(kept);
    const evaluated = await flow.lossAndGradient(x, exact);
    expect(evaluated.state).toBeNull();
    expect(evaluated.loss).toBeCloseTo(-mean(await flow.logProb(x, exact)), 12);
    expect(evaluated.loss).not.toBe(loss);
  });
});

describe('the statistics of a batch', () => {
  it('are the mean and the mean squared deviation of the rows that arrive', async () => {
    const flow = flowOf(chain([batchNorm(), coupling]));
    const x = normalRows(9, dim, 4, 3);
    const { state } = await flow.lossAndGradient(x, { ...exact, training: true });
    const expected = columnsOf(x);
    const view = (name: string) => flow.state.viewIn(state!, `chain.0.${name}`);
    expectClose(
      view('running_mean'),
      expected.map((column) => momentum * column.mean),
      1e-14,
    );
    expectClose(
      view('running_variance'),
      expected.map((column) => 1 - momentum + momentum * column.variance),
      1e-14,
    );
  });

  it('do not exist on the way back, nor in a flow without such layers', async () => {
    const x = normalRows(5, dim, 4);
    for (const transform of [invert(batchNorm()), coupling]) {
      const { state } = await perturbed(flowOf(transform)).lossAndGradient(x, { ...exact, training: true });
      expect(state).toBeNull();
    }
  });
});

describe('first values from data', () => {
  const x = normalRows(50, dim, 6, 4);

  it('are set one layer after the other', async () => {
    const flow = flowOf(chain([actNorm(), coupling, actNorm(), ode, actNorm()]));
    await flow.initialise(x, exact);
    // The first layer's map alone, and the whole: both end at mean 0 and deviation 1.
    for (const column of columnsOf((await flow.transform(x, exact)).z)) {
      expect(column.mean).toBeCloseTo(0, 12);
      expect(column.variance).toBeCloseTo(1, 12);
    }
    const first = flowOf(actNorm());
    for (const name of ['shift', 'log_scale'])
      first.parameters.set(name, flow.parameters.get(`chain.0.${name}`).data);
    for (const column of columnsOf((await first.transform(x, exact)).z)) {
      expect(column.variance).toBeCloseTo(1, 12);
    }
  });

  it('are set once, as the layer itself knows', async () => {
    const flow = flowOf(actNorm());
    await flow.initialise(x, exact);
    const parameters = flow.parameters.flat.slice();
    await flow.initialise(normalRows(50, dim, 7), exact);
    expect(flow.parameters.flat).toEqual(parameters);
  });

  it('leave other flows as they are, and layers that are used the other way round', async () => {
    for (const transform of [coupling, invert(actNorm())]) {
      const flow = perturbed(flowOf(transform));
      const parameters = flow.parameters.flat.slice();
      await flow.initialise(x, exact);
      expect(flow.parameters.flat).toEqual(parameters);
    }
  });
});

describe('the parts of a flow', () => {
  it('are those that it was made of, sharing its parameters', () => {
    const transform = chain([coupling]);
    const base = standardNormal(dim);
    const flow: Flow = createFlow({
      name: 'of a test',
      transform,
      base,
      configuration: { model: 'of a test', options: {} },
    });
    expect(flow.parts).toMatchObject({ transform, base });
    expect(flow.parts!.tables.trained).toBe(flow.parameters);
    expect(flow.parts!.tables.state).toBe(flow.state);
  });
});

it('refuses a `training` that is no boolean, and where nothing is trained', async () => {
  const flow = flowOf(coupling);
  const wrong = { training: 1 as unknown as boolean };
  await expect(flow.lossAndGradient([[0, 0]], wrong)).rejects.toThrow(
    /^training: expected true or false; got 1/,
  );
  await expect(flow.logProb([[0, 0]], { training: true } as EvaluateOptions)).rejects.toThrow(
    /Unknown option 'training'/,
  );
});
