import { describe, expect, it } from 'vitest';
import { encodeFfjord, ffjord, importFfjord } from '../../src/cnf/index.ts';
import type { FfjordOptions } from '../../src/cnf/index.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/files/index.ts';
import type { Tensor } from '../../src/files/index.ts';
import type { Flow } from '../../src/flow/index.ts';
import { expectClose, normalRows } from '../flow/rows.ts';
import { perturbed } from '../flow/transforms.ts';

const options: FfjordOptions = { dim: 2, hidden: [4, 3], blocks: 2, trainEndTime: true };
const config = { dim: 2, dims: '4-3', num_blocks: 2 };
const x = normalRows(4, 2, 1);

/** The tensors of a file as PyTorch would name and shape them: a bias has one axis. */
function tensorsOf(flow: Flow): Map<string, Tensor> {
  return new Map(
    flow.parameters.names().map((name) => {
      const { data, rows, cols } = flow.parameters.get(name);
      return [`param/${name}`, { data, shape: name.endsWith('weight') ? [rows, cols] : [cols] }];
    }),
  );
}

function fileOf(tensors: Map<string, Tensor>, settings: unknown = config): Uint8Array {
  const text = typeof settings === 'string' ? settings : JSON.stringify(settings);
  return encodeSafetensors(tensors, new Map([['config', text]]));
}

