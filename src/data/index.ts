/** Toy densities of known entropy, splits into training, validation and test rows, standardisation. */
export { energies } from './energies.ts';
export type { Energy } from './energies.ts';
export { tableNotes } from './notes.ts';
export { rocArea } from './roc.ts';
export type { RocArea } from './roc.ts';
export { selectColumns } from './select.ts';
export { splitRows, toyData } from './split.ts';
export type { Split } from './split.ts';
export { standardiser } from './standardise.ts';
export type { Standardiser } from './standardise.ts';
export { toy, toyEntropy, toyLogDensity, toyNames } from './toy.ts';
export type { Table } from '../files/table.ts';
