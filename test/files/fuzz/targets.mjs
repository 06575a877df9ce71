import {
  decodeCsv,
  decodeNpy,
  decodeNpz,
  decodeParquet,
  decodeSafetensors,
  readTable,
} from '../../../dist/files/index.js';
import { load } from '../../../dist/models/index.js';

/**
 * Every reader of bytes. What it returns does not matter; it may throw nothing but a LiouvilleError.
 * @type {Record<string, (bytes: Uint8Array) => unknown>}
 */
export const targets = {
  safetensors: (bytes) => decodeSafetensors(bytes),
  npy: (bytes) => decodeNpy(bytes),
  npz: (bytes) => decodeNpz(bytes, 'x'),
  csv: (bytes) => decodeCsv(bytes),
  parquet: (bytes) => decodeParquet(bytes),
  model: (bytes) => load(bytes),
  table: (bytes) => readTable(bytes),
};
