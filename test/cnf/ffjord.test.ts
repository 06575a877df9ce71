import { describe, expect, it } from 'vitest';
import { continuous, ffjord, networkField } from '../../src/cnf/index.ts';
import type { FfjordOptions } from '../../src/cnf/index.ts';
import { chooseEngine } from '../../src/engine/index.ts';
import { Program, Scope, constant, input, modelTables } from '../../src/program/index.ts';
import { difference } from '../flow/differences.ts';
import { expectClose, mean, normalRows } from '../flow/rows.ts';
import { flowOf, perturbed, tight } from '../flow/transforms.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const activate = { tanh: Math.tanh, softplus: (x: number) => Math.log1p(Math.exp(x)) };

describe.each([
  { layer: 'concatsquash', activation: 'tanh' },
  { layer: 'concat', activation: 'softplus' },
] as const)('a field of $layer layers with $activation', ({ layer, activation }) => {
  it('is what its formula says', async () => {
    const tables = modelTables(3);
    const field = networkField({ hidden: [3], layer, activation });
    const [t, x, context] = [input('t', 1), input('x', 2), input('context', 1)];
    const program = new Program('field', [t, x, context], {
      dx: field(new Scope(tables, 'f'), t, x, context),
    });
    const parameters = { trained: tables.trained.flat, state: tables.state.flat };
    const inputs = {
      t: Float64Array.of(0.3, 0.8),
      x: Float64Array.of(0.5, -1, 2, 0.1),
      context: Float64Array.of(0.7, -0.4),
    };
    const { dx } = await chooseEngine('reference').run(program, parameters, 2, inputs);
    const get = (name: string): ArrayLike<number> => tables.trained.get(`f.layers.${name}`).data;
    const linear = (name: string, h: readonly number[], bias = true): number[] =>
      Array.from({ length: get(`${name}.weight`).length / h.length }, (_, i) =>
        h.reduce(
          (sum, value, j) => sum + value * get(`${name}.weight`)[i * h.length + j]!,
          bias ? get(`${name}.bias`)[i]! : 0,
        ),
      );
    const apply = (i: number, time: number, h: readonly number[]): number[] => {
      if (layer === 'concat') return linear(`${i}._layer`, [time, ...h]);
      const gate = linear(`${i}._hyper_gate`, [time]);
      const shift = linear(`${i}._hyper_bias`, [time], false);
      return linear(`${i}._layer`, h).map((value, j) => value * sigmoid(gate[j]!) + shift[j]!);
    };
    const expected = [0, 1].flatMap((row) => {
      const time = inputs.t[row]!;
      const first = apply(0, time, [inputs.x[2 * row]!, inputs.x[2 * row + 1]!, inputs.context[row]!]);
      return apply(1, time, first.map(activate[activation]));
    });
    expectClose(dx!, expected, 1e-14);
  });
});

