/** Codecs between bytes and numbers, and the few functions that read and write files. */
export { decodeCsv } from './csv.ts';
export { canBeHeader, encodeCsv } from './encode-csv.ts';
export { makeFolder, namesIn, readBytes, removeFile, writeBytesAtomically, writeTail } from './io.ts';
export { decodeNpy, encodeNpy, matrixFromNpy } from './npy.ts';
export type { NpyArray } from './npy.ts';
export { decodeNpz, encodeNpz, npzKeys } from './npz.ts';
export { decodeParquet } from './parquet/decode.ts';
export { readTable, writeColumn, writeTable } from './read-table.ts';
export type { ReadTableOptions } from './read-table.ts';
export { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
export type { Safetensors, Tensor, TensorData } from './safetensors.ts';
export { defaultColumns } from './table.ts';
export type { NotedTable, Table } from './table.ts';