describe('importFfjord', () => {
  const original = perturbed(ffjord(options));

  it('gives the flow of the weights, names and all', async () => {
    const flow = await importFfjord(fileOf(tensorsOf(original)));
    expect(flow.parameters.names()).toEqual(original.parameters.names());
    expect(flow.parameters.flat).toEqual(original.parameters.flat);
    expect(await flow.logProb(x)).toEqual(await original.logProb(x));
    expect(flow.parameters.names()).toContain('chain.1.odefunc.diffeq.layers.2._hyper_gate.weight');
    expect(flow.parameters.names()).toContain('chain.0.sqrt_end_time');
  });

  it('reads layers, activations, single precision, text instead of numbers, and other tensors beside', async () => {
    const other = perturbed(
      ffjord({ dim: 3, hidden: [4], layer: 'concat', activation: 'softplus', endTime: 0.25 }),
    );
    const tensors = tensorsOf(other);
    for (const [name, { data, shape }] of tensors) {
      tensors.set(name, { shape, data: Float32Array.from(data as Float64Array) });
    }
    tensors.set('x', { shape: [1], data: Float64Array.of(1) });
    tensors.set('param/chain.0.sqrt_end_time', { shape: [], data: Float64Array.of(0.5) });
    tensors.set('param/chain.0.odefunc._num_evals', { shape: [], data: Float32Array.of(120) });
    const settings = {
      dim: '3',
      dims: '4',
      layer_type: 'concat',
      nonlinearity: 'softplus',
      train_T: 'False',
    };
    const flow = await importFfjord(fileOf(tensors, settings));
    other.parameters.flat.forEach((value, i, flat) => (flat[i] = Math.fround(value)));
    const rows = normalRows(4, 3, 1);
    expect(flow.parameters.flat).toEqual(other.parameters.flat);
    expect(await flow.logProb(rows)).toEqual(await other.logProb(rows));
  });

  it('takes the end time T of the config where there is no tensor of it', async () => {
    const other = perturbed(ffjord({ dim: 2, hidden: [], endTime: 0.7 }));
    const flow = await importFfjord(fileOf(tensorsOf(other), { dim: 2, dims: '', T: 0.7 }));
    expect(await flow.logProb(x)).toEqual(await other.logProb(x));
  });

  const weight = 'param/chain.1.odefunc.diffeq.layers.0._layer.weight';
  const tensor = (data: Tensor['data'], shape: readonly number[]): Tensor => ({ data, shape });
  const refused: Record<string, { change: (tensors: Map<string, Tensor>) => void; says: RegExp }> = {
    'a missing tensor': {
      change: (all) => all.delete(weight),
      says: /the tensor 'param\/chain\.1\.odefunc\.diffeq\.layers\.0\._layer\.weight' is missing\.$/,
    },
    'a missing end time': {
      change: (all) => all.delete('param/chain.1.sqrt_end_time'),
      says: /the tensor 'param\/chain\.1\.sqrt_end_time' is missing\.$/,
    },
    'a transposed tensor': {
      change: (all) => all.set(weight, tensor(new Float64Array(8), [2, 4])),
      says: /expected floating-point numbers \[4, 2\] as 'param\/chain\.1\..*weight'; got \[2, 4\]\.$/,
    },
    'a flat tensor': {
      change: (all) => all.set(weight, tensor(new Float64Array(8), [8])),
      says: /got \[8\]\.$/,
    },
    'a tensor of three axes': {
      change: (all) => all.set(weight, tensor(new Float64Array(8), [1, 4, 2])),
      says: /got \[1, 4, 2\]\.$/,
    },
    'whole numbers': {
      change: (all) => all.set(weight, tensor(new Int32Array(8), [4, 2])),
      says: /got other numbers of shape \[4, 2\]\.$/,
    },
    NaN: {
      change: (all) => all.set(weight, tensor(Float64Array.of(0, 0, 0, NaN, 0, 0, 0, 0), [4, 2])),
      says: /weight' holds NaN at entry 3\.$/,
    },
    infinity: {
      change: (all) => all.set(weight, tensor(new Float64Array(8).fill(-Infinity), [4, 2])),
      says: /weight' holds -Infinity at entry 0\.$/,
    },
    'a tensor too many': {
      change: (all) => all.set('param/chain.2.sqrt_end_time', tensor(Float64Array.of(1), [1])),
      says: /the tensor 'param\/chain\.2\.sqrt_end_time' belongs to no parameter of this model\.$/,
    },
  };

  it.each(Object.keys(refused))('refuses %s', async (name) => {
    const tensors = tensorsOf(original);
    refused[name]!.change(tensors);
    await expect(importFfjord(fileOf(tensors))).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(refused[name]!.says) as string,
    });
  });

  it.each([
    ['no JSON', '{dim: 2}', 'bad-file', /expected a JSON object as 'config'/],
    ['a list', '[2]', 'bad-file', /expected a JSON object as 'config'/],
    ['null', 'null', 'bad-file', /expected a JSON object as 'config'/],
    ['nothing', '{}', 'bad-file', /expected a positive whole number as dim in its config; got undefined/],
    ['dim 0', { ...config, dim: 0 }, 'bad-file', /as dim in its config; got 0/],
    ['dim -1', { ...config, dim: -1 }, 'bad-file', /got -1/],
    ['dim 1.5', { ...config, dim: 1.5 }, 'bad-file', /got 1\.5/],
    ['dim true', { ...config, dim: true }, 'bad-file', /got true/],
    ['dim as a list', { ...config, dim: [2] }, 'bad-file', /got \[2\]/],
    ['dim as text', { ...config, dim: 'two' }, 'bad-file', /got "two"/],
    ['another dim', { ...config, dim: 3 }, 'bad-file', /expected floating-point numbers \[4, 3\]/],
    ['dims of 0', { ...config, dims: '4-0' }, 'bad-file', /expected dims such as '64-64-64' .* got '4-0'/],
    ['dims of text', { ...config, dims: '4-x' }, 'bad-file', /got '4-x'/],
    ['other dims', { ...config, dims: '4' }, 'bad-file', /expected floating-point numbers \[2, 1\]/],
    ['an enormous network', { ...config, dims: '8000-8000' }, 'bad-file', /\[8000, 1\]/],
    ['too enormous a network', { ...config, dims: '1000000-1000000' }, 'bad-file', /at most \d+ parameters/],
    [
      'too many blocks',
      { ...config, num_blocks: 1e6 },
      'bad-file',
      /blocks: expected a whole number from 1 to/,
    ],
    ['infinitely many blocks', { ...config, num_blocks: 1e300 }, 'bad-file', /num_blocks/],
    [
      'one block less',
      { ...config, num_blocks: 1 },
      'bad-file',
      /'param\/chain\.1\..* belongs to no parameter/,
    ],
    [
      'an unknown layer',
      { ...config, layer_type: 'concatsqash' },
      'unknown-name',
      /'concatsqash'\. Did you mean 'concatsquash'\?/,
    ],
    ['a layer of the prototype', { ...config, layer_type: 'toString' }, 'unknown-name', /'toString'/],
    [
      'an unknown activation',
      { ...config, nonlinearity: 'softpluss' },
      'unknown-name',
      /Did you mean 'softplus'\?/,
    ],
    [
      'batch normalisation that is not there',
      { ...config, batch_norm: 'True' },
      'bad-file',
      /the tensor 'param\/chain\.0\.weight' is missing/,
    ],
    [
      'an autoencoder that is not there',
      { ...config, autoencode: true },
      'bad-file',
      /autoencoder_diffeq.* is missing/,
    ],
  ] as const)('refuses a config with %s', async (_name, settings, code, says) => {
    await expect(importFfjord(fileOf(tensorsOf(original), settings))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(says) as string,
    });
  });

  it('refuses end times that are not one positive number', async () => {
    const untrained = (settings: object, ...roots: number[]): Uint8Array => {
      const tensors = tensorsOf(original);
      for (const i of [0, 1]) tensors.delete(`param/chain.${i}.sqrt_end_time`);
      roots.forEach((root, i) => {
        tensors.set(`param/chain.${i}.sqrt_end_time`, { shape: [1], data: Float64Array.of(root) });
      });
      return fileOf(tensors, { ...config, train_T: false, ...settings });
    };
    await expect(importFfjord(untrained({}, 0.5, 0.6))).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(/expected one end time for all blocks/) as string,
    });
    for (const file of [
      untrained({}),
      untrained({}, NaN),
      untrained({}, 0),
      untrained({ T: -1 }),
      untrained({ T: 'x' }),
    ]) {
      await expect(importFfjord(file)).rejects.toMatchObject({ code: 'bad-file' });
    }
    await expect(importFfjord(untrained({}, 0.5, 0.5))).resolves.toMatchObject({ name: 'ffjord' });
    await expect(importFfjord(untrained({ T: 1 }))).resolves.toMatchObject({ name: 'ffjord' });
  });

  it('refuses a file cut off anywhere, and anything else', async () => {
    const bytes = fileOf(tensorsOf(original));
    for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 150)) {
      await expect(importFfjord(bytes.slice(0, length))).rejects.toMatchObject({ code: 'bad-file' });
    }
    await expect(importFfjord(encodeSafetensors(tensorsOf(original), new Map()))).rejects.toMatchObject({
      code: 'bad-file',
    });
    await expect(importFfjord('/no/such/file.safetensors')).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('/no/such/file.safetensors') as string,
    });
    const nothing = importFfjord as (source: unknown) => Promise<Flow>;
    for (const source of [undefined, null, 5, {}]) {
      await expect(nothing(source)).rejects.toMatchObject({ code: 'invalid-argument' });
    }
  });
});

