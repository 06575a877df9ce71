import { LiouvilleError } from '../errors.ts';
import { encodeSafetensors, writeBytesAtomically } from '../files/index.ts';
import type { Tensor } from '../files/index.ts';
import type { Flow } from '../flow/index.ts';
import type { ParameterTable } from '../program/index.ts';
import { ffjordBlocks } from './ffjord.ts';
import type { FfjordOptions } from './ffjord.ts';

/** What the published code has no counterpart of. */
const ours = ['actNorm', 'timeFrequencies', 'rowFrequencies', 'contextDim'] as const;
const activationsOfOurs = ['sin', 'gelu'];

/**
 * The bytes of a .safetensors file that `importFfjord` reads, and whose tensors `param/NAME` are the state_dict that
 * the published FFJORD code loads: its names, its shapes, its buffers.
 *
 * @throws LiouvilleError 'incompatible-version' for a flow that the published code cannot express.
 */
export function encodeFfjord(flow: Flow): Uint8Array<ArrayBuffer> {
  const options = expressible(flow);
  const {
    blocks = 1,
    batchNorm = false,
    hidden = [64, 64, 64],
    endTime = 0.5,
    activation = 'tanh',
  } = options;
  const tensors = new Map<string, Tensor>();
  const add = (name: string, shape: readonly number[], data: ArrayLike<number>): void => {
    tensors.set(`param/${name}`, { shape, data: Float64Array.from(data) });
  };
  addTable(flow.parameters, add);
  addTable(flow.state, add);
  const places = ffjordBlocks({ blocks, batchNorm });
  const beta = flow.parameters.names().find((name) => name.endsWith('.beta'));
  for (const block of places) {
    add(`chain.${block}.odefunc._num_evals`, [], [0]);
    if (options.trainEndTime !== true) add(`chain.${block}.sqrt_end_time`, [], [Math.sqrt(endTime)]);
    if (beta === undefined) continue;
    const [value] = flow.parameters.get(beta).data;
    hidden.forEach((_, i) => add(`chain.${block}.odefunc.diffeq.activation_fns.${i}.beta`, [], [value!]));
  }
  const config = {
    dim: flow.dim,
    dims: hidden.join('-'),
    layer_type: options.layer ?? 'concatsquash',
    nonlinearity: activation,
    num_blocks: blocks,
    batch_norm: batchNorm,
    residual: options.residual ?? false,
    autoencode: options.autoencoder ?? false,
    train_T: options.trainEndTime ?? false,
  };
  return encodeSafetensors(tensors, new Map([['config', JSON.stringify(config)]]));
}

/**
 * Writes `encodeFfjord(flow)` to a file, as a whole or not at all.
 *
 * @throws LiouvilleError 'incompatible-version', or 'io' for what the file system refuses.
 */
export async function exportFfjord(flow: Flow, path: string): Promise<void> {
  await writeBytesAtomically(path, encodeFfjord(flow));
}

function expressible(flow: Flow): FfjordOptions {
  const { model } = flow.configuration;
  const options = flow.configuration.options as unknown as FfjordOptions;
  const refuse = (what: string): LiouvilleError =>
    new LiouvilleError('incompatible-version', `exportFfjord: the published code has no ${what}.`);
  if (model !== 'ffjord' && model !== 'cnf-fm') throw refuse(`model '${model}'`);
  const stranger = ours.find((name) => options[name] !== undefined && Number(options[name]) !== 0);
  if (stranger !== undefined) throw refuse(`option '${stranger}'`);
  if (activationsOfOurs.includes(options.activation ?? 'tanh'))
    throw refuse(`activation '${options.activation}'`);
  return options;
}

/** PyTorch keeps a bias as [n] and a number as []. */
function addTable(
  table: ParameterTable,
  add: (name: string, shape: readonly number[], data: ArrayLike<number>) => void,
): void {
  for (const name of table.names()) {
    const { data, rows, cols } = table.get(name);
    const last = name.slice(name.lastIndexOf('.') + 1);
    const isMatrix = last === 'weight' && !/^chain\.\d+\.weight$/.test(name);
    const isNumber = last === 'sqrt_end_time' || last === 'beta';
    add(name, isMatrix ? [rows, cols] : isNumber ? [] : [cols], data);
  }
}
