import type { SolveStep, Transform } from '../flow/index.ts';
import { ops } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import type { Field } from './field.ts';
import { jacobianTrace, probeShape } from './trace.ts';

export interface ContinuousOptions {
  readonly dim: number;
  /** Width of the conditioning rows; default 0. */
  readonly contextDim?: number;
  readonly field: Field;
  /** Where the parameters of the field are, below the transform's own path. */
  readonly fieldPath: string;
  /** T: a constant, or a value of parameters, [1, 1]. */
  endTime(scope: Scope): Value;
}

/**
 * The continuous transform: x(0) is the data, x(T) the latent row, dx/dt = f(t, x), and
 * log|det dx(T)/dx(0)| = integral from 0 to T of tr(df/dx) dt (Chen et al. 2018, theorem 1).
 */
export function continuous(options: ContinuousOptions): Transform {
  const { dim, contextDim = 0, field, fieldPath } = options;
  const step = (path: string, reversed: boolean): SolveStep => ({
    kind: 'solve',
    path,
    reversed,
    endTime: (scope) => options.endTime(scope),
    noiseShape: (trace) => probeShape(trace, dim),
    field(scope, { t, state, context, noise }, trace) {
      const x = ops.slice(state, 0, dim);
      const dx = field(scope.at(fieldPath), t, x, contextDim > 0 ? context : null);
      return ops.concat([dx, jacobianTrace(dx, x, noise, trace)]);
    },
  });
  return {
    dim,
    contextDim,
    steps: (direction, path) => [step(path, direction === 'inverse')],
  };
}
