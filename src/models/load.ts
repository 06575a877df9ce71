import { LiouvilleError } from '../errors.ts';
import { decodeSafetensors, readBytes } from '../files/index.ts';
import type { Safetensors, Tensor } from '../files/index.ts';
import type { Flow, FlowConfiguration } from '../flow/index.ts';
import type { ParameterTable, Shape } from '../program/index.ts';
import { constructors } from './constructors.ts';

/**
 * A flow from the file that `save` wrote.
 *
 * @param source a path, or the bytes of the file.
 * @throws LiouvilleError 'io', 'bad-file' for anything that is not such a file, 'incompatible-version' for
 * one of another version.
 */
export async function load(source: string | Uint8Array): Promise<Flow> {
  return loadModel(source, flowOf);
}

/** What reads models that are saved but are no flows. */
const otherReaders = new Map([
  ['made', 'loadMade reads it'],
  ['bernoulli-made', 'loadBernoulliMade reads it'],
  ['vae', 'loadVae reads it'],
  ['pointflow', 'loadPointFlow reads it'],
]);

/** What a file of `save` is restored into: the model that its configuration describes. */
type Construct<T> = (configuration: FlowConfiguration, source: string) => Promise<T>;

/** `load` for models that are no flows but are saved as they are. */
export async function loadModel<T extends Pick<Flow, 'name' | 'parameters' | 'state'>>(
  source: string | Uint8Array,
  make: Construct<T>,
): Promise<T> {
  const bytes = typeof source === 'string' ? await readBytes(source) : source;
  if (!(bytes instanceof Uint8Array)) {
    throw new LiouvilleError('invalid-argument', `source: expected a path or bytes; got ${typeof source}.`);
  }
  const name = typeof source === 'string' ? source : 'the model file';
  const file = decodeSafetensors(bytes, name);
  const configuration = configurationOf(file, name);
  refuseWiderThan(file, configuration, name);
  const flow = await make(configuration, name);
  // Everything is checked before the parameters are allocated: a configuration may ask for more than the file has.
  const trained = arraysOf(flow.parameters, file, '', name);
  const state = arraysOf(flow.state, file, 'state/', name);
  const count = trained.size + state.size;
  if (count !== file.tensors.size) {
    throw badFile(name, `expected ${count} tensors for the model '${flow.name}'; got ${file.tensors.size}`);
  }
  for (const [parameter, data] of trained) flow.parameters.set(parameter, data);
  for (const [parameter, data] of state) flow.state.set(parameter, data);
  return flow;
}

function configurationOf(file: Safetensors, source: string): FlowConfiguration {
  if (file.metadata.get('format') !== 'liouville')
    throw badFile(source, 'it is not a model saved by Liouville');
  const version = file.metadata.get('version');
  if (version !== '1') {
    throw new LiouvilleError(
      'incompatible-version',
      `${source}: the file has version ${version ?? 'none'}; this library reads version 1.`,
    );
  }
  try {
    const configuration = JSON.parse(
      file.metadata.get('configuration') ?? '',
    ) as Partial<FlowConfiguration> | null;
    if (typeof configuration?.model === 'string' && isObject(configuration.options)) {
      return { model: configuration.model, options: configuration.options };
    }
  } catch {
    // The message below says what is wrong with either.
  }
  throw badFile(source, "expected {model, options} as JSON in its metadata 'configuration'");
}

/** The flow that a configuration of the file describes. */
export async function flowOf({ model, options }: FlowConfiguration, source: string): Promise<Flow> {
  const make = Object.hasOwn(constructors, model) ? constructors[model] : undefined;
  if (make === undefined) {
    const [known, other] = [Object.keys(constructors).join(', '), otherReaders.get(model)];
    throw badFile(source, `it holds a model '${model}'; ${other ?? `known are ${known}`}`);
  }
  try {
    return await make(options);
  } catch (error) {
    throw badConfiguration(source, error);
  }
}

/** A model has a parameter for each of its columns, or few columns, so a small file cannot ask for a wide one. */
function refuseWiderThan(file: Safetensors, { options }: FlowConfiguration, source: string): void {
  let held = 0;
  for (const { data } of file.tensors.values()) held += data.length;
  for (const name of ['dim', 'latentDim']) {
    const width = options[name];
    if (typeof width !== 'number' || width <= Math.max(held, 1024)) continue;
    throw badFile(source, `its configuration has ${name} ${width}, and it holds only ${held} numbers`);
  }
}

/** What the file holds for each array of the table. */
function arraysOf(
  table: ParameterTable,
  file: Safetensors,
  prefix: string,
  source: string,
): Map<string, Float64Array> {
  return new Map(
    table.names().map((name) => {
      const tensor = file.tensors.get(prefix + name);
      if (tensor === undefined) throw badFile(source, `the tensor '${prefix}${name}' is missing`);
      return [name, checked(tensor, table.shape(name), prefix + name, source)];
    }),
  );
}

function checked(tensor: Tensor, { k, n }: Shape, name: string, source: string): Float64Array {
  const { data, shape } = tensor;
  if (!(data instanceof Float64Array) || shape.length !== 2 || shape[0] !== k || shape[1] !== n) {
    throw badFile(source, `expected float64 [${k}, ${n}] for '${name}'; got [${shape.join(', ')}]`);
  }
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at !== -1) throw badFile(source, `'${name}' holds ${data[at]} at entry ${at}`);
  return data;
}

export function isObject(x: unknown): x is Readonly<Record<string, unknown>> {
  return typeof x === 'object' && x !== null && !Array.isArray(x);
}

export function badFile(source: string, what: string): LiouvilleError {
  return new LiouvilleError('bad-file', `${source}: ${what}.`);
}

/** What a constructor says of the options that it was handed from a file; other errors as they are. */
export function badConfiguration(source: string, error: unknown): unknown {
  if (!(error instanceof LiouvilleError)) return error;
  const message = `${source}: its configuration is wrong: ${error.message}`;
  return new LiouvilleError('bad-file', message, { cause: error });
}
