import { describe, expect, it } from 'vitest';
import { ffjord } from '../../src/cnf/index.ts';
import { affineCoupling, realNVP } from '../../src/discrete/index.ts';
import { diagnose } from '../../src/engine/index.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { bijection, chain, createFlow, standardNormal } from '../../src/flow/index.ts';
import { scalar } from '../../src/program/index.ts';
import { flowOf } from './transforms.ts';

/** As JavaScript would call it. */
type Loose = Record<
  'logProb' | 'transform' | 'inverse' | 'sample' | 'lossAndGradient',
  (...args: unknown[]) => Promise<unknown>
>;

const flow = ffjord({ dim: 2, hidden: [4] }) as unknown as Loose;
const conditioned = realNVP({ dim: 2, contextDim: 3, hidden: [4], layers: 2 }) as unknown as Loose;
const x = [
  [0.1, 0.2],
  [0.3, 0.4],
];
const context = [
  [1, 2, 3],
  [4, 5, 6],
];

/** The calls that take rows, and what they call them. */
const calls = [
  ['logProb', 'x'],
  ['transform', 'x'],
  ['inverse', 'z'],
  ['lossAndGradient', 'x'],
] as const;

async function expectRefusal(
  call: Promise<unknown>,
  code: ErrorCode,
  message: string | RegExp,
): Promise<void> {
  await expect(call).rejects.toMatchObject({
    name: 'LiouvilleError',
    code,
    message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
  });
}

const wrongRows: [name: string, rows: unknown, code: ErrorCode, message: string | RegExp][] = [
  [
    'NaN',
    [
      [1, 2],
      [3, NaN],
    ],
    'invalid-data',
    ': expected finite numbers; row 1, column 1 is NaN.',
  ],
  [
    'an infinity',
    [
      [1, 2],
      [-Infinity, 4],
    ],
    'invalid-data',
    ': expected finite numbers; row 1, column 0 is -Infinity.',
  ],
  ['null', [[1, null]], 'invalid-data', ': expected numbers; row 0, column 1 is null.'],
  ['undefined', [[1, undefined]], 'invalid-data', ': expected numbers; row 0, column 1 is undefined.'],
  ['text', [['1', '2']], 'invalid-data', ': expected numbers; row 0, column 0 is a string.'],
  [
    'big integers',
    { data: BigInt64Array.of(1n, 2n), rows: 1, cols: 2 },
    'invalid-data',
    ': expected numbers; row 0, column 0 is a bigint.',
  ],
  [
    'other widths',
    [[1, 2, 3]],
    'shape-mismatch',
    ': expected any number of rows of 2 numbers; got 1 rows of 3.',
  ],
  ['no columns', [[], []], 'shape-mismatch', ': expected any number of rows of 2 numbers; got 2 rows of 0.'],
  ['no rows', [], 'invalid-data', ': expected at least one row; got none.'],
  [
    'a matrix without rows',
    { data: new Float64Array(0), rows: 0, cols: 2 },
    'invalid-data',
    ': expected at least one row; got none.',
  ],
  ['ragged rows', [[1, 2], [3, 4], [5]], 'shape-mismatch', ': row 0 has 2 numbers; row 2 has 1.'],
  ['a flat array', [1, 2], 'shape-mismatch', ': row 0 has 0 numbers; row 0 is not an array.'],
  ['a hole', [[1, 2], undefined], 'shape-mismatch', ': row 0 has 2 numbers; row 1 is not an array.'],
  [
    'data that is too short',
    { data: new Float64Array(3), rows: 2, cols: 2 },
    'shape-mismatch',
    ': 2 rows of 2 are 4 numbers; the data has 3.',
  ],
  [
    'data that is too long',
    { data: new Float64Array(5), rows: 2, cols: 2 },
    'shape-mismatch',
    ': 2 rows of 2 are 4 numbers; the data has 5.',
  ],
  [
    'half a row',
    { data: new Float64Array(3), rows: 1.5, cols: 2 },
    'invalid-argument',
    /got an object with data, rows, cols\.$/,
  ],
  [
    'a matrix without data',
    { data: null, rows: 1, cols: 2 },
    'invalid-argument',
    /got an object with data, rows, cols\.$/,
  ],
  [
    'a tensor of one axis',
    { shape: [2], dataSync: () => [1, 2] },
    'shape-mismatch',
    ': expected a tensor of 2 axes; got the shape [2].',
  ],
  [
    'a tensor of three axes',
    { shape: [1, 1, 2], dataSync: () => [1, 2] },
    'shape-mismatch',
    ': expected a tensor of 2 axes; got the shape [1, 1, 2].',
  ],
  [
    'a tensor of unknown shape',
    { shape: [null, 2], dataSync: () => [1, 2] },
    'shape-mismatch',
    /: expected a tensor of 2 axes; got the shape/,
  ],
  [
    'a tensor that cannot be read',
    { shape: [1, 2], dataSync: 5 },
    'invalid-argument',
    /got an object with shape, dataSync\.$/,
  ],
  [
    'nothing',
    undefined,
    'invalid-argument',
    ': expected {data, rows, cols}, an array of rows, or a tensor; got undefined.',
  ],
  ['null', null, 'invalid-argument', /got null\.$/],
  ['a number', 5, 'invalid-argument', /got number\.$/],
  ['a text', '1,2', 'invalid-argument', /got string\.$/],
  ['an empty object', {}, 'invalid-argument', /got an object with nothing\.$/],
];

