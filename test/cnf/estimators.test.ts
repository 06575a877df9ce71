import { describe, expect, it } from 'vitest';
import { estimateLogProb, ffjord, jacobianTrace, traceEstimate } from '../../src/cnf/index.ts';
import { chooseEngine } from '../../src/engine/index.ts';
import type { Trace } from '../../src/flow/index.ts';
import {
  Program,
  Scope,
  compile,
  constant,
  filled,
  input,
  modelTables,
  ops,
} from '../../src/program/index.ts';
import type { Value } from '../../src/program/index.ts';
import { namedStream } from '../../src/random/index.ts';
import { mean, normalRows } from '../flow/rows.ts';
import { perturbed, tight } from '../flow/transforms.ts';

const dim = 6;
const draws = 10_000;
const reference = chooseEngine('reference');

/** tr(df/dx) of f = A x as each of the draws estimates it. */
async function estimates(
  A: readonly (readonly number[])[],
  trace: Trace,
  kind: 'normal' | 'rademacher',
): Promise<Float64Array> {
  const matrix = constant(A.flat(), { k: dim, n: dim });
  const x = input('x', dim);
  const noise = input('noise', dim, trace.probes);
  const f = ops.matmul(x, matrix, 'nt');
  const program = new Program('estimate', [x, noise], { trace: jacobianTrace(f, x, noise, trace) });
  const probes = new Float64Array(draws * trace.probes * dim);
  reference.fill(kind, probes, 3, namedStream(`${trace.method} ${trace.probes} ${kind}`));
  const none = { trained: new Float64Array(0), state: new Float64Array(0) };
  const inputs = { x: new Float64Array(draws * dim), noise: probes };
  return (await reference.run(program, none, draws, inputs))['trace']!;
}

function variance(values: Float64Array): number {
  const average = mean(values);
  return mean(values.map((value) => (value - average) ** 2));
}

/** Eigenvalues that fall quickly, in turned axes: what a sketch is made for. */
const axes = normalRows(dim, dim, 5).data;
const symmetric = Array.from({ length: dim }, (_, i) =>
  Array.from({ length: dim }, (__, j) =>
    Array.from({ length: dim }, (___, k) => (axes[k * dim + i]! * axes[k * dim + j]!) / 4 ** k).reduce(
      (a, b) => a + b,
    ),
  ),
);
/** A strongly non-normal one: a small diagonal under large entries above it. */
const nonNormal = Array.from({ length: dim }, (_, i) =>
  Array.from({ length: dim }, (__, j) => (i === j ? 0.3 * (i - 2) : j > i ? 4 : 0)),
);
const matrices = { symmetric, nonNormal } as const;

const methods: readonly (readonly [Trace['method'], number])[] = [
  ['hutchinson', 1],
  ['hutchinson', 6],
  ['hutch++', 3],
  ['hutch++', 6],
];

describe.each(Object.entries(matrices))('of a %s Jacobian', (name, A) => {
  const exact = A.reduce((sum, row, i) => sum + row[i]!, 0);
  const found = new Map<string, number>();

  describe.each(['normal', 'rademacher'] as const)('%s probes', (kind) => {
    it.each(methods)('%s with %i probes is unbiased', async (method, probes) => {
      const values = await estimates(A, { method, probes }, kind);
      const spread = variance(values);
      found.set(`${kind} ${method} ${probes}`, spread);
      expect(Math.abs(mean(values) - exact)).toBeLessThan(4 * Math.sqrt(spread / draws) + 1e-9);
    });
  });

  it('variances are ordered as theory says', () => {
    const of = (key: string): number => found.get(key)!;
    for (const method of ['hutchinson 1', 'hutchinson 6'])
      expect(of(`rademacher ${method}`)).toBeLessThan(1.05 * of(`normal ${method}`));
    // Six times as many probes have a sixth of the variance.
    for (const kind of ['normal', 'rademacher']) {
      const ratio = of(`${kind} hutchinson 1`) / of(`${kind} hutchinson 6`);
      expect(Math.abs(ratio / 6 - 1)).toBeLessThan(0.15);
    }
    // 2 |S|^2 for normal probes, without the diagonal for signs; S the symmetric part.
    const S = A.map((row, i) => row.map((value, j) => (value + A[j]![i]!) / 2));
    const squares = (keep: (i: number, j: number) => boolean): number =>
      S.flatMap((row, i) => row.filter((_, j) => keep(i, j)).map((value) => 2 * value * value)).reduce(
        (a, b) => a + b,
      );
    expect(Math.abs(of('normal hutchinson 1') / squares(() => true) - 1)).toBeLessThan(0.15);
    expect(Math.abs(of('rademacher hutchinson 1') / squares((i, j) => i !== j) - 1)).toBeLessThan(0.15);
    // The sketch finds the large eigenvalues.
    if (name === 'symmetric') expect(of('normal hutch++ 6')).toBeLessThan(of('normal hutchinson 6') / 4);
  });
});

