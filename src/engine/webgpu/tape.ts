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

/** The buffers of a tape, which go when nobody needs them any more. */
class TapeMemory {
  readonly #device: Device;
  readonly #parts: readonly TapePart[];
  #users = 0;
  #isDisposed = false;
  #given = false;

  constructor(device: Device, parts: readonly TapePart[]) {
    this.#device = device;
    this.#parts = parts;
  }

  async while<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDisposed) {
      throw new LiouvilleError('invalid-argument', 'The tape has been disposed of. Solve again.');
    }
    this.#users++;
    try {
      return await work();
    } finally {
      this.#users--;
      this.#giveUnused();
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#giveUnused();
  }

  #giveUnused(): void {
    if (!this.#isDisposed || this.#given || this.#users > 0) return;
    this.#given = true;
    for (const { chunks } of this.#parts) for (const chunk of chunks) this.#device.buffers.give(chunk);
  }
}

/** For tapes that nobody has disposed of. */
const forgotten = new FinalizationRegistry<TapeMemory>((memory) => {
  memory.dispose();
});

/** What the engine keeps of a solve. Its buffers go with this object, or when it is disposed of. */
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

  readonly #memory: TapeMemory;

  constructor(tape: Omit<WebGpuTape, 'engine' | 'dispose' | 'while'>) {
    this.rows = tape.rows;
    this.device = tape.device;
    this.field = tape.field;
    this.parameters = tape.parameters;
    this.inputs = tape.inputs;
    this.tableau = tape.tableau;
    this.interval = tape.interval;
    this.end = tape.end;
    this.parts = tape.parts;
    this.#memory = new TapeMemory(tape.device, tape.parts);
    forgotten.register(this, this.#memory);
  }

  /** Keeps the buffers until some work on them is done; rejected where they have been disposed of. */
  while<T>(work: () => Promise<T>): Promise<T> {
    return this.#memory.while(work);
  }

  dispose(): void {
    this.#memory.dispose();
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
