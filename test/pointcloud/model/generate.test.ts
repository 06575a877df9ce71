import { describe, expect, test } from 'vitest';
import {
  cloudAt,
  cloudPath,
  decodeLatents,
  encodeClouds,
  fitPointFlow,
  interpolateLatents,
  loadPointFlow,
  pointFlow,
  reconstructClouds,
  sampleClouds,
  sampleLatents,
} from '../../../src/pointcloud/index.ts';
import { encodeFlow } from '../../../src/train/index.ts';
import { farthest } from '../../flow/rows.ts';
import { cloudsFor, modelOf, models } from './models.ts';

describe.each(Object.entries(models))('clouds of %s', (_name, options) => {
  const model = modelOf(options);
  const dim = options.dim ?? 3;

  test('are drawn cloud by cloud: the first ones of a seed are the same for any count', async () => {
    const three = await sampleClouds(model, 3, { points: 10, seed: 2 });
    const one = await sampleClouds(model, 1, { points: 10, seed: 2 });
    expect(three.data.length).toBe(3 * 10 * dim);
    expect(Array.from(three.offsets)).toEqual([0, 10, 20, 30]);
    expect(three.data.slice(0, 10 * dim)).toEqual(one.data);
    expect(three.data.slice(10 * dim, 20 * dim)).not.toEqual(one.data);
    expect((await sampleClouds(model, 1, { points: 10, seed: 3 })).data).not.toEqual(one.data);
  });

  test('come back from a file with the same bits', async () => {
    const again = await loadPointFlow(encodeFlow(model));
    expect(again.parameters.flat).toEqual(model.parameters.flat);
    expect(again.configuration).toEqual(model.configuration);
    const drawn = { points: 7, seed: 5 };
    expect(await sampleClouds(again, 2, drawn)).toEqual(await sampleClouds(model, 2, drawn));
  });
});

describe('the way of a cloud', () => {
  test.each(['continuous, gates that see the latent', 'splines, in the plane', 'one shape'])(
    'goes from noise to what was drawn: %s',
    async (name) => {
      const model = modelOf(models[name]!);
      const drawn = await sampleClouds(model, 2, { points: 16, seed: 3 });
      const cloud = cloudAt(drawn, 1);
      const { latentDim } = model;
      const latents = latentDim === 0 ? null : await sampleLatents(model, 2, { seed: 3 });
      const row = latents && { data: latents.data.slice(latentDim), rows: 1, cols: latentDim };
      const path = await cloudPath(model, cloud, row, { intervals: 3 });
      expect(Array.from(path.at(-1)!.data)).toEqual(Array.from(cloud.data));
      // The same noise through the same decoder.
      const context = row && { data: repeat(row.data, 16), rows: 16, cols: latentDim };
      const { x } = await model.decoder.inverse(path[0]!, { ...(context && { context }) });
      expect(farthest(x.data, cloud.data)).toBeLessThan(1e-3);
      const stops = name.startsWith('splines')
        ? model.decoder.path(cloud, { ...(context && { context }) })
        : [];
      expect(path).toHaveLength(name.startsWith('splines') ? (await stops).length : 4);
    },
  );

  test('takes the latent that the model has', async () => {
    const model = modelOf(models['one shape']!);
    const cloud = cloudAt(cloudsFor(model, [4]), 0);
    await expect(cloudPath(model, cloud, [[1]])).rejects.toThrow(
      'latent: expected null for a model of one shape.',
    );
    const latent = modelOf(models['splines, in the plane']!);
    const flat = cloudAt(cloudsFor(latent, [4]), 0);
    await expect(cloudPath(latent, flat, null)).rejects.toThrow('latent: expected a row of 2 numbers.');
    await expect(cloudPath(latent, cloud, [[1, 2]])).rejects.toThrow(/cloud: expected .*2/);
  });
});

function repeat(row: Float32Array | Float64Array, times: number): Float64Array {
  return Float64Array.from({ length: row.length * times }, (_, i) => row[i % row.length]!);
}

