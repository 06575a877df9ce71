import { describe, expect, it } from 'vitest';
import { continuous } from '../../src/cnf/index.ts';
import type { Field } from '../../src/cnf/index.ts';
import { LiouvilleError } from '../../src/errors.ts';
import { affineCoupling } from '../../src/discrete/index.ts';
import { chain } from '../../src/flow/index.ts';
import type { EvaluateOptions } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { filled } from '../../src/nn/index.ts';
import { ops, scalar } from '../../src/program/index.ts';
import { farthest, normalRows, pickRows } from '../flow/rows.ts';
import { flowOf, perturbed } from '../flow/transforms.ts';
import { block, flowOfBlocks } from './fields.ts';

/** One feature; each fails for some rows. The rates are parameters, so that there is a gradient. */
const fields = {
  /** NaN for x < 0. */
  logarithm: (scope, _t, x) => ops.mul(scope.parameter('rate', { k: 1, n: 1 }, filled(0.1)), ops.log(x)),
  /** NaN for t > 0.31 where x > 5. */
  endsAt031: (scope, t, x) => {
    const rate = scope.parameter('rate', { k: 1, n: 1 }, filled(0.1));
    const root = ops.sqrt(ops.sub(0.31, t));
    return ops.mul(rate, ops.where(ops.less(5, x), root, x));
  },
  /** x(t) = x0 / (1 - x0 t): ends at t = 1 / x0. */
  explodes: (scope, _t, x) => ops.mul(scope.parameter('rate', { k: 1, n: 1 }, filled(1)), ops.square(x)),
  /** Turns faster where x is large. */
  oscillates: (scope, t, x) => {
    const rate = scope.parameter('rate', { k: 1, n: 1 }, filled(1));
    return ops.mul(rate, ops.sin(ops.mul(ops.square(x), ops.mul(30, t))));
  },
} as const satisfies Record<string, Field>;

const rows: Matrix = { data: Float64Array.of(0.5, 9, 1.5, -9, 0.7), rows: 5, cols: 1 };

interface FailureCase {
  readonly name: keyof typeof fields;
  /** The rows that fail, and how. */
  readonly failing: readonly number[];
  readonly status: string;
  readonly options: EvaluateOptions;
  /** In the message of the first row that fails. */
  readonly says: RegExp;
}

const cases: readonly FailureCase[] = [
  {
    name: 'logarithm',
    failing: [3],
    status: 'non-finite',
    options: {},
    says: /^The field returned NaN or infinity at t=0 for row 3 \(\|y\|=9, component 0\)\. Check the field/,
  },
  {
    name: 'endsAt031',
    failing: [1],
    status: 'non-finite',
    options: {},
    says: /^The field returned NaN or infinity at t=0\.3\d* for row 1 \(\|y\|=9\.\d+, .*\)\. Check the field/,
  },
  {
    name: 'explodes',
    failing: [1],
    status: 'step-underflow',
    options: {},
    says: /at t=0\.111\d* for row 1 \(h=\S+, \|y\|=\S+e\d+; .*\)\. Where \|y\| is large, .*: stop before it/,
  },
  {
    name: 'oscillates',
    failing: [1, 3],
    status: 'max-steps',
    options: { maxSteps: 60 },
    says: /^maxSteps = 60 steps did not suffice: stopped at t=\S+ for row 1 \(h=\S+, \|y\|=\S+, .*\)\. Raise maxSteps/,
  },
  {
    name: 'oscillates',
    failing: [0, 1, 2, 3, 4],
    status: 'max-steps',
    options: { maxSteps: 3, solver: 'rk4', stepSize: 0.05 },
    says: /^maxSteps = 3 steps did not suffice: .* for row 0 .*Raise maxSteps, or stepSize = 0\.05\.$/,
  },
];

describe.each(cases)('a field that fails: $name, $status', ({ name, failing, status, options, says }) => {
  const flow = flowOfBlocks(block(1, fields[name]));
  const report: EvaluateOptions = { ...options, onFailure: 'report' };
  const good = [0, 1, 2, 3, 4].filter((row) => !failing.includes(row));

  it('throws by default, with time, row, norm and a remedy', async () => {
    for (const call of [
      () => flow.logProb(rows, options),
      () => flow.transform(rows, options),
      () => flow.lossAndGradient(rows, options),
    ]) {
      const error = await rejectionOf(call());
      expect(error.code).toBe('numerical-failure');
      expect(error.message).toMatch(says);
    }
  });

  it('reports statuses and NaN rows', async () => {
    const result = await flow.transform(rows, report);
    expect(result.status).toEqual([0, 1, 2, 3, 4].map((row) => (failing.includes(row) ? status : 'ok')));
    const nans = (values: ArrayLike<number>): number[] =>
      [0, 1, 2, 3, 4].filter((row) => Number.isNaN(values[row]));
    expect(nans(result.z.data)).toEqual(failing);
    expect(nans(result.logDet)).toEqual(failing);
    expect(nans(await flow.logProb(rows, report))).toEqual(failing);
    expect(result.nfe!.max).toBeLessThan(70_000);
  });

  it('leaves the other rows exactly the bits that they have alone', async () => {
    const together = await flow.transform(rows, report);
    for (const row of good) {
      const alone = await flow.transform(pickRows(rows, [row]), options);
      expect(together.z.data[row]).toBe(alone.z.data[0]);
      expect(together.logDet[row]).toBe(alone.logDet[0]);
    }
  });

  it('leaves the failed rows out of the loss', async () => {
    if (good.length === 0) {
      const error = await rejectionOf(flow.lossAndGradient(rows, report));
      expect(error).toMatchObject({ code: 'numerical-failure', message: 'Every row of the batch failed.' });
      return;
    }
    const some = await flow.lossAndGradient(rows, report);
    const alone = await flow.lossAndGradient(pickRows(rows, good), options);
    expect(some.loss).toBe(alone.loss);
    expect(some.flat).toEqual(alone.flat);
    expect(farthest(some.flat, [0])).toBeGreaterThan(0);
  });
});

