/// <reference types="@webgpu/types" />
import { LiouvilleError } from '../../errors.ts';
import type { Tableau } from '../../ode/index.ts';
import type { Program } from '../../program/index.ts';
import type { Columns, ParameterData, Tape } from '../types.ts';
import type { Device } from './device.ts';

/** The steps of some rows of a solve, on the device: buffers of `tapeSteps` steps each. */
export interface TapePart {
  readonly first: number;
  readonly rows: number;
  /** Rows that lie side by side in the buffers. */
  readonly stride: number;
  /** Steps that one buffer holds. */
  readonly tapeSteps: number;
  readonly chunks: readonly GPUBuffer[];
  /** Accepted steps of each row; none for a row that failed. */
  readonly steps: Uint32Array;
}

/** What the engine keeps of a solve. Its buffers go with this object. */
export class WebGpuTape implements Tape {
  readonly engine = 'webgpu';
  readonly rows: number;
  readonly device: Device;
  readonly field: Program;
  readonly parameters: ParameterData;
  readonly inputs: Columns;
  readonly tableau: Tableau;
  readonly interval: readonly [number, number];
  /** End states; NaN for rows that failed. */
  readonly end: Float64Array;
  readonly parts: readonly TapePart[];

  constructor(tape: Omit<WebGpuTape, 'engine'>) {
    this.rows = tape.rows;
    this.device = tape.device;
    this.field = tape.field;
    this.parameters = tape.parameters;
    this.inputs = tape.inputs;
    this.tableau = tape.tableau;
    this.interval = tape.interval;
    this.end = tape.end;
    this.parts = tape.parts;
  }
}

export function ownTape(tape: Tape): WebGpuTape {
  if (tape instanceof WebGpuTape) return tape;
  throw new LiouvilleError(
    'invalid-argument',
    `The tape was made by the engine '${tape.engine}'; this is 'webgpu'.`,
  );
}

/** The tape whose steps are taken again. */
export function replayTape(tape: Tape, rows: number, t0: number, t1: number): WebGpuTape {
  const own = ownTape(tape);
  if (own.rows !== rows) {
    throw new LiouvilleError(
      'shape-mismatch',
      `replay: the tape holds the steps of ${own.rows} rows; got ${rows} rows.`,
    );
  }
  const [from, to] = own.interval;
  if (from !== t0 || to !== t1) {
    throw new LiouvilleError(
      'invalid-argument',
      `replay: expected a tape from t0 = ${t0} to t1 = ${t1}, got one from ${from} to ${to}.`,
    );
  }
  const width = own.end.length / rows;
  const failed = own.end.findIndex(Number.isNaN);
  if (failed === -1) return own;
  throw new LiouvilleError(
    'invalid-argument',
    `replay: expected a tape to replay on which no row failed; row ${Math.floor(failed / width)} did.`,
  );
}

/** Throws unless the tape lies on this device: after a loss its steps are gone. */
export function checkDevice(tape: WebGpuTape, device: Device): void {
  if (tape.device === device && !device.isLost) return;
  throw new LiouvilleError(
    'engine-unavailable',
    'The steps of this tape were on a WebGPU device that is gone. Solve again.',
  );
}