describe('ffjord', () => {
  it('has the names of the published state_dict', () => {
    const flow = ffjord({ dim: 2, hidden: [3], blocks: 2, trainEndTime: true });
    const layerNames = [
      '_hyper_bias.weight',
      '_hyper_gate.bias',
      '_hyper_gate.weight',
      '_layer.bias',
      '_layer.weight',
    ];
    const expected = [0, 1].flatMap((i) => [
      ...[0, 1].flatMap((j) => layerNames.map((name) => `chain.${i}.odefunc.diffeq.layers.${j}.${name}`)),
      `chain.${i}.sqrt_end_time`,
    ]);
    expect(flow.parameters.names().toSorted()).toEqual(expected.toSorted());
    expect(flow).toMatchObject({ name: 'ffjord', dim: 2, contextDim: 0 });
    expect(flow.parameters.count).toBe(flow.parameters.flat.length);
    const weight = flow.parameters.get('chain.0.odefunc.diffeq.layers.0._layer.weight');
    expect([weight.rows, weight.cols]).toEqual([3, 2]);
  });

  it('has three hidden layers of 64, one block and an untrained end time by default', () => {
    const { parameters } = ffjord({ dim: 2 });
    const shapes = [0, 1, 2, 3].map((i) =>
      parameters.get(`chain.0.odefunc.diffeq.layers.${i}._layer.weight`),
    );
    expect(shapes.map(({ rows, cols }) => [rows, cols])).toEqual([
      [64, 2],
      [64, 64],
      [64, 64],
      [2, 64],
    ]);
    expect(parameters.names()).toHaveLength(20);
  });

  it('ends at the end time', async () => {
    const x = normalRows(3, 2, 1);
    const half = ffjord({ dim: 2, hidden: [4] });
    expect(await half.logProb(x)).toEqual(await ffjord({ dim: 2, hidden: [4], endTime: 0.5 }).logProb(x));
    expect(await half.logProb(x)).not.toEqual(await ffjord({ dim: 2, hidden: [4], endTime: 0.6 }).logProb(x));
    const trained = ffjord({ dim: 2, hidden: [4], endTime: 0.6, trainEndTime: true });
    expect(trained.parameters.get('chain.0.sqrt_end_time').data).toEqual(Float64Array.of(Math.sqrt(0.6)));
    // (sqrt 0.6)^2 is 0.6 up to a rounding.
    const fixed = await ffjord({ dim: 2, hidden: [4], endTime: 0.6 }).logProb(x, tight);
    expectClose(await trained.logProb(x, tight), fixed, 1e-9);
  });

  it('differentiates by the end time', async () => {
    const flow = perturbed(ffjord({ dim: 2, hidden: [5], blocks: 2, trainEndTime: true }));
    const x = normalRows(4, 2, 1);
    for (const options of [tight, { ...tight, trace: 'hutchinson' as const }]) {
      const { gradient } = await flow.lossAndGradient(x, options);
      for (const name of ['chain.0.sqrt_end_time', 'chain.1.sqrt_end_time']) {
        const { data } = flow.parameters.get(name);
        const [before] = data;
        const slope = await difference(async (t) => {
          data[0] = before! + t;
          const loss = -mean(await flow.logProb(x, options));
          data[0] = before!;
          return loss;
        }, 0.01);
        expect(Math.abs(slope - gradient.get(name)!.data[0]!)).toBeLessThan(1e-7);
      }
    }
  });

  it('begins with the parameters of its seed', () => {
    const flat = (options: object): Float64Array =>
      ffjord({ dim: 2, hidden: [4], ...options }).parameters.flat;
    expect(flat({})).toEqual(flat({ seed: 0 }));
    expect(flat({ seed: 7 })).toEqual(flat({ seed: 7 }));
    expect(flat({ seed: 7 })).not.toEqual(flat({ seed: 8 }));
  });

  it('remembers how it was made', () => {
    const options: FfjordOptions = { dim: 2, hidden: [4], seed: 3 };
    const { configuration } = ffjord(options);
    expect(configuration).toEqual({ model: 'ffjord', options });
    expect(configuration.options).not.toBe(options);
  });

  it.each([
    [{ dim: 0 }, 'invalid-argument', 'dim: expected a whole number from 1 to 1000000; got 0.'],
    [{ dim: 1.5 }, 'invalid-argument', 'dim: expected a whole number from 1 to 1000000; got 1.5.'],
    [{}, 'invalid-argument', 'dim: expected a whole number from 1 to 1000000; got undefined.'],
    [undefined, 'invalid-argument', 'options of ffjord: expected an object; got undefined.'],
    [
      { dim: 2, contextDim: -1 },
      'invalid-argument',
      'contextDim: expected a whole number from 0 to 1000000; got -1.',
    ],
    [{ dim: 2, hidden: 64 }, 'invalid-argument', 'hidden: expected an array of widths; got 64.'],
    [
      { dim: 2, hidden: [64, 0] },
      'invalid-argument',
      'hidden[1]: expected a whole number from 1 to 1000000; got 0.',
    ],
    [{ dim: 2, hidden: [1e6, 1e6] }, 'invalid-argument', /^ffjord: a model has at most 134217728 parameters/],
    [{ dim: 2, blocks: 0 }, 'invalid-argument', 'blocks: expected a whole number from 1 to 1000; got 0.'],
    [
      { dim: 2, blocks: 1e9 },
      'invalid-argument',
      'blocks: expected a whole number from 1 to 1000; got 1000000000.',
    ],
    [{ dim: 2, endTime: 0 }, 'invalid-argument', 'endTime: expected a positive number; got 0.'],
    [{ dim: 2, endTime: Infinity }, 'invalid-argument', 'endTime: expected a positive number; got Infinity.'],
    [{ dim: 2, trainEndTime: 'yes' }, 'invalid-argument', 'trainEndTime: expected true or false; got yes.'],
    [{ dim: 2, seed: -1 }, 'invalid-argument', 'seed: expected a whole number from 0; got -1.'],
    [
      { dim: 2, layer: 'concatsqash' },
      'unknown-name',
      /^Unknown layer 'concatsqash'\. Did you mean 'concatsquash'\? Known: ignore, concat, concat_v2, squash,/,
    ],
    [{ dim: 2, layer: 5 }, 'unknown-name', /^Unknown layer '5'\. Known: ignore, concat,/],
    [{ dim: 2, activation: 'tahn' }, 'unknown-name', /^Unknown activation 'tahn'\. Did you mean 'tanh'\?/],
    [{ dim: 2, activation: 'constructor' }, 'unknown-name', /^Unknown activation 'constructor'/],
    [{ dim: 2, hiden: [64] }, 'unknown-name', /^Unknown option of ffjord 'hiden'\. Did you mean 'hidden'\?/],
    [{ dim: 2, toString: 1 }, 'unknown-name', /^Unknown option of ffjord 'toString'\./],
  ])('refuses %j', (options, code, message) => {
    const make = ffjord as (options: unknown) => unknown;
    expect(() => make(options)).toThrow(
      expect.objectContaining({
        name: 'LiouvilleError',
        code,
        message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
      }),
    );
  });
});

describe('a field of the wrong width', () => {
  it('is refused when the flow is made, or when it is first used', async () => {
    const wrong = continuous({
      dim: 2,
      field: (_scope, _t, x) => constant([1, 2, 3], { k: 1, n: x.n + 1 }),
      fieldPath: 'field',
      endTime: () => constant([1], { k: 1, n: 1 }),
    });
    const use = async (): Promise<unknown> => flowOf(wrong).logProb([[1, 2]]);
    await expect(use()).rejects.toMatchObject({ name: 'LiouvilleError' });
  });
});
