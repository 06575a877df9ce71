import { describe, expect, it } from 'vitest';
import { ffjord, layers } from '../../src/cnf/index.ts';
import { chooseEngine, diagnose } from '../../src/engine/index.ts';
import type { EngineName, Precision } from '../../src/engine/index.ts';
import type { EvaluateOptions, Flow } from '../../src/flow/index.ts';
import { activations } from '../../src/nn/index.ts';
import { contextFor, expectClose, normalRows } from './rows.ts';
import { continuousCases, perturbed, transformCases } from './transforms.ts';

/** Relative to the largest number. In float32 a row may take other steps, each as exact as the tolerance 1e-5. */
const tolerances: Readonly<Record<Precision, number>> = { float64: 1e-9, float32: 2e-3 };

/** Inverses are the same segments, run the other way. */
const cases = continuousCases.filter(({ name }) => !name.startsWith('inverse of'));

/**
 * Fields with kinks. Where a row passes one, the estimate of the error turns a rounding into other step sizes; with steps of
 * one size the engines agree as elsewhere.
 */
const kinked = (['elu', 'relu'] as const).map((activation) => ({
  activation,
  flow: perturbed(ffjord({ dim: 2, hidden: [6, 5], activation, endTime: 0.5 })),
}));
const fixedSteps = { solver: 'rk4', stepSize: 0.1, trace: 'exact' } as const;

/** More rows side by side than the scheduler joins into one product. */
const wide = perturbed(ffjord({ dim: 3, hidden: [5] }));
const manyProbes: EvaluateOptions = { trace: 'hutchinson', probes: 120, seed: 4 };

async function everything(flow: Flow, options: EvaluateOptions) {
  const x = normalRows(5, flow.dim, 1);
  const all = { ...contextFor(flow, 5), ...options };
  const { z, logDet, engine } = await flow.transform(x, all);
  const { flat } = await flow.lossAndGradient(x, all);
  return { numbers: { z: z.data, logDet, gradient: flat }, engine };
}

function expectSame(
  found: Readonly<Record<string, ArrayLike<number>>>,
  expected: Readonly<Record<string, ArrayLike<number>>>,
  precision: Precision,
): void {
  for (const [name, values] of Object.entries(expected)) {
    const largest = Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expectClose(found[name]!, values, tolerances[precision] * largest);
  }
}

it('every layer is among the cases', () => {
  const words = new Set(transformCases.flatMap(({ name }) => name.split(/[ ,]+/)));
  expect(Object.keys(layers).filter((layer) => !words.has(layer))).toEqual([]);
});

it('every activation is among the cases', () => {
  const words = new Set(cases.flatMap(({ name }) => name.split(/[ ,]+/)));
  const missing = Object.keys(activations).filter((activation) => !words.has(activation));
  expect(missing.toSorted()).toEqual(kinked.map(({ activation }) => activation));
});

describe.each<EngineName>(['native', 'wasm', 'tfjs'])('continuous flows on %s', (engine) => {
  const here = diagnose().engines.find(({ name }) => name === engine)!;

  it.for(cases)('agree with reference: $name', async ({ flow }, { skip }) => {
    if (!here.available) skip(`${here.reason} ${here.remedy}`);
    const expected = await everything(flow, { engine: 'reference', trace: 'exact' });
    for (const precision of chooseEngine(engine).precisions) {
      const found = await everything(flow, { engine, precision, trace: 'exact' });
      expect(found.engine).toBe(engine);
      expectSame(found.numbers, expected.numbers, precision);
    }
  });

  it.for(kinked)('agree with reference by fixed steps: $activation', async ({ flow }, { skip }) => {
    if (!here.available) skip(`${here.reason} ${here.remedy}`);
    const expected = await everything(flow, { engine: 'reference', ...fixedSteps });
    for (const precision of chooseEngine(engine).precisions) {
      const found = await everything(flow, { engine, precision, ...fixedSteps });
      expect(found.engine).toBe(engine);
      expectSame(found.numbers, expected.numbers, precision);
    }
  });

  it('agree with reference where tangents are too many for one product', async ({ skip }) => {
    if (!here.available) skip(`${here.reason} ${here.remedy}`);
    const expected = await everything(wide, { engine: 'reference', ...manyProbes });
    for (const precision of chooseEngine(engine).precisions) {
      const found = await everything(wide, { engine, precision, ...manyProbes });
      expect(found.engine).toBe(engine);
      expectSame(found.numbers, expected.numbers, precision);
    }
  });
});
