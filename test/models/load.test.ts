import { describe, expect, it } from 'vitest';
import { ffjord } from '../../src/cnf/index.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/files/index.ts';
import type { Tensor } from '../../src/files/index.ts';
import type { Flow } from '../../src/flow/index.ts';
import { load } from '../../src/models/index.ts';
import { encodeFlow, save } from '../../src/train/save.ts';
import { contextFor, normalRows } from '../flow/rows.ts';
import { modelCases, perturbed, transformCases } from '../flow/transforms.ts';
import { temporaryFolder } from '../support/temporary.ts';

describe.each(modelCases)('$name, saved and loaded', ({ flow }) => {
  it('has the same bits: parameters, density, samples and gradient', async () => {
    const loaded = await load(encodeFlow(flow));
    expect(loaded.configuration).toEqual(flow.configuration);
    expect(loaded).toMatchObject({ name: flow.name, dim: flow.dim, contextDim: flow.contextDim });
    expect(loaded.parameters.names()).toEqual(flow.parameters.names());
    expect(loaded.parameters.flat).toEqual(flow.parameters.flat);
    expect(loaded.state.flat).toEqual(flow.state.flat);
    const x = normalRows(5, flow.dim, 1);
    const context = contextFor(flow, 5);
    expect(await loaded.logProb(x, context)).toEqual(await flow.logProb(x, context));
    expect(await loaded.sample(5, context)).toEqual(await flow.sample(5, context));
    const { flat } = await flow.lossAndGradient(x, context);
    expect((await loaded.lossAndGradient(x, context)).flat).toEqual(flat);
    expect(encodeFlow(loaded)).toEqual(encodeFlow(flow));
  });

  it('goes through a file', async () => {
    const path = `${temporaryFolder()}/model.safetensors`;
    await save(flow, path);
    expect((await load(path)).parameters.flat).toEqual(flow.parameters.flat);
  });
});