describe.each(calls)('%s refuses', (name, what) => {
  it.each(wrongRows)('%s as rows (%#)', async (_name, rows, code, message) => {
    const text = typeof message === 'string' ? `${what}${message}` : message;
    await expectRefusal(flow[name](rows), code, text);
  });

  it.each([
    [undefined, 'invalid-argument', 'context: expected 2 rows of 3 numbers; got none.'],
    [[[1, 2, 3]], 'shape-mismatch', 'context: expected 2 rows of 3 numbers; got 1 rows of 3.'],
    [
      [
        [1, 2],
        [3, 4],
      ],
      'shape-mismatch',
      'context: expected 2 rows of 3 numbers; got 2 rows of 2.',
    ],
    [[], 'shape-mismatch', 'context: expected 2 rows of 3 numbers; got 0 rows of 0.'],
    [
      [
        [1, 2, 3],
        [4, 5, NaN],
      ],
      'invalid-data',
      'context: expected finite numbers; row 1, column 2 is NaN.',
    ],
    ['no', 'invalid-argument', /^context: expected .* got string\.$/],
  ] as const)('the context %j', async (given, code, message) => {
    await expectRefusal(conditioned[name](x, { context: given }), code, message);
  });

  it('a context where none is taken', async () => {
    await expectRefusal(
      flow[name](x, { context }),
      'invalid-argument',
      'context: this flow takes none (its contextDim is 0).',
    );
  });

  it.each([
    [{ tolerance: 1 }, 'unknown-name', /^Unknown option 'tolerance'\. Known: engine, /],
    [{ rtoll: 1e-3 }, 'unknown-name', /^Unknown option 'rtoll'\. Did you mean 'rtol'\?/],
    [{ toString: 1 }, 'unknown-name', /^Unknown option 'toString'\./],
    [null, 'invalid-argument', 'options: expected an object; got null.'],
    ['fast', 'invalid-argument', 'options: expected an object; got fast.'],
    [{ rtol: -1e-5 }, 'invalid-argument', 'rtol: expected a positive number; got -0.00001.'],
    [{ rtol: 0 }, 'invalid-argument', 'rtol: expected a positive number; got 0.'],
    [{ atol: 0 }, 'invalid-argument', 'atol: expected a positive number; got 0.'],
    [{ atol: NaN }, 'invalid-argument', 'atol: expected a positive number; got NaN.'],
    [{ rtol: Infinity }, 'invalid-argument', 'rtol: expected a positive number; got Infinity.'],
    [{ rtol: '1e-5' }, 'invalid-argument', 'rtol: expected a positive number; got 1e-5.'],
    [
      { precision: 'float32', rtol: 1e-8 },
      'invalid-argument',
      /^rtol 1e-8 and atol 0\.00001: .*precision 'float64'; got 'float32'/,
    ],
    [{ precision: 'float32', atol: 1e-7 }, 'invalid-argument', /precision 'float64'; got 'float32'/],
    [
      { precision: 'float16' },
      'invalid-argument',
      /^precision: expected 'float32' or 'float64'; got 'float16'\. Did you mean 'float/,
    ],
    [
      { solver: 'rk4' },
      'invalid-argument',
      "stepSize: the solver 'rk4' takes fixed steps; expected a positive number, got none.",
    ],
    [{ solver: 'euler' }, 'invalid-argument', /^stepSize: the solver 'euler' takes fixed steps/],
    [{ solver: 'rk4', stepSize: 0 }, 'invalid-argument', 'stepSize: expected a positive number; got 0.'],
    [
      { solver: 'rk4', stepSize: -0.1 },
      'invalid-argument',
      'stepSize: expected a positive number; got -0.1.',
    ],
    [{ solver: 'dopri6' }, 'unknown-name', /^Unknown solver 'dopri6'\. Did you mean 'dopri5'\?/],
    [{ solver: 'constructor' }, 'unknown-name', /^Unknown solver 'constructor'\./],
    [{ solver: 5 }, 'unknown-name', /^Unknown solver '5'\./],
    [{ engine: 'refrence' }, 'unknown-name', /^Unknown engine 'refrence'\. Did you mean 'reference'\?/],
    [{ engine: 5 }, 'unknown-name', /^Unknown engine '5'\./],
    [
      { trace: 'exakt' },
      'invalid-argument',
      /^trace: expected 'exact' or 'hutchinson'.*; got 'exakt'\. Did you mean 'exact'\?/,
    ],
    [{ probes: 0 }, 'invalid-argument', 'probes: expected a positive whole number; got 0.'],
    [{ probes: 1.5 }, 'invalid-argument', 'probes: expected a positive whole number; got 1.5.'],
    [
      { probeDistribution: 'normal' },
      'invalid-argument',
      /^probeDistribution: expected 'rademacher' or 'gaussian'; got 'normal'/,
    ],
    [{ maxSteps: 0 }, 'invalid-argument', 'maxSteps: expected a positive whole number; got 0.'],
    [{ maxSteps: Infinity }, 'invalid-argument', 'maxSteps: expected a positive whole number; got Infinity.'],
    [{ threads: -1 }, 'invalid-argument', 'threads: expected a positive whole number; got -1.'],
    [{ seed: -1 }, 'invalid-argument', 'seed: expected a whole number from 0; got -1.'],
    [{ seed: 2 ** 53 }, 'invalid-argument', /^seed: expected a whole number from 0; got 9007199254740992/],
    [{ onFailure: 'ignore' }, 'invalid-argument', /^onFailure: expected 'throw' or 'report'; got 'ignore'/],
    [{ signal: 5 }, 'invalid-argument', 'signal: expected an AbortSignal; got number.'],
  ] as const)('the options %j', async (options, code, message) => {
    await expectRefusal(flow[name](x, options), code, message);
  });
});

