import { LiouvilleError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import type { Scope, Shape, Value } from '../program/index.ts';
import type { Trace } from './options.ts';
import type { ColumnStatistics, StepValues } from './statistics.ts';

/** 'forward' goes from data to latent, 'inverse' back. */
export type Direction = 'forward' | 'inverse';

/** Where a row has come to, and the log|det| of the Jacobian of this part of its way; [1, dim] and [1, 1]. */
export interface Passage {
  readonly x: Value;
  readonly logDet: Value;
}

/**
 * A part of a transform's way in one direction that is in closed form: rows [1, inputDim] -> rows, and their logDet [1,
 * 1].
 */
export interface MapStep {
  readonly kind: 'map';
  readonly path: string;
  /** Width of the rows that come in. */
  readonly inputDim: number;
  /** `estimate` is for maps whose logDet may be estimated; without one it is exact. */
  apply(scope: Scope, x: Value, context: Value | null, estimate?: Estimate): Passage;
  /** The shape of the probes that each row brings for that, or null when there is nothing to estimate. */
  noiseShape?(trace: Trace): Shape | null;
  readonly initialise?: Initialise | undefined;
  readonly batch?: BatchRule | undefined;
}

/** How a logDet is computed: exactly, by probes (`noise`, the rows of `noiseShape`), or not at all. */
export interface Estimate {
  readonly trace: Trace;
  readonly noise: Value | null;
}

/**
 * Sets first values from data, before the first step of training: `rows` [rows, inputDim] are those of the first
 * batch as they arrive at this step, those before it having been set already. Whether it has happened
 * before is for the step to know: it keeps a number for that in its state.
 */
export type Initialise = (rows: Matrix, values: StepValues) => void;

/**
 * What is different about a step while it trains, where it depends on the whole batch, as normalising by the batch
 * does. Everywhere else `MapStep.apply` holds, with what the state keeps.
 */
export interface BatchRule {
  /** The map in training, by the mean and the variance of the batch, [1, inputDim] each; gradients go through both. */
  apply(
    scope: Scope,
    x: Value,
    context: Value | null,
    statistics: BatchStatistics,
    estimate?: Estimate,
  ): Passage;
  /** What the state becomes after the batch, such as running statistics: changes `values.state(...)` in place. */
  update(statistics: ColumnStatistics, values: StepValues): void;
}

/** The statistics of the rows that arrive at a step, as values of its program. */
export interface BatchStatistics {
  readonly mean: Value;
  readonly variance: Value;
}

/** What the state of a solve is computed from at one time. */
export interface FieldInputs {
  readonly t: Value;
  /** [1, dim + 1]: x, then the logDet so far. */
  readonly state: Value;
  readonly context: Value | null;
  /** The rows of `noiseShape`, the same during the whole solve. */
  readonly noise: Value | null;
}

/** A part of the way that solves dx/dt = f(t, x), d logDet/dt = tr(df/dx), from 0 to the end time. */
export interface SolveStep {
  readonly kind: 'solve';
  readonly path: string;
  /** From the end time to 0. */
  readonly reversed: boolean;
  /** The time derivative of the state. */
  field(scope: Scope, inputs: FieldInputs, trace: Trace): Value;
  /** A constant or a value of parameters, [1, 1]. */
  endTime(scope: Scope): Value;
  /** The shape of the probes that each row brings, or null when the trace needs none. */
  noiseShape(trace: Trace): Shape | null;
}

/** One part of the way of a row: in closed form, or by solving an ODE. */
export type Step = MapStep | SolveStep;

/**
 * An invertible map of rows. It says which steps, in order, take a row in a direction; everything else
 * (programs, engines, gradients) follows from the steps.
 */
export interface Transform {
  readonly dim: number;
  /** Width of the conditioning rows; 0 for none. */
  readonly contextDim: number;
  /** `path` comes before the names of the parameters. */
  steps(direction: Direction, path: string): readonly Step[];
}

/**
 * A transform of one row [1, dim] in closed form both ways, as traced functions: z = forward(x), x = inverse(z), each with the
 * log-determinant of its own Jacobian, [1, 1]. `bijection` makes a `Transform` of it.
 */
export interface Bijection {
  /** Number of features of a row. */
  readonly dim: number;
  /** Width of the conditioning rows; 0 unless given. */
  readonly contextDim?: number;
  /** x -> z and log|det dz/dx|. */
  forward(scope: Scope, x: Value, context: Value | null, estimate?: Estimate): Passage;
  /** z -> x and log|det dx/dz|. */
  inverse(scope: Scope, z: Value, context: Value | null, estimate?: Estimate): Passage;
  /** The probes that an estimated logDet needs, in either direction; see MapStep. */
  readonly noiseShape?: (trace: Trace) => Shape | null;
  /** Both belong to the way from data to latent. */
  readonly initialise?: Initialise;
  /** What training computes in place of both, from the statistics of a batch; see MapStep. */
  readonly batch?: BatchRule;
}

/** Makes a transform of two closed forms. They see the context only when they declare its width. */
export function bijection(maps: Bijection): Transform {
  const contextDim = maps.contextDim ?? 0;
  return {
    dim: maps.dim,
    contextDim,
    steps: (direction, path) => [
      {
        kind: 'map',
        path,
        inputDim: maps.dim,
        apply: (scope, x, context, estimate) =>
          maps[direction](scope, x, contextDim > 0 ? context : null, estimate),
        ...(maps.noiseShape && { noiseShape: maps.noiseShape }),
        initialise: direction === 'forward' ? maps.initialise : undefined,
        batch: direction === 'forward' ? maps.batch : undefined,
      },
    ],
  };
}

/**
 * Transforms one after the other, the first one nearest to the data. The parameters of part i have names
 * that begin with `chain.i`.
 *
 * @throws LiouvilleError 'invalid-argument' for no transforms, 'shape-mismatch' for transforms of different dims.
 */
export function chain(parts: readonly Transform[]): Transform {
  const [first] = parts;
  if (first === undefined)
    throw new LiouvilleError('invalid-argument', 'chain: expected at least one transform.');
  parts.forEach((part, i) => {
    if (part.dim !== first.dim) {
      throw new LiouvilleError(
        'shape-mismatch',
        `chain: all parts need the same dim; part 0 has ${first.dim}, part ${i} has ${part.dim}.`,
      );
    }
  });
  return {
    dim: first.dim,
    contextDim: commonContext(parts),
    steps(direction, path) {
      const all = parts.map((part, i) => part.steps(direction, join(path, `chain.${i}`)));
      return (direction === 'forward' ? all : all.toReversed()).flat();
    },
  };
}

/** The same map the other way round: its forward is the inverse of `transform`. */
export function invert(transform: Transform): Transform {
  const opposite = { forward: 'inverse', inverse: 'forward' } as const;
  return {
    dim: transform.dim,
    contextDim: transform.contextDim,
    steps: (direction, path) => transform.steps(opposite[direction], path),
  };
}

function commonContext(parts: readonly Transform[]): number {
  const widths = [...new Set(parts.map((part) => part.contextDim).filter((width) => width > 0))];
  if (widths.length > 1) {
    throw new LiouvilleError(
      'shape-mismatch',
      `chain: all parts that take context need the same contextDim; got ${widths.join(' and ')}.`,
    );
  }
  return widths[0] ?? 0;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
