import { encodeSafetensors, writeBytesAtomically } from '../files/index.ts';
import type { Tensor } from '../files/index.ts';
import type { Trainable } from '../flow/index.ts';
import type { ParameterTable } from '../program/index.ts';
import { Snapshot } from './keep.ts';

/** What a file holds: arrays, and what the model is made again with. */
export type Saveable = Pick<Trainable, 'parameters' | 'state' | 'configuration'>;

/**
 * The bytes of a flow's file: one .safetensors with every trained array under its name and every array that is
 * kept but not trained under `state/NAME`, all float64, [out, in]. The metadata is
 * `{format: 'liouville', version: '1', configuration: JSON of the flow's configuration}`. Other values than the flow's own
 * may be given as `kept`.
 */
export function encodeFlow(flow: Saveable, kept: Snapshot = Snapshot.of(flow)): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, Tensor>();
  addTensors(tensors, '', flow.parameters, kept.parameters);
  addTensors(tensors, 'state/', flow.state, kept.state);
  const metadata = new Map([
    ['format', 'liouville'],
    ['version', '1'],
    ['configuration', JSON.stringify(flow.configuration)],
  ]);
  return encodeSafetensors(tensors, metadata);
}

/**
 * Writes a flow to one .safetensors file (see `encodeFlow`), as a whole or not at all. Throws 'io' for what the
 * file system refuses.
 */
export async function save(flow: Saveable, path: string): Promise<void> {
  await writeBytesAtomically(path, encodeFlow(flow));
}

function addTensors(
  tensors: Map<string, Tensor>,
  prefix: string,
  table: ParameterTable,
  flat: Float64Array,
): void {
  for (const name of table.names()) {
    const { k, n } = table.shape(name);
    tensors.set(prefix + name, { shape: [k, n], data: table.viewIn(flat, name) });
  }
}