describe('sample refuses', () => {
  it.each([0, -1, 1.5, NaN, Infinity, '3', undefined, 1e15])('to draw %s', async (count) => {
    await expectRefusal(
      flow.sample(count),
      'invalid-argument',
      `count: expected a whole number from 1 to ${2 ** 29}; got ${count}.`,
    );
  });

  it('wrong options and contexts as the other calls do', async () => {
    await expectRefusal(flow.sample(1, { rtoll: 1 }), 'unknown-name', /Did you mean 'rtol'/);
    await expectRefusal(flow.sample(1, { context }), 'invalid-argument', /^context: this flow takes none/);
    await expectRefusal(
      conditioned.sample(2),
      'invalid-argument',
      'context: expected 2 rows of 3 numbers; got none.',
    );
    await expectRefusal(
      conditioned.sample(3, { context }),
      'shape-mismatch',
      /^context: expected 3 rows .* got 2 rows/,
    );
  });
});

describe('an engine', () => {
  const missing = diagnose().engines.filter(({ available }) => !available);

  it('that is not here is named, never replaced', async ({ skip }) => {
    if (missing.length === 0) skip('every engine is here');
    for (const { name: engine } of missing) {
      for (const call of [
        () => flow.logProb(x, { engine }),
        () => flow.sample(1, { engine }),
        () => flow.lossAndGradient(x, { engine }),
      ]) {
        await expectRefusal(
          call(),
          'engine-unavailable',
          new RegExp(`^The engine '${engine}' is not available: .+ Use`),
        );
      }
    }
  });

  it('may be wished for by the environment', async () => {
    const before = process.env['LIOUVILLE_ENGINE'];
    try {
      for (const { name } of missing) {
        process.env['LIOUVILLE_ENGINE'] = name;
        await expectRefusal(flow.logProb(x), 'engine-unavailable', new RegExp(`'${name}' is not available`));
      }
      await expect(flow.transform(x, { engine: 'reference' })).resolves.toMatchObject({
        engine: 'reference',
      });
      process.env['LIOUVILLE_ENGINE'] = 'refrence';
      await expectRefusal(flow.logProb(x), 'unknown-name', /Unknown engine 'refrence'/);
      process.env['LIOUVILLE_ENGINE'] = 'reference';
      await expect(flow.transform(x)).resolves.toMatchObject({ engine: 'reference' });
    } finally {
      if (before === undefined) delete process.env['LIOUVILLE_ENGINE'];
      else process.env['LIOUVILLE_ENGINE'] = before;
    }
  });
});

