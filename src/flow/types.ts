import type { EngineName, Precision } from '../engine/index.ts';
import type { BatchLike, Matrix } from '../matrix.ts';
import type { RowStatus } from '../ode/index.ts';
import type { ModelTables, ParameterTable } from '../program/index.ts';
import type { Base } from './base.ts';
import type { StartCotangents } from './gradient.ts';
import type { Direction, Transform } from './transform.ts';

/** How a call is computed. Every option has one default, stated here and in options.ts. */
export interface EvaluateOptions {
  /** 'auto': LIOUVILLE_ENGINE, else native, wasm, reference. A named engine never falls back. */
  engine?: EngineName | 'auto';
  /** Default 'float32'; 'float64' with a solver that is not explicit. The reference engine always computes in float64. */
  precision?: Precision;
  /** Default: all cores. */
  threads?: number;
  /**
   * One of `solverNames`, default 'dopri5'. Explicit methods run on the engine; 'odex', 'adams', 'rodas5p' and 'kvaerno5' beside it,
   * in float64, one row after the other.
   */
  solver?: string;
  /** Relative tolerance of each step, default 1e-5; below 1e-6 needs float64. */
  rtol?: number;
  /** Absolute tolerance of each step, default 1e-5; below 1e-6 needs float64. */
  atol?: number;
  /** Fixed steps of at most this size, which solvers without error estimate need; default: errors choose the steps. */
  stepSize?: number;
  /** Default 10,000 per row. */
  maxSteps?: number;
  /** Default: exact where dim <= 64 when evaluating and dim <= 3 when training, else hutchinson. */
  trace?: 'exact' | 'hutchinson' | 'hutch++';
  /** Probe vectors per row, default 1; 3, the fewest, for hutch++. */
  probes?: number;
  /** Default 'rademacher'. */
  probeDistribution?: 'rademacher' | 'gaussian';
  /** The probe itself, one row each, used by every block; implies one probe. Default: drawn from the seed. */
  noise?: BatchLike;
  /** Default 0. */
  seed?: number;
  /**
   * How gradients pass through a solve: 'discrete' differentiates the steps that were taken, exactly; 'quadrature' solves
   * the continuous adjoint back along the interpolated way there; 'backsolve' solves it together with the state, and keeps
   * nothing of the way. Default 'discrete' with an explicit solver, 'quadrature' with the others, which have no 'discrete'.
   */
  gradient?: 'discrete' | 'backsolve' | 'quadrature';
  /** Conditioning rows, one for each row: [rows, contextDim]. Only flows without context go without. */
  context?: BatchLike;
  /** Default 'throw'. With 'report' failed rows are NaN and their status says why. */
  onFailure?: 'throw' | 'report';
  /** Ends the call with the code 'aborted' when it fires; without one nothing does. */
  signal?: AbortSignal;
}

/** What `transform` and `inverse` give besides the rows; log-determinants in nats. */
export interface Transformed {
  /** Natural log of |det| of the Jacobian, one per row. */
  logDet: Float64Array;
  /** Why each row's solve ended: 'ok', or what made its results NaN. */
  status: RowStatus[];
  /** Evaluations of the field per row, summed over blocks; null without a continuous part. */
  nfe: { mean: number; max: number } | null;
  /** The engine that computed. */
  engine: EngineName;
}

/** Options of `Flow.path`: the direction, and how finely the way is cut. */
export interface PathOptions extends EvaluateOptions {
  /** 'forward' goes from data to latent; default 'inverse', from latent to data. */
  direction?: Direction;
  /** Equally long pieces that each continuous part is cut into; default 16. */
  intervals?: number;
}

/** Where rows are at one stop of their way. */
export interface PathStop {
  /** Rows that failed are NaN from then on. */
  readonly x: Matrix;
  /** The part of the model that brought them here; '' at the start, and for a model of one part. */
  readonly path: string;
  /** The time that a continuous part has come to; null after a closed form. */
  readonly time: number | null;
}