describe('latents', () => {
  const model = modelOf(models['continuous, gates that see the latent']!);
  const clouds = cloudsFor(model, [20, 9]);

  test('of clouds lead to other points of the same shapes', async () => {
    const { mean } = await encodeClouds(model, clouds);
    const given = { points: 20, seed: 1 };
    expect(await reconstructClouds(model, clouds, given)).toEqual(await decodeLatents(model, mean, given));
  });

  test('are interpolated on a straight way in the space of the base', async () => {
    const { mean } = await encodeClouds(model, clouds);
    const [from, to] = [0, 1].map((i) => ({ data: mean.data.slice(2 * i, 2 * i + 2), rows: 1, cols: 2 }));
    const precise = { precision: 'float64', rtol: 1e-9, atol: 1e-9 } as const;
    const between = await interpolateLatents(model, from!, to!, 5, precise);
    expect(between.data.slice(0, 2)).toEqual(from!.data);
    expect(between.data.slice(8)).toEqual(to!.data);
    const { z } = await model.prior!.transform(between, precise);
    for (const j of [0, 1]) {
      const ways = [0, 1, 2, 3].map((i) => z.data[2 * (i + 1) + j]! - z.data[2 * i + j]!);
      ways.forEach((way) => expect(way).toBeCloseTo(ways[0]!, 6));
    }
  });
});

describe('a model of clouds', () => {
  test('takes a flow as a part, with its parameters', async () => {
    const { decoder } = modelOf({ latentDim: 0, decoder: { model: 'realnvp', options: { layers: 2 } } });
    const model = pointFlow({ latentDim: 0, decoder });
    const options = { points: 5, seed: 1 };
    const drawn = await sampleClouds(model, 1, options);
    expect(drawn).toEqual(await sampleClouds(pointFlow({ latentDim: 0, decoder }), 1, options));
    expect(model.parameters.get('decoder.chain.0.conditioner.layers.0.weight')).toEqual(
      decoder.parameters.get('chain.0.conditioner.layers.0.weight'),
    );
    const again = await loadPointFlow(encodeFlow(model));
    expect(await sampleClouds(again, 1, options)).toEqual(drawn);
  });

  test.each([
    [{ latentDim: -1 }, 'latentDim: expected a whole number from 0 to 1000000; got -1.'],
    [{ latentdim: 3 }, "Unknown option of pointFlow 'latentdim'. Did you mean 'latentDim'?"],
    [{ decoder: { model: 'realnpv', options: {} } }, "Unknown decoder 'realnpv'. Did you mean 'realnvp'?"],
    [
      { prior: { model: 'maf', options: { layer: 2 } } },
      "Unknown option of maf 'layer'. Did you mean 'layers'?",
    ],
    [{ encoder: { features: [] } }, 'encoder.features: expected at least one width.'],
    [{ encoder: { pool: 1 } }, "Unknown option of the encoder 'pool'."],
    [{ deterministic: 1 }, 'deterministic: expected true or false; got 1.'],
    [
      { latentDim: 0, deterministic: true },
      'latentDim: 0 is a model of one shape, without encoder and prior; one was given.',
    ],
    [
      { decoder: pointFlow({ latentDim: 0, decoder: { model: 'gaussian', options: {} } }).decoder },
      'decoder: expected a flow of 3 features with a context of 128; got 3 with 0.',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => pointFlow(options as object)).toThrow(message);
  });

  test('of one shape has no latents to ask for', async () => {
    const model = modelOf(models['one shape']!);
    const message = 'a model of one shape has no latents.';
    await expect(encodeClouds(model, cloudsFor(model, [3]))).rejects.toThrow(message);
    await expect(decodeLatents(model, [[1]])).rejects.toThrow(message);
    await expect(interpolateLatents(model, [[1]], [[1]], 3)).rejects.toThrow(message);
    expect((await reconstructClouds(model, cloudsFor(model, [3]), { points: 4 })).data).toHaveLength(12);
  });

  test('refuses clouds of another space, and files of other models', async () => {
    const model = modelOf(models['splines, in the plane']!);
    const message = 'clouds: expected points of 2 coordinates, as the model has; got 3.';
    await expect(encodeClouds(model, [[[1, 2, 3]]])).rejects.toThrow(message);
    await expect(fitPointFlow(model, [[[1, 2, 3]]])).rejects.toThrow(message);
    await expect(loadPointFlow(encodeFlow(model.decoder))).rejects.toThrow(
      "the model file: it holds a model 'nsf'; expected 'pointflow'.",
    );
  });
});