describe('load', () => {
  const flow = perturbed(ffjord({ dim: 2, hidden: [4] }));
  const bytes = encodeFlow(flow);
  const weight = 'chain.0.odefunc.diffeq.layers.0._layer.weight';

  it('reads odd numbers as they are', async () => {
    const odd = ffjord({ dim: 1, hidden: [] });
    odd.parameters.flat.set([-0, 5e-324, Number.MAX_VALUE, Math.PI]);
    const { flat } = (await load(encodeFlow(odd))).parameters;
    expect([...flat.subarray(0, 4)]).toEqual([-0, 5e-324, Number.MAX_VALUE, Math.PI]);
  });

  it('does not change when the options that the flow was made with do', async () => {
    const hidden = [4];
    const made = ffjord({ dim: 2, hidden });
    hidden.push(5);
    await expect(load(encodeFlow(made))).resolves.toMatchObject({ name: 'ffjord' });
  });

  it('refuses a file cut off anywhere', async () => {
    for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 200)) {
      await expect(load(bytes.slice(0, length))).rejects.toMatchObject({ code: 'bad-file' });
    }
    await expect(load(Uint8Array.of(...bytes, 0))).rejects.toMatchObject({ code: 'bad-file' });
  });

  it('reads a file with flipped bytes or refuses it as bad, and never breaks', async () => {
    for (let at = 0; at < bytes.length; at += 1 + Math.floor(bytes.length / 200)) {
      const flipped = bytes.slice();
      flipped[at] = flipped[at]! ^ 0x15;
      const code = await load(flipped).then(
        () => 'read',
        (error: { code?: unknown }) => error.code,
      );
      expect(['read', 'bad-file', 'incompatible-version']).toContain(code);
    }
  });

  it.each([
    ['another format', { format: 'other' }, 'bad-file', /it is not a model saved by Liouville/],
    ['no format', { format: undefined }, 'bad-file', /it is not a model saved by Liouville/],
    [
      'a later version',
      { version: '2' },
      'incompatible-version',
      /the file has version 2; this library reads version 1/,
    ],
    ['no version', { version: undefined }, 'incompatible-version', /the file has version none/],
    ['no configuration', { configuration: undefined }, 'bad-file', /expected \{model, options\} as JSON/],
    ['no JSON', { configuration: '{' }, 'bad-file', /expected \{model, options\} as JSON/],
    ['null', { configuration: 'null' }, 'bad-file', /expected \{model, options\} as JSON/],
    ['a list', { configuration: '[]' }, 'bad-file', /expected \{model, options\} as JSON/],
    ['a number as model', { configuration: '{"model": 1, "options": {}}' }, 'bad-file', /expected \{model/],
    [
      'a list of options',
      { configuration: '{"model": "ffjord", "options": []}' },
      'bad-file',
      /expected \{model/,
    ],
  ])('refuses %s', async (_name, change, code, message) => {
    await expect(load(edited({ metadata: change }))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['an unknown model', { model: 'ffjrd' }, {}, /holds a model 'ffjrd'; known are .*ffjord/],
    ['a model of the prototype', { model: 'constructor' }, {}, /holds a model 'constructor'/],
    ['another model', { model: 'realnvp' }, {}, /is missing/],
    ['another dim', {}, { dim: 3 }, /expected float64 \[4, 3\] for 'chain\.0\..*weight'; got \[4, 2\]/],
    ['a dim beyond what it holds', {}, { dim: 100_000 }, /has dim 100000, and it holds only \d+ numbers/],
    ['no dim', {}, { dim: undefined }, /its configuration is wrong: dim: expected/],
    ['text as dim', {}, { dim: '2' }, /its configuration is wrong: dim: expected/],
    ['other widths', {}, { hidden: [5] }, /expected float64 \[5, \d\]/],
    ['more layers', {}, { hidden: [4, 4] }, /expected float64 .* got|is missing/],
    ['more blocks', {}, { blocks: 2 }, /the tensor 'chain\.1\..*' is missing/],
    ['a trained end time', {}, { trainEndTime: true }, /the tensor 'chain\.0\.sqrt_end_time' is missing/],
    ['another layer', {}, { layer: 'concat' }, /expected float64/],
    [
      'an unknown layer',
      {},
      { layer: 'conct' },
      /configuration is wrong: Unknown layer 'conct'\. Did you mean 'concat'/,
    ],
    ['a number as layer', {}, { layer: 7 }, /its configuration is wrong: Unknown layer '7'/],
    ['an unknown option', {}, { depth: 3 }, /its configuration is wrong: Unknown option of ffjord 'depth'/],
    ['context', {}, { contextDim: 1 }, /expected float64 \[4, 3\]/],
    ['a negative end time', {}, { endTime: -1 }, /its configuration is wrong: endTime/],
    ['an enormous network', {}, { hidden: [9000, 9000] }, /expected float64 \[9000, \d\]/],
    [
      'an impossible network',
      {},
      { hidden: [1e6, 1e6] },
      /its configuration is wrong: .* at most \d+ parameters/,
    ],
    ['a million blocks', {}, { blocks: 1e6 }, /its configuration is wrong: blocks/],
    ['options named __proto__', {}, JSON.parse('{"__proto__": {"dim": 9}}') as object, /'__proto__'/],
  ])('refuses a configuration with %s', async (_name, change, options, message) => {
    const { model, options: original } = flow.configuration;
    const together = { model, ...change, options: { ...original } };
    for (const [key, value] of Object.entries(options)) {
      Object.defineProperty(together.options, key, {
        value: value as unknown,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    await expect(
      load(edited({ metadata: { configuration: JSON.stringify(together) } })),
    ).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    [
      'a missing tensor',
      (all) => void all.delete(weight),
      /the tensor 'chain\.0\..*_layer\.weight' is missing/,
    ],
    [
      'a tensor too many',
      (all) => void all.set('extra', { shape: [1], data: Float64Array.of(1) }),
      /expected 10 tensors for the model 'ffjord'; got 11/,
    ],
    [
      'a transposed tensor',
      (all) => void all.set(weight, { shape: [2, 4], data: new Float64Array(8) }),
      /expected float64 \[4, 2\] for .*; got \[2, 4\]/,
    ],
    ['a flat tensor', (all) => void all.set(weight, { shape: [8], data: new Float64Array(8) }), /got \[8\]/],
    [
      'single precision',
      (all) => void all.set(weight, { shape: [4, 2], data: new Float32Array(8) }),
      /expected float64/,
    ],
    [
      'NaN',
      (all) => void all.set(weight, { shape: [4, 2], data: new Float64Array(8).fill(NaN) }),
      /holds NaN at entry 0/,
    ],
    [
      'infinity',
      (all) => void all.set(weight, { shape: [4, 2], data: new Float64Array(8).fill(Infinity) }),
      /holds Infinity at entry 0/,
    ],
  ] as [string, (all: Map<string, Tensor>) => void, RegExp][])(
    'refuses %s',
    async (_name, change, message) => {
      await expect(load(edited({ tensors: change }))).rejects.toMatchObject({
        code: 'bad-file',
        message: expect.stringMatching(message) as string,
      });
    },
  );

  it('refuses what is neither a path nor bytes, and a path to nothing', async () => {
    const any = load as (source: unknown) => Promise<Flow>;
    for (const source of [undefined, null, 5, {}, [1, 2]]) {
      await expect(any(source)).rejects.toMatchObject({ code: 'invalid-argument' });
    }
    await expect(load('/no/such/model.safetensors')).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('/no/such/model.safetensors') as string,
    });
  });

  it('says that a model of another making cannot be made again', async () => {
    await expect(load(encodeFlow(transformCases[0]!.flow))).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(/it holds a model 'of a test'/) as string,
    });
  });

  /** The file with other metadata (undefined takes one out), or other tensors. */
  function edited(edit: {
    metadata?: Record<string, string | undefined>;
    tensors?: (all: Map<string, Tensor>) => void;
  }): Uint8Array {
    const { tensors, metadata } = decodeSafetensors(bytes);
    for (const [key, value] of Object.entries(edit.metadata ?? {})) {
      if (value === undefined) metadata.delete(key);
      else metadata.set(key, value);
    }
    edit.tensors?.(tensors);
    return encodeSafetensors(tensors, metadata);
  }
});
