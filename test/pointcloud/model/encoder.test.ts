import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseEngine } from '../../../src/engine/index.ts';
import { cloudAt, encodeClouds, pointFlow } from '../../../src/pointcloud/index.ts';
import { pool, pullPool } from '../../../src/pointcloud/model/encoder.ts';
import type { Computer } from '../../../src/pointcloud/model/encoder.ts';
import { cloudsFor, modelOf, models } from './models.ts';

const model = modelOf(models['continuous, gates that see the latent']!);
const encoder = model.encoder!;
const computer = (precision: 'float32' | 'float64' = 'float64'): Computer => ({
  engine: chooseEngine(),
  parameters: { trained: model.parameters.flat, state: model.state.flat },
  call: { precision },
});

describe('the encoder', () => {
  test.each(['float32', 'float64'] as const)(
    'does not care about the order of the points, nor about repeated ones, to the bit: %s',
    async (precision) => {
      const points = fc.array(
        fc.tuple(...Array<fc.Arbitrary<number>>(3).fill(fc.double({ min: -3, max: 3, noNaN: true }))),
        {
          minLength: 1,
          maxLength: 40,
        },
      );
      await fc.assert(
        fc.asyncProperty(points, fc.infiniteStream(fc.nat()), async (cloud, numbers) => {
          const order = cloud.map((point) => ({ point, key: numbers.next().value as number }));
          const shuffled = order.toSorted((a, b) => a.key - b.key).map(({ point }) => point);
          const repeated = [...shuffled, shuffled[0]!, shuffled.at(-1)!];
          const codes = await encodeClouds(model, [cloud, shuffled, repeated], { precision });
          for (const { data, cols } of [codes.mean, codes.logVariance!]) {
            const [a, b, c] = [0, 1, 2].map((i) => data.slice(i * cols, (i + 1) * cols));
            expect(b).toEqual(a);
            expect(c).toEqual(a);
          }
        }),
        { numRuns: 25 },
      );
    },
  );

  test('gives a cloud the same latent whatever clouds are beside it', async () => {
    const clouds = cloudsFor(model, [7, 30, 1]);
    const together = await encodeClouds(model, clouds);
    for (const i of [0, 1, 2]) {
      const alone = await encodeClouds(model, [cloudAt(clouds, i)]);
      expect(together.mean.data.slice(2 * i, 2 * i + 2)).toEqual(alone.mean.data);
    }
  });

  test('sends the gradient of a maximum to the first of the points that share it', async () => {
    const clouds = {
      data: Float64Array.of(1, 2, 3, 4, 5, 6, 1, 2, 3),
      dim: 3,
      offsets: Uint32Array.of(0, 1, 3),
    };
    const twice = { data: Float64Array.of(4, 5, 6, 4, 5, 6), dim: 3, offsets: Uint32Array.of(0, 2) };
    expect(Array.from((await pool(encoder, twice, computer())).points)).toEqual([0, 0, 0, 0]);
    // Numbers count over all clouds.
    expect(Array.from((await pool(encoder, clouds, computer())).points.subarray(0, 4))).toEqual([0, 0, 0, 0]);
    expect((await pool(encoder, clouds, computer())).points.subarray(4).every((point) => point > 0)).toBe(
      true,
    );
  });

  test('has the gradient of all its points, though only those of a maximum are taken back', async () => {
    const clouds = cloudsFor(model, [12, 5]);
    const pooled = await pool(encoder, clouds, computer());
    const cotangents = Float64Array.from(pooled.values, (_, i) => Math.sin(i + 1));
    const ofFeatures = new Float64Array(17 * 4);
    pooled.points.forEach((point, i) => (ofFeatures[point * 4 + (i % 4)]! += cotangents[i]!));
    const { engine, parameters, call } = computer();
    const whole = await engine.pullback(
      encoder.ofPoints,
      parameters,
      17,
      { x: clouds.data },
      { features: ofFeatures },
      call,
    );
    const found = await pullPool(encoder, clouds, pooled, cotangents, computer());
    found.forEach((value, i) => expect(value).toBeCloseTo(whole.gradient[i]!, 12));
    expect(found.some((value) => value !== 0)).toBe(true);
  });

  test('lets a NaN through to the latent', async () => {
    const broken = pointFlow({ ...models['couplings, deterministic']!, latentDim: 2 });
    broken.parameters.set('encoder.points.layers.0.bias', [NaN, 0, 0, 0, 0]);
    const { mean } = await encodeClouds(broken, [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ]);
    expect(mean.data.every(Number.isNaN)).toBe(true);
  });
});
