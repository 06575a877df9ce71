import { LiouvilleError } from '../errors.ts';
import { decodeSafetensors, readBytes } from '../files/index.ts';
import type { Safetensors, Tensor } from '../files/index.ts';
import { keyOf } from '../flow/index.ts';
import type { Flow } from '../flow/index.ts';
import { activations } from '../nn/index.ts';
import type { ParameterTable, Shape } from '../program/index.ts';
import { ffjord, ffjordBlocks } from './ffjord.ts';
import type { FfjordOptions } from './ffjord.ts';
import { layers } from './layers.ts';

const prefix = 'param/';
const timeName = 'sqrt_end_time';

/**
 * A flow from weights of the published FFJORD code: a .safetensors file whose tensors `param/NAME` are the
 * PyTorch state_dict, with a JSON `config` in its metadata: dim, dims (as '64-64-64'), layer_type,
 * nonlinearity, num_blocks, batch_norm, residual, autoencode, and T where the state_dict has no sqrt_end_time. What the
 * file leaves out has the default of the published code (concatsquash, tanh, one block, trained end times).
 * docs/continuous.md says how such a file is made.
 *
 * A trained end time is the square of the parameter `chain.I.sqrt_end_time`, with a true gradient (the
 * published code detaches it); with `train_T` false in the config it is a constant.
 *
 * @param source a path, or the bytes of the file.
 * @throws LiouvilleError 'bad-file', 'io', or 'unknown-name' for a layer or activation that is not built in.
 */
export async function importFfjord(source: string | Uint8Array): Promise<Flow> {
  const bytes = typeof source === 'string' ? await readBytes(source) : source;
  if (!(bytes instanceof Uint8Array)) {
    throw new LiouvilleError('invalid-argument', `source: expected a path or bytes; got ${typeof source}.`);
  }
  const name = typeof source === 'string' ? source : 'the FFJORD checkpoint';
  const file = decodeSafetensors(bytes, name);
  const tensors = new Map(
    [...file.tensors]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, x]) => [key.slice(prefix.length), x]),
  );
  const options = optionsOf(configOf(file, name), tensors, name);
  const flow = construct(options, name);
  // Everything is checked before the parameters are allocated: a config may ask for more than the file has.
  const [trained, state] = [flow.parameters, flow.state].map((table) => numbersFor(table, tensors, name)) as [
    Numbers,
    Numbers,
  ];
  dropKnown(options, tensors, trained, name);
  const [stranger] = tensors.keys();
  if (stranger !== undefined)
    throw bad(name, `the tensor '${prefix}${stranger}' belongs to no parameter of this model`);
  for (const [parameter, data] of trained) flow.parameters.set(parameter, data);
  for (const [parameter, data] of state) flow.state.set(parameter, data);
  return flow;
}

type Numbers = ReadonlyMap<string, FloatArray>;

/** What the file holds for each array of the table; taken out of `tensors`. */
function numbersFor(table: ParameterTable, tensors: Map<string, Tensor>, source: string): Numbers {
  const numbers = new Map<string, FloatArray>();
  for (const name of table.names()) {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw bad(source, `the tensor '${prefix}${name}' is missing`);
    const data = numbersOf(tensor, table.shape(name), name, source);
    if (name.endsWith('.running_var') && data.some((value) => value < 0)) {
      throw bad(source, `'${prefix}${name}' holds a negative variance`);
    }
    numbers.set(name, data);
    tensors.delete(name);
  }
  return numbers;
}

/**
 * Takes out what the state_dict keeps beside the parameters: a constant end time, which is in the options already, a
 * count of evaluations, and the swish parameter under the name of every layer, which all mean the same one.
 */
function dropKnown(options: Options, tensors: Map<string, Tensor>, trained: Numbers, source: string): void {
  const [shared, beta] = [...trained].find(([name]) => name.endsWith('.beta')) ?? [];
  for (const block of ffjordBlocks(options)) {
    tensors.delete(`chain.${block}.${timeName}`);
    tensors.delete(`chain.${block}.odefunc._num_evals`);
    for (let i = 0; i < options.hidden.length; i++) {
      const name = `chain.${block}.odefunc.diffeq.activation_fns.${i}.beta`;
      const found = tensors.get(name);
      if (found === undefined || beta === undefined) continue;
      if (found.data.length !== 1 || found.data[0] !== beta[0]) {
        throw bad(
          source,
          `'${prefix}${name}' differs from '${prefix}${shared}'; expected one beta for all layers`,
        );
      }
      tensors.delete(name);
    }
  }
}

