import type { SolveStep, Step, Transform } from '../flow/index.ts';
import { ops } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import { dynamicsOf, operatorOf } from './field.ts';
import type { Dynamics, Field, FieldPoint } from './field.ts';
import { probeShape, traceEstimate } from './trace.ts';
import type { LinearOperator } from './trace.ts';

/** Options of `continuous`: the field, the widths of rows and context, and the time that the way takes. */
export interface ContinuousOptions {
  /** Number of features of a row. */
  readonly dim: number;
  /** Width of the conditioning rows; default 0. */
  readonly contextDim?: number;
  /** dx/dt as a traced function of time, row and context, or `Dynamics`, which know more of themselves. */
  readonly field: Field | Dynamics;
  /** Where the parameters of the field are, below the transform's own path. */
  readonly fieldPath: string;
  /** T: a constant, or a value of parameters, [1, 1]. */
  endTime(scope: Scope): Value;
  /** Of how many rows of equal width, side by side, a row is made; see `packed`. Default 1. */
  readonly rows?: number;
}

/** A step whose field is at hand, for objectives and pictures that ask more of it than where it leads. */
export interface ContinuousStep extends SolveStep {
  readonly dim: number;
  /** Width of the probes of its trace. */
  readonly probeDim: number;
  /** dx/dt = f(t, x), [1, dim]. */
  velocity(scope: Scope, point: FieldPoint): Value;
  /** An operator with the trace of df/dx. */
  operator(scope: Scope, point: FieldPoint): LinearOperator;
  /** Phi(t, x), [1, 1], where the field is -grad Phi. */
  readonly potential: ((scope: Scope, point: FieldPoint) => Value) | null;
  /** Does `velocity` take several rows that share time and context, too? */
  readonly sideBySide: boolean;
  /** Of how many rows, side by side, a row is made. */
  readonly rows: number;
}

/** Is this a step of `continuous`? */
export function isContinuous(step: Step): step is ContinuousStep {
  return step.kind === 'solve' && 'velocity' in step && 'operator' in step;
}

/**
 * The continuous transform: x(0) is the data, x(T) the latent row, dx/dt = f(t, x), and
 * log|det dx(T)/dx(0)| = integral from 0 to T of tr(df/dx) dt (Chen et al. 2018, theorem 1).
 */
export function continuous(options: ContinuousOptions): Transform {
  const { dim, contextDim = 0, fieldPath, rows = 1 } = options;
  const dynamics = dynamicsOf(options.field);
  const { potential, probeDim = dim, sideBySide = false } = dynamics;
  const own = (point: FieldPoint): FieldPoint => (contextDim > 0 ? point : { ...point, context: null });
  const step = (path: string, reversed: boolean): ContinuousStep => ({
    kind: 'solve',
    path,
    reversed,
    dim,
    probeDim,
    endTime: (scope) => options.endTime(scope),
    noiseShape: (trace) => probeShape(trace, probeDim),
    velocity(scope, point) {
      const { t, x, context } = own(point);
      return dynamics.velocity(scope.at(fieldPath), t, x, context);
    },
    operator: (scope, point) => operatorOf(dynamics, scope.at(fieldPath), own(point)),
    potential:
      potential === undefined
        ? null
        : (scope, point) => potential(scope.at(fieldPath), point.t, point.x, own(point).context),
    sideBySide,
    rows,
    field(scope, { t, state, context, noise }, trace) {
      const point = { t, x: ops.slice(state, 0, dim), context };
      const estimate = traceEstimate(this.operator(scope, point), noise, trace);
      return ops.concat([this.velocity(scope, point), estimate.value]);
    },
  });
  return {
    dim,
    contextDim,
    steps: (direction, path) => [step(path, direction === 'inverse')],
  };
}
