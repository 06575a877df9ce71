import { LiouvilleError } from '../../errors.ts';
import type { Program } from '../../program/index.ts';
import type { Tape } from '../types.ts';
import type { TapeHandle } from './addon.ts';

/** What the native engine keeps of a solve. Its memory is outside of JavaScript and goes with this object. */
export class NativeTape implements Tape {
  readonly engine = 'native';
  readonly rows: number;
  readonly field: Program;
  readonly interval: readonly [number, number];
  readonly handle: TapeHandle;

  constructor(handle: TapeHandle, field: Program, rows: number, interval: readonly [number, number]) {
    this.handle = handle;
    this.field = field;
    this.rows = rows;
    this.interval = interval;
  }
}

export function ownTape(tape: Tape): NativeTape {
  if (tape instanceof NativeTape) return tape;
  throw new LiouvilleError(
    'invalid-argument',
    `The tape was made by the engine '${tape.engine}'; this is 'native'.`,
  );
}
