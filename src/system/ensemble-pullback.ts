import { LiouvilleError } from '../errors.ts';
import { isExplicit, solveWithPullback, stiffSolverNames, tableaus } from '../ode/index.ts';
import type { DifferentiableSolution, RowStatus } from '../ode/index.ts';
import { ensembleOf, noteFailures, nothing } from './ensemble.ts';
import type { EnsembleOptions, EnsembleSolution } from './ensemble.ts';
import type { TextField } from './text-field.ts';

/** Options of `solveEnsembleWithPullback`. */
export interface EnsemblePullbackOptions extends Omit<EnsembleOptions, 'times' | 'onFailure'> {
  /**
   * As in `solveWithPullback`: 'discrete', the default with an explicit solver, runs on the engine. 'quadrature', the default with
   * the others, and 'backsolve' take one row after the other, in float64.
   */
  gradient?: 'discrete' | 'backsolve' | 'quadrature' | undefined;
}

/** The gradient of a loss by everything that the rows of an ensemble began with, one entry for each row. */
export interface EnsembleCotangents {
  /** By the initial values, rows x dim. Where one state was given for all, its gradient is the sum over the rows. */
  readonly y0: Float64Array;
  /** By the parameters, rows x width; likewise. */
  readonly parameters: Float64Array;
  /** By the begin and the end time, for each row. */
  readonly t0: Float64Array;
  readonly t1: Float64Array;
}

/** An ensemble at its end, and the way back. */
export interface DifferentiableEnsemble extends Omit<EnsembleSolution, 'at'> {
  /** Of a loss L(y) of the end states, from dL/dy, rows x dim, its gradient. May be called more than once. */
  readonly pullback: (cotangents: ArrayLike<number>) => Promise<EnsembleCotangents>;
}

/**
 * Solves an ensemble as `solveEnsemble` does, and gives the pullback from its end states to initial values, parameters and times of
 * each row. A row's gradient has the same bits in any ensemble.
 *
 *     const decay = await textField('[-k*y[0]]', { k: 1 });
 *     const { y, pullback } = await solveEnsembleWithPullback(decay, [1], 0, 2, { parameters: [0.5, 1] });
 *     (await pullback([1, 1])).parameters; // dy/dk of each row: -2 exp(-2 k)
 *
 * @throws LiouvilleError as `solveEnsemble` does, 'numerical-failure' for the first row that fails among them, and 'invalid-argument'
 *   for a solver that the gradient cannot go through.
 */
export async function solveEnsembleWithPullback(
  field: TextField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options: EnsemblePullbackOptions = {},
): Promise<DifferentiableEnsemble> {
  const { solver = 'dopri5' } = options;
  const { gradient = isExplicit(solver) ? 'discrete' : 'quadrature' } = options;
  if (gradient !== 'discrete') return onHost(field, y0, t0, t1, { ...options, solver, gradient });
  if (!isExplicit(solver)) {
    throw new LiouvilleError(
      'invalid-argument',
      `gradient: the steps of '${solver}' have no 'discrete' gradient; take 'quadrature' or 'backsolve', or an explicit solver.`,
    );
  }
  const own = ensembleOf(field, y0, options);
  const { rows, dim, width, engine, system, constants, settings } = own;
  const solution = await engine.solve(
    system,
    nothing,
    rows,
    { y: own.toSystem(own.y0), ...constants },
    { ...settings, tableau: tableaus[solver]!, t0, t1, tape: true },
  );
  const status: RowStatus[] = Array.from({ length: rows }, () => 'ok');
  noteFailures(solution, status, options);
  const y = own.fromSystem(solution.y);

  /** f . v for each row, which is what a time is worth. */
  const power = async (time: number, states: Float64Array, v: Float64Array): Promise<Float64Array> => {
    const t = new Float64Array(rows).fill(time);
    const { dy } = await engine.run(field.program, nothing, rows, { ...constants, t, y: states }, settings);
    return Float64Array.from(t, (_, row) => {
      let sum = 0;
      for (let i = row * dim; i < (row + 1) * dim; i++) sum += dy![i]! * v[i]!;
      return sum;
    });
  };
  const end = y.slice();
  return {
    y,
    status,
    steps: solution.accepted,
    rejected: solution.rejected,
    nfe: solution.nfe,
    engine: engine.name,
    async pullback(cotangents) {
      const given = checked(cotangents, rows, dim);
      // Cotangents go by the inverse of the scale of what they belong to.
      const { cotangents: found } = await engine.solvePullback(solution.tape!, own.fromSystem(given), {
        ...settings,
        times: false,
      });
      const ofStart = own.toSystem(found['y']!);
      const back = await power(t0, own.y0, ofStart);
      return {
        y0: ofStart,
        parameters: found['parameters'] ?? new Float64Array(rows * width),
        t0: back.map((value) => -value),
        t1: await power(t1, end, given),
      };
    },
  };
}

