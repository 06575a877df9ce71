import { LiouvilleError } from '../errors.ts';
import { createFlow, refuseUnknown, standardNormal, wholeNumber } from '../flow/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';
import { formula, ops } from '../program/index.ts';
import type { Formula } from '../program/index.ts';
import { continuous } from './continuous.ts';
import { endTimeOf } from './end-time.ts';
import type { EndTimeOptions } from './end-time.ts';
import type { Dynamics, Field } from './field.ts';

/** Options of `cnf`: a continuous flow by a field of one's own, dx/dt = f(t, x), with a standard normal base. */
export interface CnfOptions extends ModelOptions, EndTimeOptions {
  /** dx/dt as a traced function, whose parameters are declared at its scope. */
  readonly field: Field | Dynamics;
  /** T, where the latent space lies; default 1. */
  readonly endTime?: number;
}

const common = ['dim', 'contextDim', 'seed', 'endTime', 'trainEndTime'];

/**
 * A continuous flow of any field. Its trace, its gradient and all engines follow from the function.
 * A file keeps the parameters, but not the function: see `cnfOfFormulas` for one that can be loaded.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 * @example
 * const swirl = cnf({
 *   dim: 2,
 *   field: (scope, t, x) => {
 *     const rate = scope.parameter('rate', { k: 1, n: 1 }, ones);
 *     return ops.mul(rate, ops.concat([ops.neg(ops.slice(x, 1, 1)), ops.slice(x, 0, 1)]));
 *   },
 * });
 */
export function cnf(options: CnfOptions): Flow {
  refuseUnknown('option of cnf', options, [...common, 'field']);
  const { field, ...plain } = options;
  const isField = typeof field === 'function' || typeof field?.velocity === 'function';
  if (!isField) {
    throw new LiouvilleError('invalid-argument', `field: expected a traced function; got ${typeof field}.`);
  }
  return flowOf('cnf', options, field, { ...plain });
}

/** Options of `cnfOfFormulas`: a continuous flow by a field that is given as formulas, which a file can hold. */
export interface FormulaCnfOptions extends ModelOptions, EndTimeOptions {
  /**
   * dx/dt as text: one formula for each feature, or one that gives all of them, in `t`, `x` (x[1], x[2], ...) and, with
   * context, `c`; see `formula`.
   */
  readonly formulas: readonly string[];
  /** T, where the latent space lies; default 1. */
  readonly endTime?: number;
}

/**
 * A continuous flow of a field that is written as formulas, which a file keeps.
 *
 * @throws LiouvilleError 'invalid-argument' naming the option, or the place in a formula.
 * @example
 * const spiral = await cnfOfFormulas({ dim: 2, formulas: ['-x[2] - 0.1 x[1]', 'x[1] - 0.1 x[2]'] });
 */
export async function cnfOfFormulas(options: FormulaCnfOptions): Promise<Flow> {
  refuseUnknown('option of cnfOfFormulas', options, [...common, 'formulas']);
  const texts: readonly string[] = options.formulas;
  const dim = wholeNumber('dim', options.dim, 1);
  if (!Array.isArray(texts) || (texts.length !== 1 && texts.length !== dim)) {
    const came = Array.isArray(texts) ? texts.length : typeof texts;
    throw new LiouvilleError('invalid-argument', `formulas: expected 1 or ${dim} of them; got ${came}.`);
  }
  const names = (options.contextDim ?? 0) > 0 ? ['t', 'x', 'c'] : ['t', 'x'];
  const traced: readonly Formula[] = await Promise.all(
    options.formulas.map(async (text) => formula(text, names)),
  );
  const field: Field = (_scope, t, x, context) => {
    const values = { t, x, ...(context !== null && { c: context }) };
    const parts = traced.map((each) => each(values));
    const width = traced.length === 1 ? dim : 1;
    parts.forEach((part, i) => {
      if (part.n === width || part.n === 1) return;
      throw new LiouvilleError(
        'shape-mismatch',
        `formulas: expected ${width} numbers of '${options.formulas[i]}'; got ${part.n}.`,
      );
    });
    const together = ops.concat(parts);
    return together.n === dim ? together : ops.broadcast(together, { k: 1, n: dim });
  };
  return flowOf('cnf-formulas', options, field, { ...options });
}

function flowOf(
  model: string,
  options: ModelOptions & EndTimeOptions,
  field: Field | Dynamics,
  configuration: Readonly<Record<string, unknown>>,
): Flow {
  const dim = wholeNumber('dim', options.dim, 1);
  const contextDim = wholeNumber('contextDim', options.contextDim ?? 0, 0);
  return createFlow({
    name: model,
    transform: continuous({ dim, contextDim, field, fieldPath: 'field', endTime: endTimeOf(options, 1) }),
    base: standardNormal(dim),
    configuration: { model, options: configuration },
    seed: options.seed,
  });
}
