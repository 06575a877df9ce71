import { describe, expect, test } from 'vitest';
import { pointFlowObjective } from '../../../src/pointcloud/index.ts';
import type { PointFlow, PointFlowObjectiveOptions } from '../../../src/pointcloud/index.ts';
import { evidenceAt } from '../../../src/pointcloud/model/evidence.ts';
import { itemsOf } from '../../../src/pointcloud/model/items.ts';
import type { Trainable } from '../../../src/flow/index.ts';
import { namedStream, normal } from '../../../src/random/index.ts';
import { difference } from '../../flow/differences.ts';
import { cloudsFor, modelOf, models } from './models.ts';

/** Equal steps: their number does not change with a parameter. The exact trace, since draws are the step's own. */
const fixed = { precision: 'float64', solver: 'rk4', stepSize: 0.1, trace: 'exact', seed: 4 } as const;

/** The slope of the loss along a direction of each part, against the gradient. */
async function expectSlopes(
  model: PointFlow,
  options: PointFlowObjectiveOptions,
  skip: readonly string[] = [],
): Promise<void> {
  const objective = pointFlowObjective(model, options);
  const items = itemsOf(cloudsFor(model, [6, 9, 6]));
  // The objective asks the model, not the flow that `fit` hands it.
  const evaluate = () => objective.evaluate(model as unknown as Trainable, items, fixed);
  const { flat } = await evaluate();
  for (const name of model.parameters.names().filter((each) => !skip.some((part) => each.startsWith(part)))) {
    const { data } = model.parameters.get(name);
    const before = data.slice();
    const direction = before.map((_, i) => normal(3, namedStream(name), i));
    const slope = await difference(async (t) => {
      direction.forEach((value, i) => (data[i] = before[i]! + t * value));
      const { loss } = await evaluate();
      data.set(before);
      return loss;
    }, 2e-4);
    const given = model.parameters.viewIn(flat, name);
    const expected = given.reduce((sum, value, i) => sum + value * direction[i]!, 0);
    const scale = Math.max(Math.abs(slope), 1e-2 * Math.hypot(...given) * Math.hypot(...direction), 1e-3);
    expect({ name, apart: !(Math.abs(slope - expected) / scale < 2e-5) }).toEqual({ name, apart: false });
  }
}

describe.each(Object.entries(models))('the loss of %s', (_name, options) => {
  test('has the gradient of its differences', async () => {
    const model = modelOf(options);
    // The prior of a deterministic encoder gives it no gradient.
    await expectSlopes(model, { points: 6 }, options.deterministic === true ? ['encoder.'] : []);
  });

  test('is minus the evidence at the latents that were drawn', async () => {
    const model = modelOf(options);
    const clouds = cloudsFor(model, [6, 6, 6]);
    const { loss } = await pointFlowObjective(model, { points: 6 }).evaluate(
      model as unknown as Trainable,
      itemsOf(clouds),
      fixed,
    );
    const noise = Float64Array.from({ length: 3 * model.latentDim }, (_, i) =>
      normal(fixed.seed, namedStream('posterior'), i),
    );
    const { total } = await evidenceAt(model, clouds, { data: noise, rows: 3, cols: model.latentDim }, fixed);
    expect(loss).toBeCloseTo(-(total[0]! + total[1]! + total[2]!) / 3, 8);
  });
});

describe('flow matching', () => {
  const options = {
    latentDim: 2,
    encoder: { features: [5, 4], head: [4] },
    decoder: { model: 'cnf-fm', options: { hidden: [5], conditioning: 'layers' } },
    prior: { model: 'cnf-fm', options: { hidden: [4] } },
  } as const;

  test('of the decoder gives the encoder its gradient', async () => {
    const matched = { points: 8, decoder: 'flow-matching', prior: 'flow-matching' } as const;
    // The divergence and the decoder reach the encoder; the loss of the prior does not.
    const model = modelOf(options);
    await expectSlopes(model, matched, ['encoder.']);
    const objective = pointFlowObjective(model, matched);
    const items = itemsOf(cloudsFor(model, [8, 8]));
    const { flat } = await objective.evaluate(model as unknown as Trainable, items, fixed);
    expect(model.parameters.part('encoder').names().length).toBeGreaterThan(0);
    for (const name of model.parameters.names()) {
      expect(model.parameters.viewIn(flat, name).some((value) => value !== 0)).toBe(true);
    }
  });

  test('leaves the encoder to the decoder where the prior is matched', async () => {
    const model = modelOf(options);
    const slopesOf = async (weights: PointFlowObjectiveOptions['weights']): Promise<Float64Array> => {
      const objective = pointFlowObjective(model, {
        points: 8,
        decoder: 'flow-matching',
        prior: 'flow-matching',
        weights: weights!,
      });
      const { flat } = await objective.evaluate(
        model as unknown as Trainable,
        itemsOf(cloudsFor(model, [8, 8])),
        fixed,
      );
      return flat;
    };
    const nothing = await slopesOf({ reconstruction: 0, prior: 0 });
    for (const name of model.parameters.names()) {
      const isPrior = name.startsWith('prior.');
      expect(model.parameters.viewIn(nothing, name).some((value) => value !== 0)).toBe(isPrior);
    }
  });

  test('of one shape needs no latent', async () => {
    const model = modelOf({ latentDim: 0, decoder: { model: 'cnf-fm', options: { hidden: [4] } } });
    await expectSlopes(model, { points: 8, decoder: 'flow-matching' });
  });

  test('takes noise as it comes, or paired with the points of its cloud', async () => {
    const model = modelOf(options);
    const items = itemsOf(cloudsFor(model, [8, 8]));
    const lossWith = async (coupling?: 'independent' | 'optimal-transport'): Promise<number> => {
      const given = coupling === undefined ? {} : { coupling };
      const objective = pointFlowObjective(model, { points: 8, decoder: 'flow-matching', ...given });
      return (await objective.evaluate(model as unknown as Trainable, items, fixed)).loss;
    };
    expect(await lossWith('independent')).toBe(await lossWith());
    expect(await lossWith('optimal-transport')).not.toBe(await lossWith());
  });
});

describe('the options of the training', () => {
  const model = modelOf(models['one shape']!);
  test.each([
    [{ points: 0 }, 'points: expected a whole number from 1 to 1000000; got 0.'],
    [
      { decoder: 'likelyhood' },
      "Unknown decoder 'likelyhood'. Did you mean 'likelihood'? Known: likelihood, flow-matching.",
    ],
    [
      { coupling: 'optimal-transport' },
      "coupling: the decoder is trained by likelihood; expected decoder: 'flow-matching'.",
    ],
    [{ weights: { entropy: -1 } }, 'weights.entropy: expected a number from 0; got -1.'],
    [{ weights: { recon: 1 } }, "Unknown weight 'recon'. Known: reconstruction, prior, entropy."],
    [
      { batch: 1 },
      "Unknown option of the point cloud training 'batch'. Known: points, decoder, prior, coupling, weights.",
    ],
  ])('are checked: %o', (options, message) => {
    expect(() => pointFlowObjective(model, options as PointFlowObjectiveOptions)).toThrow(message);
  });
});