describe('what flows are made of', () => {
  const coupling = (dim: number, contextDim = 0) =>
    affineCoupling({ dim, contextDim, kept: [0], hidden: [], activation: 'tanh' });

  it.each([
    ['an empty chain', () => chain([]), 'invalid-argument', 'chain: expected at least one transform.'],
    [
      'a chain of two widths',
      () => chain([coupling(2), coupling(3)]),
      'shape-mismatch',
      'chain: all parts need the same dim; part 0 has 2, part 1 has 3.',
    ],
    [
      'a chain of two contexts',
      () => chain([coupling(2, 1), coupling(2), coupling(2, 3)]),
      'shape-mismatch',
      'chain: all parts that take context need the same contextDim; got 1 and 3.',
    ],
    [
      'a base of another width',
      () =>
        createFlow({
          name: 'f',
          transform: coupling(2),
          base: standardNormal(3),
          configuration: { model: 'f', options: {} },
        }),
      'shape-mismatch',
      'createFlow: base and transform need the same dim; got 3 and 2.',
    ],
    [
      'a parameter of two shapes',
      () =>
        flowOf(
          bijection({
            dim: 2,
            forward: (scope, value) => {
              const zero = (): number[] => [0];
              scope.parameter('a', { k: 1, n: 1 }, zero);
              return { x: value, logDet: scope.parameter('a', { k: 1, n: 2 }, zero) };
            },
            inverse: (_scope, value) => ({ x: value, logDet: scalar(0) }),
          }),
        ),
      'shape-mismatch',
      /^Parameter 'a' .*is \[1, 1\]; it was asked for as \[1, 2\]\.$/,
    ],
  ] as const)('%s', (_name, make: () => unknown, code, message) => {
    expect(make).toThrow(
      expect.objectContaining({
        code,
        message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
      }),
    );
  });

  it('parameters of unknown names and wrong sizes', () => {
    const { parameters } = realNVP({ dim: 2, hidden: [3], layers: 1 });
    expect(() => parameters.get('chain.0.conditioner.layers.0.wieght')).toThrow(
      /Did you mean '.*layers\.0\.weight'\?/,
    );
    expect(() => parameters.set('chain.0.conditioner.layers.0.bias', [1, 2])).toThrow(
      /holds \[1, 3\] = 3 numbers; got 2/,
    );
  });
});
