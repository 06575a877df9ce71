import type { Failure, RowStatus, StepControl, Tableau } from '../ode/index.ts';
import type { Program } from '../program/index.ts';

/** The names of the engines. */
export type EngineName = 'reference' | 'native' | 'wasm' | 'tfjs' | 'webgpu';
/** What rows are computed in: unit roundoff 6.0e-8 in 'float32', 1.1e-16 in 'float64'. */
export type Precision = 'float32' | 'float64';

/** Rows for a program: for each input its numbers, row-major, `rows` times the size of the input. */
export type Columns = Readonly<Record<string, Float32Array | Float64Array>>;

/** The flat arrays of a model. An engine copies them when a call begins. */
export interface ParameterData {
  readonly trained: Float64Array;
  readonly state: Float64Array;
}

/** Options of every call of an engine. `signal` aborts it: the call then throws 'aborted'. Results do not depend on `threads`. */
export interface CallOptions {
  /** In which rows are computed, 'float32' unless given; `reference` always takes float64. */
  readonly precision?: Precision | undefined;
  /** All cores unless given; the results do not depend on it. */
  readonly threads?: number | undefined;
  /** Ends the call with the code 'aborted' when it fires; without one nothing does. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `Engine.pullback`. */
export interface PullbackOptions extends CallOptions {
  /** Are the outputs of the program wanted too? Default false. */
  readonly outputs?: boolean | undefined;
}

/**
 * What `Engine.pullback` gives: with cotangents v of the outputs y, v^T dy/dx for each row, and the sum over the rows of
 * v^T dy/dparameters.
 */
export interface PullbackResult {
  /** By input name, the cotangents of the rows. */
  readonly cotangents: Readonly<Record<string, Float64Array>>;
  /** Of the flat trained parameters, summed over the rows. */
  readonly gradient: Float64Array;
  /** The outputs of the program, where they were asked for. */
  readonly outputs?: Readonly<Record<string, Float64Array>>;
}

/** Options of `Engine.solve`. */
export interface SolveOptions extends CallOptions {
  /** The explicit Runge-Kutta method, the same for all rows. */
  readonly tableau: Tableau;
  /** Where every row begins. */
  readonly t0: number;
  /** Where every row ends; before t0, the solve goes back. */
  readonly t1: number;
  /** Relative tolerance of each step of a row, > 0. Not used with fixed steps. */
  readonly rtol: number;
  /** Absolute tolerance of each step of a row, > 0. Not used with fixed steps. */
  readonly atol: number;
  /** A fixed step, without an error test; unless given, errors choose the steps. */
  readonly stepSize?: number | undefined;
  /** The most steps that are attempted for a row, accepted and rejected ones together. */
  readonly maxSteps: number;
  /** How errors become step sizes; `piControl` unless given. */
  readonly control?: StepControl | undefined;
  /** Keep what `solvePullback` needs; default false. */
  readonly tape?: boolean;
  /** Take the accepted steps of this tape again, without an error test; none unless given. */
  readonly replay?: Tape | undefined;
}

/** What `Engine.solve` gives, one entry for each row. */
export interface Solution {
  /** End states, row-major; NaN where the status is not 'ok'. */
  readonly y: Float64Array;
  /** Why the solve of each row ended. */
  readonly status: readonly RowStatus[];
  /** Where and how it failed, for each row; null where it did not. */
  readonly failures: readonly (Failure | null)[];
  /** Evaluations of the field, for each row, the first included. */
  readonly nfe: Int32Array;
  /** Accepted steps of each row. */
  readonly accepted: Int32Array;
  /** Rejected steps of each row. */
  readonly rejected: Int32Array;
  /** What `solvePullback` needs, where it was asked for; else null. */
  readonly tape: Tape | null;
}

/** What a solve leaves behind for its gradient. Only the engine that made it can read it. */
export interface Tape {
  readonly engine: EngineName;
  readonly rows: number;
  /** Gives back at once what the tape holds outside of JavaScript's memory, where there is such; it is of no use then. */
  dispose?(): void;
}

/** Options of `Engine.solvePullback`. */
export interface SolvePullbackOptions extends CallOptions {
  /** Are the cotangents of the times wanted? Default true; when false they are 0, at no cost. */
  readonly times?: boolean | undefined;
}

/**
 * What `Engine.solvePullback` gives: the pullback through the accepted steps of a solve, from the end states to the
 * initial ones, parameters and times.
 */
export interface SolvePullbackResult extends PullbackResult {
  /** Of the begin and end times, summed over the rows. */
  readonly t0: number;
  readonly t1: number;
}

/** The distributions that engines draw from. */
export type DrawKind = 'uniform' | 'normal' | 'rademacher';

/** Arrays of one length that do not overlap. All but the gradient are changed. */
export interface AdamArrays {
  readonly parameters: Float64Array;
  readonly gradient: Float64Array;
  readonly mean: Float64Array;
  readonly square: Float64Array;
}

/** The numbers of step t of Adam (Kingma, Ba, ICLR 2015, algorithm 1), with the corrections of its bias. */
export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1 - beta1^t and 1 - beta2^t in step t. */
  readonly meanCorrection: number;
  readonly squareCorrection: number;
}