describe('the exact trace', () => {
  it('of more dimensions than tangents pass at once is the same sum', async () => {
    const wide = 70;
    const diagonal = Array.from({ length: wide }, (_, i) => Math.sin(i));
    const x = input('x', wide);
    const f = ops.mul(ops.square(x), constant(diagonal, { k: 1, n: wide }));
    const trace = jacobianTrace(f, x, null, { method: 'exact', probes: 0 });
    const program = new Program('trace', [x], { trace });
    const none = { trained: new Float64Array(0), state: new Float64Array(0) };
    const rows = normalRows(1, wide, 2).data as Float64Array;
    const result = await reference.run(program, none, 1, { x: rows });
    expect(result['trace']![0]).toBeCloseTo(
      diagonal.reduce((sum, value, i) => sum + 2 * value * rows[i]!, 0),
      10,
    );
  });
});

it('the exact trace of many dimensions holds few tangents at a time', () => {
  const registers = (wide: number): number => {
    const x = input('x', wide);
    const scope = new Scope(modelTables());
    const shape = { k: wide, n: wide };
    const layer = (v: Value, name: string): Value =>
      ops.matmul(v, scope.parameter(name, shape, filled(0.1)), 'nt');
    // One weight twice, as products with it are what is joined.
    const f = layer(ops.tanh(layer(ops.tanh(layer(x, 'a')), 'b')), 'a');
    const trace = jacobianTrace(f, x, null, { method: 'exact', probes: 0 });
    return compile(new Program('trace', [x], { trace })).sizes.row / wide;
  };
  // In units of a row: with 64 tangents, and with three times as many.
  expect(registers(192)).toBeLessThan(1.5 * registers(64));
});

describe('hutch++', () => {
  it('is exact where the sketch spans everything, and where the Jacobian has a lower rank than it', async () => {
    const three = [1, 2, 3].map((i) => [1, 2, 3].map((j) => (i === j ? i : 0.5 * j)));
    const rankOne = [1, 2, 3].map((i) => [1, 2, 3].map((j) => i * j));
    for (const [A, expected] of [
      [three, 6],
      [rankOne, 14],
    ] as const) {
      const x = input('x', 3);
      const noise = input('noise', 3, 12);
      const f = ops.matmul(x, constant(A.flat(), { k: 3, n: 3 }), 'nt');
      const estimate: Value = traceEstimate(
        { dim: 3, apply: (v) => ops.matmul(v, constant(A.flat(), { k: 3, n: 3 }), 'nt') },
        noise,
        { method: 'hutch++', probes: 12 },
      ).value;
      const program = new Program('trace', [x, noise], { trace: estimate, f });
      const none = { trained: new Float64Array(0), state: new Float64Array(0) };
      const probes = normalRows(1, 36, 8).data as Float64Array;
      const result = await reference.run(program, none, 1, { x: new Float64Array(3), noise: probes });
      expect(result['trace']![0]).toBeCloseTo(expected, 8);
    }
  });

  it('takes part in a flow, forward and back, and needs three probes', async () => {
    const flow = perturbed(ffjord({ dim: 3, hidden: [5] }));
    const x = normalRows(4, 3, 1);
    // A sketch of three normal probes spans all; signs may agree.
    const sketch = { ...tight, trace: 'hutch++', probes: 9, probeDistribution: 'gaussian' } as const;
    const whole = await flow.logProb(x, sketch);
    const exact = await flow.logProb(x, tight);
    whole.forEach((value, i) => expect(value).toBeCloseTo(exact[i]!, 8));
    const { loss } = await flow.lossAndGradient(x, sketch);
    expect(loss).toBeCloseTo(-mean(exact), 8);
    await expect(flow.logProb(x, { trace: 'hutch++', probes: 2 })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: "probes: trace 'hutch++' needs at least 3; got 2.",
    });
    await expect(flow.logProb(x, { trace: 'hutch++', noise: x })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });
});

describe('estimateLogProb', () => {
  const flow = perturbed(ffjord({ dim: 4, contextDim: 1, hidden: [6] }));
  const x = normalRows(40, 4, 1);
  const context = normalRows(40, 1, 2);

  it('is within a few standard errors of the exact density, which shrink with the repeats', async () => {
    const exact = await flow.logProb(x, { context, trace: 'exact' });
    const few = await estimateLogProb(flow, x, { context, repeats: 10 });
    const many = await estimateLogProb(flow, x, { context, repeats: 90 });
    const scores = many.logProb.map((value, i) => (value - exact[i]!) / many.standardError[i]!);
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(5);
    expect(mean(scores.map((score) => score * score))).toBeGreaterThan(0.4);
    expect(mean(scores.map((score) => score * score))).toBeLessThan(2);
    const ratio = mean(few.standardError) / mean(many.standardError);
    expect(ratio).toBeGreaterThan(2.4);
    expect(ratio).toBeLessThan(3.6);
  });

  it('refuses what has no such error', async () => {
    for (const options of [{ trace: 'exact' }, { noise: x }, { repeats: 1 }] as const) {
      await expect(estimateLogProb(flow, x, { context, ...options })).rejects.toMatchObject({
        code: 'invalid-argument',
      });
    }
  });
});