/** Row by row, by the solver of plain functions. */
function onHost(
  field: TextField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options: EnsemblePullbackOptions & {
    readonly solver: string;
    readonly gradient: 'backsolve' | 'quadrature';
  },
): DifferentiableEnsemble {
  const own = ensembleOf(field, y0, options);
  const { rows, dim, width, engine } = own;
  const { solver, gradient, rtol, atol, stepSize, control, maxSteps } = options;
  const parameters = own.constants.parameters ?? new Float64Array(0);
  if (typeof atol === 'object') {
    throw new LiouvilleError('invalid-argument', `atol: gradient '${gradient}' takes one number.`);
  }
  const solutions = Array.from({ length: rows }, (_, row): DifferentiableSolution => {
    const values = parameters.slice(row * width, (row + 1) * width);
    const start = own.y0.slice(row * dim, (row + 1) * dim);
    try {
      return solveWithPullback(field.differentiable(values), start, t0, t1, {
        solver,
        gradient,
        rtol,
        atol,
        stepSize,
        control,
        maxSteps,
        ...(stiffSolverNames.includes(solver) && { jacobian: field.jacobian(values) }),
      });
    } catch (error) {
      throw ofRow(error, row);
    }
  });
  const counted = (of: (one: DifferentiableSolution) => number) => Int32Array.from(solutions, of);
  return {
    y: Float64Array.from(solutions.flatMap(({ y }) => [...y])),
    status: solutions.map(() => 'ok'),
    steps: counted(({ steps }) => steps),
    rejected: counted(({ rejected }) => rejected),
    nfe: counted(({ nfe }) => nfe),
    engine: engine.name,
    async pullback(cotangents) {
      const given = checked(cotangents, rows, dim);
      const found = solutions.map((one, row) => {
        try {
          return one.pullback(given.slice(row * dim, (row + 1) * dim));
        } catch (error) {
          throw ofRow(error, row);
        }
      });
      return {
        y0: Float64Array.from(found.flatMap((one) => [...one.y0])),
        parameters: Float64Array.from(found.flatMap((one) => [...one.parameters])),
        t0: Float64Array.from(found, (one) => one.t0),
        t1: Float64Array.from(found, (one) => one.t1),
      };
    },
  };
}

function ofRow(error: unknown, row: number): unknown {
  if (!(error instanceof LiouvilleError && error.code === 'numerical-failure')) return error;
  return new LiouvilleError('numerical-failure', `Row ${row}: ${error.message}`, { cause: error });
}

function checked(cotangents: ArrayLike<number>, rows: number, dim: number): Float64Array {
  if (cotangents?.length === rows * dim) return Float64Array.from(cotangents);
  throw new LiouvilleError(
    'shape-mismatch',
    `cotangents: expected ${rows} rows of ${dim} numbers, one for each of y; got ${String(cotangents?.length)}.`,
  );
}