describe('encodeFfjord', () => {
  it.each([
    { dim: 2, hidden: [4, 3], blocks: 2, trainEndTime: true },
    { dim: 3, hidden: [5], layer: 'hyper', residual: true, endTime: 0.25 },
    { dim: 2, hidden: [3, 3], layer: 'squash', activation: 'swish', blocks: 2, batchNorm: true },
    { dim: 4, hidden: [6, 2, 6], layer: 'blend', activation: 'elu', autoencoder: true },
  ] as const)('is read again as the same flow: %o', async (made) => {
    const flow = perturbed(ffjord(made));
    flow.state.flat.forEach((_, i, flat) => (flat[i] = 1 + i / 10));
    const again = await importFfjord(encodeFfjord(flow));
    expect(again.parameters.names()).toEqual(flow.parameters.names());
    expect(again.parameters.flat).toEqual(flow.parameters.flat);
    expect(again.state.flat).toEqual(flow.state.flat);
    const rows = normalRows(3, made.dim, 1);
    // A constant end time goes through its root.
    expectClose(await again.logProb(rows), await flow.logProb(rows), 1e-12);
  });

  it.each([
    [{ dim: 2, actNorm: true }, /no option 'actNorm'/],
    [{ dim: 2, contextDim: 1 }, /no option 'contextDim'/],
    [{ dim: 2, activation: 'gelu' }, /no activation 'gelu'/],
  ] as const)('refuses what the published code has not: %o', (made, says) => {
    expect(() => encodeFfjord(ffjord({ hidden: [2], ...made }))).toThrow(
      expect.objectContaining({
        code: 'incompatible-version',
        message: expect.stringMatching(says) as string,
      }),
    );
  });

  it('one beta is asked of a file of several', async () => {
    const bytes = encodeFfjord(ffjord({ dim: 2, hidden: [3, 3], activation: 'swish', blocks: 2 }));
    const { tensors, metadata } = decodeSafetensors(bytes);
    const other = new Map(tensors);
    other.set('param/chain.1.odefunc.diffeq.activation_fns.1.beta', { shape: [], data: Float64Array.of(2) });
    await expect(importFfjord(encodeSafetensors(other, metadata))).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(/expected one beta for all layers/) as string,
    });
  });
});
