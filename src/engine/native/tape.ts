import { LiouvilleError } from '../../errors.ts';
import type { Program } from '../../program/index.ts';
import type { Tape } from '../types.ts';
import type { TapeHandle } from './addon.ts';

/** What an engine of the kernels keeps of a solve. Its memory goes with this object. */
export class NativeTape implements Tape {
  readonly engine: 'native' | 'wasm';
  readonly rows: number;
  readonly field: Program;
  readonly interval: readonly [number, number];
  readonly handle: TapeHandle;

  constructor(
    engine: 'native' | 'wasm',
    handle: TapeHandle,
    field: Program,
    rows: number,
    interval: readonly [number, number],
  ) {
    this.engine = engine;
    this.handle = handle;
    this.field = field;
    this.rows = rows;
    this.interval = interval;
  }
}

export function ownTape(tape: Tape, engine: 'native' | 'wasm'): NativeTape {
  if (tape instanceof NativeTape && tape.engine === engine) return tape;
  throw new LiouvilleError(
    'invalid-argument',
    `The tape was made by the engine '${tape.engine}'; this is '${engine}'.`,
  );
}