/** What `fit` trains and `save` writes: a flow, or another model that answers as flows do where training asks. */
export interface Trainable {
  /** The name of the model, as `createModel` and files know it. */
  readonly name: string;
  /** Number of features of a row. */
  readonly dim: number;
  /** Width of the conditioning rows; 0 for a model that takes none. */
  readonly contextDim: number;
  /** What is trained: one flat float64 array behind names. */
  readonly parameters: ParameterTable;
  /** What is kept but not trained, such as running statistics. */
  readonly state: ParameterTable;
  /** What `save` writes so that the model can be made again. */
  readonly configuration: FlowConfiguration;
  /** What a flow is made of, for objectives that trace programs of their own; absent in models of other making. */
  readonly parts?: FlowParts;
  /** log p(x), nats, one per row; of a model that has no more, an estimate of a lower bound. */
  logProb(x: BatchLike, options?: EvaluateOptions): Promise<Float64Array>;
  /** Minus the mean of that, and its gradient by parameter name. Changes nothing. */
  lossAndGradient(x: BatchLike, options?: GradientOptions): Promise<LossAndGradient>;
  /**
   * Sets first values that depend on data (activation normalisation and the like) from these rows; does nothing for
   * models without such layers, nor a second time. `fit` calls it with its first batch.
   */
  initialise(x: BatchLike, options?: EvaluateOptions): Promise<void>;
}

/** A normalizing flow: a base distribution and an invertible map from data to its latent space. */
export interface Flow extends Trainable {
  /** log p(x) = log p_Z(z) + log|det dz/dx|, nats, one per row. */
  logProb(x: BatchLike, options?: EvaluateOptions): Promise<Float64Array>;
  /** Data to latent; logDet = log|det dz/dx|. */
  transform(x: BatchLike, options?: EvaluateOptions): Promise<Transformed & { z: Matrix }>;
  /** Latent to data; logDet = log|det dx/dz|. */
  inverse(z: BatchLike, options?: EvaluateOptions): Promise<Transformed & { x: Matrix }>;
  /** Draws from the flow; draw i of a seed is the same for any count. */
  sample(count: number, options?: EvaluateOptions): Promise<Matrix>;
  /** Where rows are on their way between latent space and data: at its start and after each part of the model. */
  path(x: BatchLike, options?: PathOptions): Promise<PathStop[]>;
  /** Mean negative log-likelihood, nats, and its gradient by parameter name. Changes nothing. */
  lossAndGradient(x: BatchLike, options?: GradientOptions): Promise<LossAndGradient>;
}

/** The parts of a flow. Programs traced with `tables` see and share its parameters. */
export interface FlowParts {
  /** Data to latent, and back. */
  readonly transform: Transform;
  /** The distribution of the latent rows. */
  readonly base: Base;
  /** Parameters and state, by name. */
  readonly tables: ModelTables;
}

/** Options of `lossAndGradient`. */
export interface GradientOptions extends EvaluateOptions {
  /**
   * Compute as training does: layers that normalise use the statistics of the batch, and `state` says what the
   * running ones become. Default false: the density as it is evaluated.
   */
  training?: boolean;
}

/**
 * What `lossAndGradient` finds: the mean of -log p(x) over the rows, in nats, its gradient by all trained parameters,
 * and the cost.
 */
export interface LossAndGradient {
  /** Mean of -log p(x) over the rows that did not fail, nats. */
  loss: number;
  /** Views of `flat`. */
  gradient: Map<string, Matrix>;
  /** The same gradient as one flat array, in the order of `parameters.flat`. */
  flat: Float64Array;
  /** Evaluations of the field per row on the way forward, summed over blocks; null without a continuous part. */
  nfe: { mean: number; max: number } | null;
  /** The gradient by the rows and by their context; absent in models that do not know it. Rows that failed have zeros. */
  cotangents?: StartCotangents;
  /** With `training`, what `state.flat` becomes after a step with this batch; null where nothing changes. */
  state: Float64Array | null;
  /** The engine that computed. */
  engine: EngineName;
}

/** A model's constructor by name, and its options; plain JSON. */
export interface FlowConfiguration {
  /** The name of the constructor. */
  readonly model: string;
  /** What it was called with. */
  readonly options: Readonly<Record<string, unknown>>;
}
