// What outside scripts call, as types. `liouville` exports all of it; more is free. Semantics in contract.md.

export type Precision = 'float32' | 'float64';
export type EngineName = 'reference' | 'native' | 'wasm' | 'tfjs' | 'webgpu';
export interface Matrix {
  data: Float32Array | Float64Array;
  rows: number;
  cols: number;
} // row-major
export type BatchLike =
  Matrix | readonly (readonly number[])[] | { shape: readonly number[]; dataSync(): ArrayLike<number> };

export type ErrorCode =
  | 'invalid-argument'
  | 'invalid-data'
  | 'shape-mismatch'
  | 'unknown-name'
  | 'engine-unavailable'
  | 'numerical-failure'
  | 'bad-file'
  | 'incompatible-version'
  | 'io'
  | 'aborted';
export class LiouvilleError extends Error {
  readonly code: ErrorCode;
}

/** Why a row's solve ended. Anything but 'ok' leaves NaN in that row's results. */
export type RowStatus = 'ok' | 'max-steps' | 'non-finite' | 'step-underflow';

export interface EvaluateOptions {
  engine?: EngineName | 'auto'; // 'auto': LIOUVILLE_ENGINE, else native, wasm, reference. A named engine that is absent throws 'engine-unavailable', never falls back
  precision?: Precision; // 'float32'; reference always computes in float64
  threads?: number; // all cores
  solver?: string; // 'dopri5'
  rtol?: number;
  atol?: number; // 1e-5 each; below 1e-6 in float32 throws and names float64
  stepSize?: number; // fixed-step solvers
  maxSteps?: number; // 10_000 per row
  trace?: 'exact' | 'hutchinson' | 'hutch++'; // exact where dim <= 64 when evaluating, dim <= 3 when training; else hutchinson
  probes?: number; // 1
  probeDistribution?: 'rademacher' | 'gaussian';
  noise?: BatchLike; // the probe itself, one row each, used by every block; implies one probe
  seed?: number; // 0
  context?: BatchLike;
  onFailure?: 'throw' | 'report'; // 'throw'
  signal?: AbortSignal;
}

export interface Transformed {
  logDet: Float64Array;
  status: RowStatus[];
  nfe: { mean: number; max: number } | null;
  engine: EngineName;
}

export interface ParameterTable {
  readonly count: number;
  readonly flat: Float64Array; // the master copy, always float64
  names(): string[];
  get(name: string): Matrix; // [out, in]; a bias is one row
  set(name: string, value: ArrayLike<number>): void;
}

export interface Flow {
  readonly name: string;
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters: ParameterTable;
  /** Nats, one per row. */
  logProb(x: BatchLike, options?: EvaluateOptions): Promise<Float64Array>;
  /** Data to latent; logDet = log|det dz/dx|. */
  transform(x: BatchLike, options?: EvaluateOptions): Promise<Transformed & { z: Matrix }>;
  /** Latent to data; logDet = log|det dx/dz|. */
  inverse(z: BatchLike, options?: EvaluateOptions): Promise<Transformed & { x: Matrix }>;
  sample(count: number, options?: EvaluateOptions): Promise<Matrix>;
  /** Mean negative log-likelihood, and its gradient by parameter name. */
  lossAndGradient(
    x: BatchLike,
    options?: EvaluateOptions,
  ): Promise<{ loss: number; gradient: Map<string, Matrix>; engine: EngineName }>;
}

export interface FitOptions extends EvaluateOptions {
  steps?: number;
  batchSize?: number;
  learningRate?: number;
  weightDecay?: number;
  clipNorm?: number;
  schedule?: 'constant' | 'cosine' | 'linear';
  ema?: number;
  validation?: BatchLike;
  patience?: number; // early stopping, in validations
  checkpoint?: string; // folder; written every checkpointEvery steps
  checkpointEvery?: number;
  onStep?(event: {
    step: number;
    loss: number;
    validation?: number;
    secondsPerStep: number;
    nfe?: number;
  }): void;
}
export interface FitResult {
  steps: number;
  loss: number;
  bestValidation: number | null;
  seconds: number;
  history: { step: number; loss: number; validation?: number }[];
  engine: EngineName;
}

export function fit(flow: Flow, x: BatchLike, options?: FitOptions): Promise<FitResult>;
export function save(flow: Flow, path: string): Promise<void>; // one .safetensors file, configuration in its metadata
export function load(source: string | Uint8Array): Promise<Flow>;
export function importFfjord(source: string | Uint8Array): Promise<Flow>; // parameter and gradient names are those of the PyTorch state_dict

export type Layer =
  'ignore' | 'concat' | 'concat_v2' | 'squash' | 'concatsquash' | 'concatcoord' | 'blend' | 'hyper';
export type Activation =
  'tanh' | 'softplus' | 'elu' | 'relu' | 'swish' | 'square' | 'sin' | 'gelu' | 'identity';
export function ffjord(options: {
  dim: number;
  contextDim?: number;
  hidden?: number[];
  layer?: Layer;
  activation?: Activation;
  blocks?: number;
  endTime?: number;
  trainEndTime?: boolean;
  batchNorm?: boolean;
  residual?: boolean;
  seed?: number;
}): Flow;
export function nice(options: {
  dim: number;
  contextDim?: number;
  layers?: number;
  hidden?: number[];
  seed?: number;
}): Flow;
export function realNVP(options: {
  dim: number;
  contextDim?: number;
  layers?: number;
  hidden?: number[];
  seed?: number;
}): Flow;
export function maf(options: {
  dim: number;
  contextDim?: number;
  layers?: number;
  hidden?: number[];
  seed?: number;
}): Flow;
export function iaf(options: {
  dim: number;
  contextDim?: number;
  layers?: number;
  hidden?: number[];
  seed?: number;
}): Flow;
/** Any model by the name that the command line knows, with its preset for this dimension. */
export function createModel(name: string, options: { dim: number; contextDim?: number; seed?: number }): Flow;
export const modelNames: readonly string[];

export const toy: Record<string, (count: number, options?: { seed?: number }) => Matrix>;

/** One initial value problem. f writes dy/dt into its third argument. */
export function solve(
  f: (t: number, y: Float64Array, dydt: Float64Array) => void,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options?: {
    solver?: string;
    rtol?: number;
    atol?: number | ArrayLike<number>;
    stepSize?: number;
    maxSteps?: number;
    times?: ArrayLike<number>;
    onFailure?: 'throw' | 'report';
  },
): {
  y: Float64Array;
  t: number;
  status: RowStatus;
  steps: number;
  rejected: number;
  nfe: number;
  at?: Float64Array[];
};
