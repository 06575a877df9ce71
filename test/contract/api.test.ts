import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as liouville from '../../src/index.ts';
import type { BatchLike, EvaluateOptions, FitOptions, Flow, Layer } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary.ts';

/*
 * What scripts outside rely on, call by call, as they would call it. The rooms' own tests go deeper; these say what may
 * not change.
 */

const { ffjord, realNVP, toy, fit, save, load, solve } = liouville;
const x = toy['moons']!(40, { seed: 1 });
const exact = { precision: 'float64', rtol: 1e-9, atol: 1e-9 } as const;
const flows: readonly (readonly [string, () => Flow])[] = [
  ['ffjord', () => ffjord({ dim: 2, hidden: [8, 8], endTime: 1 })],
  ['realnvp', () => realNVP({ dim: 2, layers: 2, hidden: [8] })],
];

describe.each(flows)('a flow: %s', (name, make) => {
  const flow = make();

  it('says log p(x) = log p_Z(z) + logDet, and goes back with the negative', async () => {
    const { z, logDet, status, nfe, engine } = await flow.transform(x, exact);
    const logProb = await flow.logProb(x, exact);
    for (let i = 0; i < x.rows; i++) {
      const square = z.data[2 * i]! ** 2 + z.data[2 * i + 1]! ** 2;
      expect(logProb[i]).toBeCloseTo(-Math.log(2 * Math.PI) - square / 2 + logDet[i]!, 9);
    }
    expect([logProb, logDet].every((values) => values instanceof Float64Array)).toBe(true);
    expect(status).toEqual(Array.from({ length: x.rows }, () => 'ok'));
    expect(liouville.engineNames).toContain(engine);
    // One step of dopri5 takes six evaluations beside the first, which is counted.
    if (name === 'realnvp') expect(nfe).toBeNull();
    else expect([nfe!.mean >= 7, nfe!.max >= nfe!.mean]).toEqual([true, true]);

    const back = await flow.inverse(z, exact);
    back.x.data.forEach((value, i) => expect(value).toBeCloseTo(x.data[i]!, 6));
    back.logDet.forEach((value, i) => expect(value).toBeCloseTo(-logDet[i]!, 6));
  });

  it('has the mean negative log-likelihood as its loss, and gradients of the shape of its parameters', async () => {
    const { loss, gradient } = await flow.lossAndGradient(x, { ...exact, trace: 'exact' });
    const logProb = await flow.logProb(x, exact);
    expect(loss).toBeCloseTo(-logProb.reduce((sum, value) => sum + value, 0) / x.rows, 7);
    expect([...gradient.keys()]).toEqual(flow.parameters.names());
    for (const [key, { rows, cols }] of gradient) {
      const parameter = flow.parameters.get(key);
      expect([rows, cols]).toEqual([parameter.rows, parameter.cols]);
    }
  });

  it('keeps its parameters as one flat array behind names', () => {
    const { parameters } = make();
    expect(parameters.flat).toBeInstanceOf(Float64Array);
    expect(parameters.count).toBe(parameters.flat.length);
    let total = 0;
    for (const key of parameters.names()) {
      const { data, rows, cols } = parameters.get(key);
      expect(data).toHaveLength(rows * cols);
      if (key.endsWith('bias')) expect(rows).toBe(1);
      total += data.length;
    }
    expect(total).toBe(parameters.count);
    const [first] = parameters.names();
    parameters.set(first!, new Float64Array(parameters.get(first!).data.length).fill(7));
    expect(parameters.flat).toContain(7);
  });

  it('computes with the rows and parameters that it had when a call began', async () => {
    const [before, now] = [make(), make()];
    const rows = { ...x, data: Float64Array.from(x.data) };
    const calls = [now.logProb(rows), now.lossAndGradient(rows), now.sample(5, { seed: 2 })] as const;
    rows.data.fill(9);
    now.parameters.flat.fill(0.5);
    const [logProb, { loss }, drawn] = await Promise.all(calls);
    expect(logProb).toEqual(await before.logProb(x));
    expect(loss).toBe((await before.lossAndGradient(x)).loss);
    expect(drawn).toEqual(await before.sample(5, { seed: 2 }));
  });

  it.each<EvaluateOptions>([{}, { trace: 'hutchinson', probes: 2 }, { trace: 'hutch++', probes: 3 }])(
    'has the same bits for a seed on any number of threads: %j',
    async (options) => {
      const one = await flow.logProb(x, { ...options, seed: 5, threads: 1 });
      expect(await flow.logProb(x, { ...options, seed: 5, threads: 3 })).toEqual(one);
      const drawn = await flow.sample(9, { ...options, seed: 5, threads: 1 });
      expect(await flow.sample(9, { ...options, seed: 5, threads: 3 })).toEqual(drawn);
      expect((await flow.sample(9, { ...options, seed: 6 })).data).not.toEqual(drawn.data);
      expect([drawn.rows, drawn.cols, drawn.data.length]).toEqual([9, 2, 18]);
    },
  );

  it('takes nested arrays, matrices and tensors', async () => {
    const batches: readonly BatchLike[] = [
      [
        [0, 1],
        [2, 3],
      ],
      { data: Float32Array.of(0, 1, 2, 3), rows: 2, cols: 2 },
      { shape: [2, 2], dataSync: () => [0, 1, 2, 3] },
    ];
    const all = await Promise.all(batches.map((batch) => flow.logProb(batch)));
    expect(all.slice(1)).toEqual([all[0], all[0]]);
  });

  it('is saved and loaded from a path and from bytes', async () => {
    const path = join(temporaryFolder(), 'flow.safetensors');
    await save(flow, path);
    const expected = await flow.logProb(x);
    for (const source of [path, new Uint8Array(readFileSync(path))]) {
      const loaded = await load(source);
      expect(await loaded.logProb(x)).toEqual(expected);
      expect([loaded.name, loaded.dim, loaded.contextDim]).toEqual([name, 2, 0]);
    }
  });

  it('is trained by fit, which tells each step and leaves a run folder', async () => {
    const checkpoint = join(temporaryFolder(), 'run');
    const trained = make();
    const steps: number[] = [];
    const options: FitOptions = {
      steps: 12,
      batchSize: 20,
      learningRate: 1e-2,
      weightDecay: 1e-3,
      clipNorm: 1,
      schedule: 'cosine',
      ema: 0.9,
      validation: toy['moons']!(20, { seed: 2 }),
      patience: 30,
      checkpoint,
      checkpointEvery: 5,
      seed: 3,
      onStep: ({ step, loss, secondsPerStep, nfe }) => {
        steps.push(step);
        expect([loss, secondsPerStep].every((value) => Number.isFinite(value))).toBe(true);
        if (name === 'ffjord') expect(nfe).toBeGreaterThan(0);
      },
    };
    const result = await fit(trained, x, options);
    expect(steps).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(result).toMatchObject({ steps: 12, bestValidation: expect.any(Number) as number });
    expect(result.history.map(({ step }) => step)).toEqual(steps);
    expect(readdirSync(checkpoint)).toEqual(['checkpoint.safetensors', 'metrics.jsonl', 'model.safetensors']);
    const again = make();
    await fit(again, x, { ...options, checkpoint: join(temporaryFolder(), 'again'), threads: 1 });
    expect(again.parameters.flat).toEqual(trained.parameters.flat);
    const plain = await fit(make(), x, { steps: 1, schedule: 'linear' });
    expect(plain.bestValidation).toBeNull();
  });
});