describe('failures along a chain', () => {
  const coupling = affineCoupling({ dim: 1, contextDim: 0, kept: [], hidden: [3], activation: 'tanh' });
  const flow = perturbed(
    flowOf(chain([coupling, block(1, fields.explodes), coupling, block(1, fields.explodes)])),
  );

  it('keep the first status, and NaN through what follows', async () => {
    const { status, z, logDet } = await flow.transform(rows, { onFailure: 'report' });
    expect(status[1]).toBe('step-underflow');
    expect([z.data[1], logDet[1]]).toEqual([NaN, NaN]);
    expect(status[3]).toBe('ok');
    expect(Number.isFinite(z.data[3])).toBe(true);
  });

  it('of samples are NaN rows too', async () => {
    const drawn = await flow.sample(200, { onFailure: 'report' });
    const failed = drawn.data.filter(Number.isNaN).length;
    expect(failed).toBeGreaterThan(0);
    expect(failed).toBeLessThan(200);
    expect((await rejectionOf(flow.sample(200))).code).toBe('numerical-failure');
  });
});

describe('rows that are not finite', () => {
  const flow = flowOfBlocks(block(1, fields.oscillates));

  it('may pass when failures are reported, and fail by themselves', async () => {
    const some = [[0.5], [NaN], [1.5], [Infinity]];
    const { status, z } = await flow.transform(some, { onFailure: 'report' });
    expect(status).toEqual(['ok', 'non-finite', 'ok', 'non-finite']);
    const alone = await flow.transform([[0.5], [1.5]]);
    expect([z.data[0], z.data[2]]).toEqual([...alone.z.data]);
    const { loss } = await flow.lossAndGradient(some, { onFailure: 'report' });
    expect(loss).toBe((await flow.lossAndGradient([[0.5], [1.5]])).loss);
  });
});

describe('what comes with the rows of a batch with failures', () => {
  it('goes with them: context and probes that are given', async () => {
    const flow = flowOf(
      continuous({
        dim: 1,
        contextDim: 1,
        field: (scope, t, x, context) => ops.add(fields.explodes(scope, t, x), ops.mul(x, context!)),
        fieldPath: 'field',
        endTime: () => scalar(0.5),
      }),
    );
    const [context, noise] = [normalRows(5, 1, 1, 0.1), normalRows(5, 1, 2)];
    const { loss, flat } = await flow.lossAndGradient(rows, { context, noise, onFailure: 'report' });
    const good = [0, 2, 3, 4];
    const alone = await flow.lossAndGradient(pickRows(rows, good), {
      context: pickRows(context, good),
      noise: pickRows(noise, good),
    });
    expect(loss).toBe(alone.loss);
    expect(flat).toEqual(alone.flat);
  });

  it('goes with them: probes that are drawn', async () => {
    const flow = flowOfBlocks(block(1, fields.explodes));
    const options = { trace: 'hutchinson', probeDistribution: 'gaussian', seed: 2 } as const;
    const logProb = await flow.logProb(rows, { ...options, onFailure: 'report' });
    const { loss } = await flow.lossAndGradient(rows, { ...options, onFailure: 'report' });
    const good = logProb.filter((value) => !Number.isNaN(value));
    expect(good).toHaveLength(4);
    expect(loss).toBe(-good.reduce((sum, value) => sum + value, 0) / 4);
  });
});

describe('a closed form that overflows', () => {
  const flow = flowOf(affineCoupling({ dim: 2, contextDim: 0, kept: [0], hidden: [], activation: 'tanh' }));
  // It stretches by exp(3 tanh(1)) = 9.8.
  flow.parameters.set('conditioner.layers.0.bias', [3, 0]);

  it('is a failure of its row', async () => {
    const some = [
      [1, 1],
      [1, 1e308],
      [1, -2],
    ];
    const error = await rejectionOf(flow.logProb(some));
    expect(error).toMatchObject({
      code: 'numerical-failure',
      message: expect.stringMatching(
        /^Row 1 left the range of finite numbers: .*onFailure: "report"/,
      ) as string,
    });
    const logProb = await flow.logProb(some, { onFailure: 'report' });
    expect(logProb[1]).toBeNaN();
    const { z, status } = await flow.transform(some, { onFailure: 'report' });
    expect(status).toEqual(['ok', 'non-finite', 'ok']);
    expect([...z.data].map(Number.isNaN)).toEqual([false, false, true, true, false, false]);
    const alone = await flow.logProb([some[0]!, some[2]!]);
    expect([logProb[0], logProb[2]]).toEqual([...alone]);
  });
});

async function rejectionOf(call: Promise<unknown>): Promise<LiouvilleError> {
  const error: unknown = await call.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LiouvilleError);
  return error as LiouvilleError;
}