/** Point clouds, one after another: cloud i has the points offsets[i] ... offsets[i + 1] - 1, of `dim` numbers each. */
export interface CloudData {
  readonly data: Float64Array;
  readonly dim: number;
  readonly offsets: Uint32Array;
}

/** Which distance between two clouds. */
export type CloudDistance = 'chamfer' | 'earth-mover';

/** Options of `Engine.cloudDistances`. */
export interface CloudOptions extends CallOptions {
  /**
   * A number for each pair, for 'earth-mover'. A pair whose distance is certain to come out above its number may be given
   * up: its first result is Infinity then, and the second is a lower bound above the number. All others have the bits that
   * they have without limits. None unless given.
   */
  readonly limits?: Float64Array | undefined;
}

/**
 * What runs programs, and an ODE per row. A field is a program with inputs `t` (one number), `y`, and any
 * that stay the same during a solve, and the output `dy`. Inputs are copied when a call begins.
 */
export interface Engine {
  readonly name: EngineName;
  /** What calls may ask for, the better first. A call that does not say computes in float32 where it can. */
  readonly precisions: readonly Precision[];
  /** Output rows by name. */
  run(
    program: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    options?: CallOptions,
  ): Promise<Record<string, Float64Array>>;
  /** Cotangents of inputs and parameters from those of the outputs; one left out is zero. */
  pullback(
    program: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    cotangents: Columns,
    options?: PullbackOptions,
  ): Promise<PullbackResult>;
  solve(
    field: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    options: SolveOptions,
  ): Promise<Solution>;
  /** The discrete gradient of a solve from the cotangents of its end states. */
  solvePullback(
    tape: Tape,
    cotangents: Float64Array,
    options?: SolvePullbackOptions,
  ): Promise<SolvePullbackResult>;
  /** Draws offset, offset + 1, ... of a stream of src/random: the same bits on every engine. Default 0. */
  fill(kind: DrawKind, out: Float64Array, seed: number, stream: number, offset?: number): void;
  /** One step of Adam in float64: the same bits on every engine. */
  adam(arrays: AdamArrays, step: AdamStep): void;
  /**
   * Takes back a gradient that a call has given, and that nobody needs any more: the array is empty afterwards. Training
   * does this after each step, since gradients left to the garbage collector make it run all the time. Absent where
   * arrays cannot be taken back.
   */
  release?(gradient: Float64Array): void;
  /**
   * Distances of the clouds left[pairs[2 i]] and right[pairs[2 i + 1]] in float64, two numbers a pair.
   * 'chamfer': the mean over the points of the left cloud of the least squared distance to the right one, and the other
   * way round; the same bits on every engine. 'earth-mover', for two clouds of n points: the least mean distance of any
   * one-to-one assignment, and a lower bound of it from prices, which differs from it by rounding only. What a pair gives
   * does not depend on the others.
   */
  cloudDistances(
    kind: CloudDistance,
    left: CloudData,
    right: CloudData,
    pairs: Uint32Array,
    options?: CloudOptions,
  ): Promise<Float64Array>;
  dispose(): void;
}
