/** What native/host/napi/addon.cpp exports, as types. */

import type { AdamStep } from '../types.ts';

/** Objects that only the addon can look into. */
export type ProgramHandle = { readonly kind: 'program' };
export type TapeHandle = { readonly kind: 'tape' };
export type CancellationHandle = { readonly kind: 'cancellation' };

type Rows = Float32Array | Float64Array;

export interface AddonInfo {
  readonly version: number;
  readonly cores: number;
  /** Those that were compiled in, the narrowest first. */
  readonly instructionSets: readonly { readonly name: string; readonly supported: boolean }[];
}

/** A compiled program; ports are space, offset, k, n, gradients are space, offset, count, first parameter. */
export interface Code {
  readonly values: Int32Array;
  readonly constants: Float64Array;
  readonly prologue: Int32Array;
  readonly body: Int32Array;
  readonly epilogue: Int32Array;
  readonly sizes: Int32Array;
  readonly inputs: Int32Array;
  readonly outputs: Int32Array;
  readonly gradients: Int32Array;
}

export interface Job {
  readonly threads: number;
  readonly cancellation: CancellationHandle | null;
}

export interface RunCall extends Job {
  /** Its place in `instructionSets`. */
  readonly instructionSet: number;
  readonly float64: boolean;
  readonly rows: number;
  readonly trained: Float64Array;
  readonly state: Float64Array;
  /** For each input of the program; null is zero, and means that there is none where the input is the time. */
  readonly inputs: readonly (Rows | null)[];
}

export interface RunResult {
  readonly outputs: readonly Float64Array[];
  /** null for a program without sums over rows. */
  readonly gradient: Float64Array | null;
}

export interface SolveCall extends RunCall {
  /** The inputs that are the time and the state. */
  readonly t: number;
  readonly y: number;
  readonly tableau: {
    readonly stages: number;
    readonly fsal: boolean;
    readonly errorOrder: number;
    readonly c: Float64Array;
    readonly a: Float64Array;
    readonly b: Float64Array;
    readonly bError: Float64Array | null;
    readonly bCorrection: Float64Array | null;
  };
  readonly control: {
    readonly safety: number;
    readonly minFactor: number;
    readonly maxFactor: number;
    readonly beta: Float64Array;
    readonly rejection: number;
  };
  readonly t0: number;
  readonly t1: number;
  readonly rtol: number;
  readonly atol: number;
  /** 0: steps are chosen by the error test. */
  readonly stepSize: number;
  readonly maxSteps: number;
  readonly tape: boolean;
  readonly replay: TapeHandle | null;
}

export interface SolveResult {
  readonly y: Float64Array;
  /** By the order of `statuses`. */
  readonly status: Int32Array;
  /** For each row t, h, |y|, component; native: nothing where no row failed. */
  readonly failures: Float64Array;
  readonly nfe: Int32Array;
  readonly accepted: Int32Array;
  readonly rejected: Int32Array;
  readonly tape: TapeHandle | null;
}

export interface SolvePullbackCall extends Job {
  readonly cotangents: Float64Array;
  readonly times: boolean;
}

export interface SolvePullbackResult {
  /** For each input of the field; null for the time. */
  readonly cotangents: readonly (Float64Array | null)[];
  readonly gradient: Float64Array;
  readonly t0: number;
  readonly t1: number;
}

/** As `CloudData` of an engine. */
export interface CloudArrays {
  readonly data: Float64Array;
  readonly dim: number;
  readonly offsets: Int32Array;
}

export interface CloudDistancesCall extends Job {
  readonly instructionSet: number;
  /** Its place in `cloudDistanceNames`. */
  readonly kind: number;
  readonly left: CloudArrays;
  readonly right: CloudArrays;
  readonly pairs: Int32Array;
  /** One for each pair; Infinity is none. */
  readonly limits: Float64Array;
}

/** All functions throw an Error with one of the codes of errors.ts for arguments that are not well formed. */
export interface Addon {
  info(): AddonInfo;
  createProgram(code: Code): ProgramHandle;
  /** The instructions that the kernels run, a line each. */
  describe(program: ProgramHandle): string;
  createCancellation(): CancellationHandle;
  cancel(cancellation: CancellationHandle): void;
  run(program: ProgramHandle, call: RunCall): Promise<RunResult>;
  solve(field: ProgramHandle, call: SolveCall): Promise<SolveResult>;
  solvePullback(
    transposed: ProgramHandle,
    tape: TapeHandle,
    call: SolvePullbackCall,
  ): Promise<SolvePullbackResult>;
  /** Fills `out` with draws offset, offset + 1, ... of a stream; `draw` is 0 uniform, 1 normal, 2 rademacher. */
  fill(
    out: Float64Array,
    call: {
      readonly instructionSet: number;
      readonly draw: number;
      readonly seed: number;
      readonly stream: number;
      readonly offset: number;
    },
  ): void;
  /** One step of Adam, in place; the arrays do not overlap. Done when it returns. */
  adam(
    arrays: Readonly<Record<'parameters' | 'gradient' | 'mean' | 'square', Float64Array>>,
    call: AdamStep & { readonly instructionSet: number; readonly threads: number },
  ): void;
  /** Gives the memory of an array back, which is empty afterwards. */
  release(buffer: ArrayBufferLike): void;
  /** Two numbers for each pair of clouds. */
  cloudDistances(call: CloudDistancesCall): Promise<Float64Array>;
  /** Ends the threads that have nothing to do. */
  rest(): void;
}

/** What an engine needs of an addon: the engine 'wasm' does these things in workers. */
export type Kernels = Omit<Addon, 'info' | 'describe'>;

/** The version of this interface; an addon of another one was built from other sources. */
export const addonVersion = 5;