describe('a call', () => {
  const flow = ffjord({ dim: 2, hidden: [8] });

  it('takes the probe itself in place of a seed', async () => {
    const noise = { data: new Float64Array(80).fill(1), rows: 40, cols: 2 };
    expect(await flow.logProb(x, { noise, seed: 1 })).toEqual(await flow.logProb(x, { noise, seed: 2 }));
    await expect(flow.logProb(x, { noise, probes: 2 })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('reports rows that failed as NaN with a status, where that is asked for', async () => {
    const options = { maxSteps: 1, onFailure: 'report' } as const;
    const { z, logDet, status } = await flow.transform(x, options);
    expect(status).toEqual(Array.from({ length: 40 }, () => 'max-steps'));
    expect([...z.data, ...logDet].every(Number.isNaN)).toBe(true);
    expect((await flow.logProb(x, options)).every(Number.isNaN)).toBe(true);
  });

  it('computes in float64 on the reference engine, whatever is asked', async () => {
    const single = await flow.logProb(x, { engine: 'reference', precision: 'float32' });
    expect(single).toEqual(await flow.logProb(x, { engine: 'reference', precision: 'float64' }));
  });

  it.each<[code: string, EvaluateOptions | undefined, BatchLike?]>([
    ['shape-mismatch', {}, [[1, 2, 3]]],
    ['invalid-data', {}, [[1, NaN]]],
    ['unknown-name', { solver: 'dopri6' }],
    ['unknown-name', { engine: 'nativ' as 'native' }],
    ['invalid-argument', { rtol: 1e-7 }],
    ['invalid-argument', { solver: 'rk4' }],
    ['invalid-argument', { precision: 'float16' as 'float32' }],
    ['numerical-failure', { maxSteps: 1 }],
    ['aborted', { signal: AbortSignal.abort() }],
  ])('refuses with the code %s: %j', async (code, options, rows = x) => {
    const refusal = await flow.logProb(rows, options).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(liouville.LiouvilleError);
    expect(refusal).toMatchObject({ code });
  });

  it('names float64 where single precision cannot hold the tolerance', async () => {
    await expect(flow.logProb(x, { atol: 1e-7 })).rejects.toThrow(/float64/);
  });
});

describe('models', () => {
  const layers = Object.keys(liouville.layers) as Layer[];
  const activations = [
    'tanh',
    'softplus',
    'elu',
    'relu',
    'swish',
    'square',
    'sin',
    'gelu',
    'identity',
  ] as const;

  it.each(layers)('ffjord has the layer %s, every activation and all options', (layer) => {
    for (const activation of activations) {
      const rest = { contextDim: 1, blocks: 2, endTime: 1, trainEndTime: true, residual: true, seed: 1 };
      const { dim } = ffjord({ dim: 2, hidden: [3], layer, activation, batchNorm: true, ...rest });
      expect(dim).toBe(2);
    }
    const promised = [
      'ignore',
      'concat',
      'concat_v2',
      'squash',
      'concatsquash',
      'concatcoord',
      'blend',
      'hyper',
    ];
    expect(layers).toEqual(expect.arrayContaining(promised));
  });

  it.each([liouville.nice, liouville.realNVP, liouville.maf, liouville.iaf])(
    '$name takes its options',
    (make) => {
      const { dim, contextDim } = make({ dim: 3, contextDim: 2, layers: 2, hidden: [4], seed: 1 });
      expect([dim, contextDim]).toEqual([3, 2]);
    },
  );

  it('have the names that were promised', () => {
    const promised =
      'gaussian ffjord nice realnvp glow maf iaf nsf nsf-ar planar radial sylvester residual cnf-fm otflow';
    expect(liouville.modelNames).toEqual(expect.arrayContaining(promised.split(' ')));
  });
});

it('toys have the promised names, and rows of two numbers', () => {
  const names = 'moons circles rings pinwheel swissroll 8gaussians checkerboard 2spirals siggraph'.split(' ');
  expect(Object.keys(toy).toSorted()).toEqual(names.toSorted());
  for (const name of names) {
    const drawn = toy[name]!(30, { seed: 2 });
    expect([drawn.rows, drawn.cols]).toEqual([30, 2]);
    expect(drawn).toEqual(toy[name]!(30, { seed: 2 }));
    expect(drawn).not.toEqual(toy[name]!(30, { seed: 3 }));
  }
});

describe('solve', () => {
  const turn = (_: number, y: Float64Array, dydt: Float64Array): void => {
    [dydt[0], dydt[1]] = [y[1]!, -y[0]!];
  };

  it('gives the end, the times that were asked for, and what it cost', () => {
    const times = [1, 2, 3];
    const solution = solve(turn, [0, 1], 0, 3, { rtol: 1e-9, atol: [1e-9, 1e-10], times });
    expect(solution).toMatchObject({ t: 3, status: 'ok' });
    expect([...solution.y]).toEqual([expect.closeTo(Math.sin(3), 7), expect.closeTo(Math.cos(3), 7)]);
    expect(solution.at!.map(([y]) => y)).toEqual(times.map((t) => expect.closeTo(Math.sin(t), 7) as number));
    expect(solution.nfe).toBeGreaterThanOrEqual(6 * (solution.steps + solution.rejected));
  });

  it('counts the evaluations of fixed steps exactly', () => {
    const { nfe, steps } = solve(turn, [0, 1], 0, 1, { solver: 'rk4', stepSize: 0.125 });
    expect({ nfe, steps }).toEqual({ nfe: 32, steps: 8 });
  });

  it('throws, or reports, what failed', () => {
    const ending = (t: number, _: Float64Array, dydt: Float64Array): void =>
      void (dydt[0] = t > 0.5 ? NaN : 1);
    expect(() => solve(ending, [0], 0, 1)).toThrow(expect.objectContaining({ code: 'numerical-failure' }));
    const { status, t } = solve(ending, [0], 0, 1, { onFailure: 'report' });
    expect([status, t]).toEqual(['non-finite', expect.closeTo(0.5, 3)]);
    expect(solve(turn, [0, 1], 0, 99, { maxSteps: 2, onFailure: 'report' }).status).toBe('max-steps');
  });
});