type Config = Readonly<Record<string, unknown>>;
type Tensors = ReadonlyMap<string, Tensor>;
type Options = FfjordOptions & Required<Pick<FfjordOptions, 'blocks' | 'batchNorm' | 'hidden'>>;
type FloatArray = Float64Array | Float32Array;

/** What the constructor refuses is the file's mistake, not the caller's. */
function construct(options: FfjordOptions, source: string): Flow {
  try {
    return ffjord(options);
  } catch (error) {
    if (!(error instanceof LiouvilleError)) throw error;
    throw new LiouvilleError('bad-file', `${source}: its config is wrong: ${error.message}`, {
      cause: error,
    });
  }
}

function configOf(file: Safetensors, source: string): Config {
  try {
    const config: unknown = JSON.parse(file.metadata.get('config') ?? '');
    if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config as Config;
  } catch {
    // The message below says what is wrong with either.
  }
  throw bad(source, "expected a JSON object as 'config' in its metadata");
}

function optionsOf(config: Config, tensors: Tensors, source: string): Options {
  const text = (key: string, byDefault: string): string => {
    const value = config[key] ?? byDefault;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  const blocks = wholeNumberOf(config, 'num_blocks', 1, source);
  const batchNorm = isTrue(text('batch_norm', 'false'));
  const keys = ffjordBlocks({ blocks, batchNorm }).map((block) => `chain.${block}.${timeName}`);
  const trained = isTrue(text('train_T', 'true')) && tensors.has(keys[0]!);
  return {
    dim: wholeNumberOf(config, 'dim', undefined, source),
    hidden: widthsOf(text('dims', '64-64-64'), source),
    layer: keyOf('layer', text('layer_type', 'concatsquash'), layers),
    activation: keyOf('activation', text('nonlinearity', 'tanh'), activations),
    blocks,
    batchNorm,
    residual: isTrue(text('residual', 'false')),
    autoencoder: isTrue(text('autoencode', 'false')),
    trainEndTime: trained,
    endTime: trained ? 1 : endTimeOf(config, keys, tensors, source),
  };
}

function isTrue(text: string): boolean {
  return text.toLowerCase() === 'true';
}

function wholeNumberOf(config: Config, key: string, byDefault: number | undefined, source: string): number {
  const found = config[key] ?? byDefault;
  const value = typeof found === 'string' ? Number(found) : found;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= 1e6) return value;
  throw bad(
    source,
    `expected a positive whole number as ${key} in its config; got ${JSON.stringify(config[key])}`,
  );
}

function widthsOf(dims: string, source: string): number[] {
  const hidden = dims === '' ? [] : dims.split('-').map(Number);
  if (hidden.every((width) => Number.isSafeInteger(width) && width > 0)) return hidden;
  throw bad(source, `expected dims such as '64-64-64' in its config; got '${dims}'`);
}

/** The end time that all blocks have. */
function endTimeOf(config: Config, keys: readonly string[], tensors: Tensors, source: string): number {
  const roots = keys.flatMap((key) => tensors.get(key) ?? []).map(({ data }) => Number(data[0]));
  if (roots.some((root) => root !== roots[0])) {
    throw bad(source, `expected one end time for all blocks, unless they are trained; got several`);
  }
  const time = roots[0] === undefined ? Number(config['T']) : roots[0] ** 2;
  if (Number.isFinite(time) && time > 0) return time;
  throw bad(source, `expected a positive end time, as '${prefix}${keys[0]}' or T in its config`);
}

/** PyTorch keeps a bias as [n] and a number as [] or [1]. */
function numbersOf(tensor: Tensor, { k, n }: Shape, name: string, source: string): FloatArray {
  const { data, shape } = tensor;
  const isFloat = data instanceof Float64Array || data instanceof Float32Array;
  const matrix = [...(shape.length < 2 ? [1] : []), ...(shape.length < 1 ? [1] : []), ...shape];
  if (!isFloat || matrix.length !== 2 || matrix[0] !== k || matrix[1] !== n) {
    const found = `${isFloat ? '' : 'other numbers of shape '}[${shape.join(', ')}]`;
    throw bad(source, `expected floating-point numbers [${k}, ${n}] as '${prefix}${name}'; got ${found}`);
  }
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at !== -1) throw bad(source, `'${prefix}${name}' holds ${data[at]} at entry ${at}`);
  return data;
}

function bad(source: string, what: string): LiouvilleError {
  return new LiouvilleError('bad-file', `${source}: ${what}.`);
}
