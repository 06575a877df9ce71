import { describe, expect, it } from 'vitest';
import { ffjord } from '../../src/cnf/index.ts';
import { gaussian, iaf, maf, planarFlow } from '../../src/discrete/index.ts';
import { distillation, estimateReverseKL } from '../../src/flow/index.ts';
import type { Flow, LogTarget } from '../../src/flow/index.ts';
import { ops } from '../../src/program/index.ts';
import { fit } from '../../src/train/index.ts';
import { difference } from './differences.ts';
import { normalRows } from './rows.ts';
import { perturbed } from './transforms.ts';

const fixed = { precision: 'float64', solver: 'rk4', stepSize: 0.05, trace: 'exact', seed: 5 } as const;
const hidden = [5];

const pairs: [string, Flow, Flow][] = [
  ['an iaf from a maf', iaf({ dim: 3, hidden, layers: 2 }), maf({ dim: 3, hidden, layers: 2, seed: 4 })],
  ['planar layers from a continuous flow', planarFlow({ dim: 2, layers: 2 }), ffjord({ dim: 2, hidden })],
  ['a continuous flow from a maf', ffjord({ dim: 2, hidden }), maf({ dim: 2, hidden, layers: 2 })],
  [
    'an iaf from a maf, with context',
    iaf({ dim: 2, hidden, layers: 1, contextDim: 2 }),
    maf({ dim: 2, hidden, layers: 1, contextDim: 2 }),
  ],
];

describe('distillation', () => {
  it.each(pairs)(
    'of %s has the gradient of its loss, which leaves the teacher alone',
    async (_, student, teacher) => {
      perturbed(student, 1);
      perturbed(teacher, 2);
      const x = normalRows(6, student.dim, 1);
      const options = student.contextDim > 0 ? { ...fixed, context: normalRows(6, 2, 3) } : fixed;
      const objective = distillation(teacher);
      const kept = teacher.parameters.flat.slice();
      const { flat, loss } = await objective.evaluate(student, x, options);
      expect(Number.isFinite(loss)).toBe(true);
      const { flat: parameters } = student.parameters;
      const before = parameters.slice();
      const direction = normalRows(1, before.length, 9).data;
      const slope = await difference(async (t) => {
        before.forEach((value, i) => (parameters[i] = value + t * direction[i]!));
        const found = await objective.evaluate(student, x, options);
        parameters.set(before);
        return found.loss;
      }, 1e-4);
      const found = flat.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      expect(Math.abs(found - slope)).toBeLessThan(1e-5 * Math.max(1, Math.abs(found)));
      expect(teacher.parameters.flat).toEqual(kept);
    },
  );

  it('is the mean of log q - log p over draws, as densities by the inverse say', async () => {
    const [student, teacher] = [
      perturbed(iaf({ dim: 3, hidden, layers: 2 })),
      perturbed(maf({ dim: 3, hidden }), 2),
    ];
    const options = { precision: 'float64', seed: 5 } as const;
    const { freeEnergy, standardError } = await estimateReverseKL(student, teacher, {
      ...options,
      samples: 2000,
    });
    const x = await student.sample(2000, { precision: 'float64', seed: 6 });
    const [q, p] = await Promise.all([student.logProb(x, options), teacher.logProb(x, options)]);
    const apart = q.map((value, i) => value - p[i]!);
    const mean = apart.reduce((a, b) => a + b) / 2000;
    const error = Math.sqrt(apart.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / 2000;
    expect(Math.abs(mean - freeEnergy)).toBeLessThan(5 * Math.hypot(error, standardError));
    expect(Math.abs(Math.log(error / standardError))).toBeLessThan(Math.LN2);
  });

  it('brings a student to its teacher, and KL to zero', { timeout: 120_000 }, async () => {
    const teacher = maf({ dim: 2, hidden: [8], layers: 1, seed: 3 });
    perturbed(teacher, 4);
    const student = iaf({ dim: 2, hidden: [16], layers: 2, seed: 1 });
    const before = await estimateReverseKL(student, teacher, { samples: 2000 });
    await fit(student, normalRows(256, 2, 1), {
      objective: distillation(teacher),
      steps: 300,
      learningRate: 1e-2,
      schedule: 'cosine',
    });
    const after = await estimateReverseKL(student, teacher, { samples: 4000, seed: 3 });
    expect(before.freeEnergy).toBeGreaterThan(0.3);
    expect(after.freeEnergy).toBeLessThan(0.05);
    expect(after.freeEnergy).toBeGreaterThan(-4 * after.standardError);
  });

  it('refuses a teacher of other rows', async () => {
    const student = iaf({ dim: 2, hidden, layers: 1 });
    const other = maf({ dim: 3, hidden, layers: 1 });
    const refusal = {
      code: 'shape-mismatch',
      message: "teacher: 'maf' has 3 features; expected 2, as 'iaf' has.",
    };
    await expect(distillation(other).evaluate(student, normalRows(2, 2, 1), {})).rejects.toMatchObject(
      refusal,
    );
    await expect(estimateReverseKL(student, other)).rejects.toMatchObject(refusal);
    await expect(estimateReverseKL(student, student, { samples: 1 })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });
});

describe('estimateReverseKL', () => {
  it('of a flow and itself is zero, with equal weights', async () => {
    const flow = perturbed(iaf({ dim: 2, hidden, layers: 1 }));
    const found = await estimateReverseKL(flow, flow, { samples: 100, precision: 'float64' });
    expect(Math.abs(found.freeEnergy)).toBeLessThan(1e-10);
    expect(Math.abs(found.logNormaliser)).toBeLessThan(1e-10);
    expect(found.effectiveShare).toBeCloseTo(1, 9);
  });

  it('finds KL and the normaliser of a Gaussian known up to a factor', async () => {
    // q = N(0, I); target = e N(m, I): KL = |m|^2 / 2, log Z = 1.
    const flow = gaussian({ dim: 2 });
    const m = [0.3, -0.4];
    const target: LogTarget = (x) => {
      const squares = m.map((centre, j) => ops.square(ops.sub(ops.slice(x, j, 1), centre)));
      return ops.add(ops.mul(-0.5, ops.add(squares[0]!, squares[1]!)), 1 - Math.log(2 * Math.PI));
    };
    const found = await estimateReverseKL(flow, target, { samples: 40_000, seed: 1 });
    expect(Math.abs(found.freeEnergy + 1 - 0.125)).toBeLessThan(4 * found.standardError);
    expect(Math.abs(found.logNormaliser - 1)).toBeLessThan(0.02);
    // The variance of log q - log p is |m|^2; sum of weights squared has the mean exp(|m|^2).
    expect(found.standardError * 200).toBeCloseTo(0.5, 1);
    expect(Math.abs(found.effectiveShare - Math.exp(-0.25))).toBeLessThan(0.03);
  });
});
