import { describe, expect, it } from 'vitest';
import { planar } from '../../src/discrete/index.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/files/index.ts';
import { chain, invert } from '../../src/flow/index.ts';
import type { Transform } from '../../src/flow/index.ts';
import { constructors } from '../../src/models/constructors.ts';
import { createModel, load, loadVae } from '../../src/models/index.ts';
import { namedStream, normal } from '../../src/random/index.ts';
import { encodeFlow, save } from '../../src/train/save.ts';
import { binarise, vae } from '../../src/vae/index.ts';
import type { Vae, VaeOptions } from '../../src/vae/index.ts';
import { temporaryFolder } from '../support/temporary.ts';

const shape = { dim: 6, latentDim: 2, hidden: [5, 4], contextDim: 3, activation: 'tanh' } as const;
const of = { dim: 2, contextDim: 3 };
const planars = (): Transform => chain([0, 1].map(() => invert(planar(of))));

function small(posterior?: VaeOptions['posterior']): Vae {
  const model = vae({ ...shape, ...(posterior && { posterior }), seed: 3 });
  const { flat } = model.parameters;
  for (let i = 0; i < flat.length; i++) flat[i] = flat[i]! + 0.2 * normal(1, namedStream('moved'), i);
  return model;
}

const x = binarise({ data: new Float64Array(24).fill(0.4), rows: 4, cols: 6 }, { seed: 3 });
// Coarse steps: the bits are what is compared.
const options = { engine: 'reference', seed: 2, solver: 'rk4', stepSize: 0.5 } as const;

async function expectSame(loaded: Vae, model: Vae): Promise<void> {
  expect(loaded.configuration).toEqual(model.configuration);
  expect(loaded).toMatchObject({ name: 'vae', dim: 6, latentDim: 2, contextDim: 0 });
  expect(loaded.parameters.names()).toEqual(model.parameters.names());
  expect(loaded.parameters.flat).toEqual(model.parameters.flat);
  expect(loaded.state.flat).toEqual(model.state.flat);
  expect(await loaded.bound(x, options)).toEqual(await model.bound(x, options));
  expect(await loaded.encode(x, options)).toEqual(await model.encode(x, options));
  expect(await loaded.sample(3, options)).toEqual(await model.sample(3, options));
  expect((await loaded.lossAndGradient(x, options)).flat).toEqual(
    (await model.lossAndGradient(x, options)).flat,
  );
  expect(encodeFlow(loaded)).toEqual(encodeFlow(model));
}

describe('a variational autoencoder, saved and loaded', () => {
  it('has the same bits without a flow, through a file', async () => {
    const model = small();
    const path = `${temporaryFolder()}/vae.safetensors`;
    await save(model, path);
    await expectSame(await loadVae(path), model);
  });

  it.each(['realnvp', 'iaf', 'nsf', 'ffjord', 'sylvester'])(
    'has the same bits with %s as the posterior',
    async (name) => {
      const model = small(createModel(name, of));
      await expectSame(await loadVae(encodeFlow(model)), model);
    },
  );

  it('takes a posterior of one’s own again', async () => {
    const model = small(planars());
    const bytes = encodeFlow(model);
    await expectSame(await loadVae(bytes, { posterior: planars() }), model);
    await expect(loadVae(bytes)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(/^posterior: .* expected the same transform again/) as string,
    });
    await expect(loadVae(bytes, { posterior: invert(planar(of)) })).rejects.toMatchObject({
      code: 'bad-file',
    });
    await expect(loadVae(bytes, { posterior: planar({ dim: 3 }) })).rejects.toMatchObject({
      code: 'shape-mismatch',
    });
    await expect(loadVae(encodeFlow(small()), { posterior: planars() })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(/^posterior: expected none/) as string,
    });
  });

  it('is told apart from flows', async () => {
    await expect(load(encodeFlow(small()))).rejects.toThrow(/holds a model 'vae'; loadVae reads it/);
    const flow = createModel('realnvp', { dim: 2 });
    await expect(loadVae(encodeFlow(flow))).rejects.toMatchObject({
      code: 'bad-file',
      message: "the model file: it holds a model 'realnvp'; expected 'vae'.",
    });
    expect(Object.keys(constructors)).not.toContain('vae');
  });
});

describe('loadVae', () => {
  const bytes = encodeFlow(small(createModel('realnvp', of)));

  it('refuses a file cut off anywhere', async () => {
    for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 60)) {
      await expect(loadVae(bytes.slice(0, length))).rejects.toMatchObject({ code: 'bad-file' });
    }
  });

  it('reads a file with flipped bytes or refuses it as bad, and never breaks', async () => {
    for (let at = 0; at < bytes.length; at += 1 + Math.floor(bytes.length / 100)) {
      const flipped = bytes.slice();
      flipped[at] = flipped[at]! ^ 0x15;
      const code = await loadVae(flipped).then(
        () => 'read',
        (error: { code?: unknown }) => error.code,
      );
      expect(['read', 'bad-file', 'incompatible-version']).toContain(code);
    }
  });

  it.each<[string, object, RegExp]>([
    [
      'no posterior',
      { posterior: undefined },
      /expected null, 'given' or \{model, options\} as its posterior/,
    ],
    ['a number as posterior', { posterior: 7 }, /expected null, 'given' or/],
    ['a list as posterior', { posterior: [] }, /expected null, 'given' or/],
    ['a posterior of no options', { posterior: { model: 'iaf' } }, /expected null, 'given' or/],
    ['an unknown posterior', { posterior: { model: 'iav', options: of } }, /holds a model 'iav'; known are/],
    [
      'a posterior in a posterior',
      { posterior: { model: 'vae', options: { ...shape, dim: 2 } } },
      /loadVae reads it/,
    ],
    [
      'a posterior of another width',
      { posterior: { model: 'iaf', options: { dim: 1e6 } } },
      /a posterior of 2 features; got 1000000/,
    ],
    ['a wrong option', { posterior: { model: 'iaf', options: { ...of, layers: 1e6 } } }, /wrong: layers/],
    ['another context', { posterior: { model: 'iaf', options: { dim: 2, contextDim: 5 } } }, /contextDim 5/],
    ['another posterior', { posterior: { model: 'radial', options: of } }, /is missing|expected float64/],
    ['none instead', { posterior: null }, /expected \d+ tensors for the model 'vae'/],
    ['wide codes', { latentDim: 1e6 }, /has latentDim 1000000, and it holds only \d+ numbers/],
    ['wide rows', { dim: 1e6 }, /has dim 1000000, and it holds only \d+ numbers/],
    ['other widths', { hidden: [5] }, /is missing|expected float64/],
    ['no widths', { hidden: 'all' }, /its configuration is wrong: hidden/],
    ['an unknown activation', { activation: 'tan' }, /its configuration is wrong: .*'tan'/],
    ['an unknown option', { depth: 3 }, /its configuration is wrong: Unknown option of vae 'depth'/],
  ])('refuses a configuration with %s', async (_name, change, message) => {
    const { tensors, metadata } = decodeSafetensors(bytes, 'bytes');
    const { model, options: saved } = JSON.parse(metadata.get('configuration')!) as {
      model: string;
      options: object;
    };
    const configuration = JSON.stringify({ model, options: { ...saved, ...change } });
    const edited = encodeSafetensors(tensors, new Map([...metadata, ['configuration', configuration]]));
    await expect(loadVae(edited)).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(message) as string,
    });
  });
});
