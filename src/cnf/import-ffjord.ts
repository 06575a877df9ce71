import { LiouvilleError } from '../errors.ts';
import { decodeSafetensors, readBytes } from '../files/index.ts';
import type { Safetensors, Tensor } from '../files/index.ts';
import { keyOf } from '../flow/index.ts';
import type { Flow } from '../flow/index.ts';
import { activations } from '../nn/index.ts';
import { ffjord } from './ffjord.ts';
import type { FfjordOptions } from './ffjord.ts';
import { layers } from './layers.ts';

const prefix = 'param/';
const timeName = 'sqrt_end_time';

/**
 * A flow from weights of the published FFJORD code: a .safetensors file whose tensors `param/NAME` are the
 * PyTorch state_dict, with a JSON `config` in its metadata: dim, dims (as '64-64-64'), layer_type,
 * nonlinearity, num_blocks, and T where the state_dict has no sqrt_end_time. What the file leaves out has
 * the default of the published code (concatsquash, tanh, one block, trained end times).
 *
 * A trained end time is the square of the parameter `chain.I.sqrt_end_time`, with a true gradient (the
 * published code detaches it); with `train_T` false in the config it is a constant.
 *
 * @param source a path, or the bytes of the file.
 * @throws LiouvilleError 'bad-file', 'io', or 'unknown-name' for a layer or activation that is not built in.
 */
export async function importFfjord(source: string | Uint8Array): Promise<Flow> {
  const bytes = typeof source === 'string' ? await readBytes(source) : source;
  const name = typeof source === 'string' ? source : 'the FFJORD checkpoint';
  const file = decodeSafetensors(bytes, name);
  const tensors = new Map(
    [...file.tensors]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, x]) => [key.slice(prefix.length), x]),
  );
  const flow = ffjord(optionsOf(configOf(file, name), tensors, name));
  for (const parameter of flow.parameters.names()) {
    const tensor = tensors.get(parameter);
    if (tensor === undefined) throw bad(name, `the tensor '${prefix}${parameter}' is missing`);
    flow.parameters.set(parameter, numbersOf(tensor, parameter, name));
    tensors.delete(parameter);
  }
  // A constant end time is in the options already.
  for (const key of tensors.keys()) if (key.endsWith(timeName)) tensors.delete(key);
  const [stranger] = tensors.keys();
  if (stranger !== undefined)
    throw bad(name, `the tensor '${prefix}${stranger}' belongs to no parameter of this model`);
  return flow;
}

type Config = Readonly<Record<string, unknown>>;

function configOf(file: Safetensors, source: string): Config {
  try {
    const config: unknown = JSON.parse(file.metadata.get('config') ?? '');
    if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config as Config;
  } catch {
    // The message below says what is wrong with either.
  }
  throw bad(source, "expected a JSON object as 'config' in its metadata");
}

function optionsOf(config: Config, tensors: ReadonlyMap<string, Tensor>, source: string): FfjordOptions {
  const text = (key: string, byDefault: string): string => {
    const value = config[key] ?? byDefault;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  for (const key of ['residual', 'batch_norm', 'autoencode']) {
    if (isTrue(text(key, 'false'))) {
      throw new LiouvilleError('incompatible-version', `${source}: '${key}' is not built in yet.`);
    }
  }
  const trained = isTrue(text('train_T', 'true')) && tensors.has(`chain.0.${timeName}`);
  return {
    dim: wholeNumberOf(config, 'dim', undefined, source),
    hidden: widthsOf(text('dims', '64-64-64'), source),
    layer: keyOf('layer', text('layer_type', 'concatsquash'), layers),
    activation: keyOf('activation', text('nonlinearity', 'tanh'), activations),
    blocks: wholeNumberOf(config, 'num_blocks', 1, source),
    trainEndTime: trained,
    endTime: trained ? 1 : endTimeOf(config, tensors, source),
  };
}

function isTrue(text: string): boolean {
  return text.toLowerCase() === 'true';
}

function wholeNumberOf(config: Config, key: string, byDefault: number | undefined, source: string): number {
  const value = Number(config[key] ?? byDefault);
  if (Number.isSafeInteger(value) && value > 0 && value <= 1e6) return value;
  throw bad(
    source,
    `expected a positive whole number as ${key} in its config; got ${JSON.stringify(config[key])}`,
  );
}

function widthsOf(dims: string, source: string): number[] {
  const hidden = dims === '' ? [] : dims.split('-').map(Number);
  if (hidden.every((width) => Number.isSafeInteger(width) && width > 0 && width <= 1e6)) return hidden;
  throw bad(source, `expected dims such as '64-64-64' in its config; got '${dims}'`);
}

function endTimeOf(config: Config, tensors: ReadonlyMap<string, Tensor>, source: string): number {
  const root = tensors.get(`chain.0.${timeName}`)?.data[0];
  const time = root === undefined ? Number(config['T']) : Number(root) ** 2;
  if (Number.isFinite(time) && time > 0) return time;
  throw bad(source, `expected a positive end time, as '${prefix}chain.0.${timeName}' or T in its config`);
}

function numbersOf(tensor: Tensor, name: string, source: string): ArrayLike<number> {
  const { data } = tensor;
  if (data instanceof Float64Array || data instanceof Float32Array) return data;
  throw bad(source, `expected floating-point numbers in '${prefix}${name}'`);
}

function bad(source: string, what: string): LiouvilleError {
  return new LiouvilleError('bad-file', `${source}: ${what}.`);
}
