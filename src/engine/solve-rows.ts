import { LiouvilleError, unknownName } from '../errors.ts';
import { firstNonFinite, largest } from '../ode/finite.ts';
import { isExplicit, solve, solverNames, stiffSolverNames, tableaus } from '../ode/index.ts';
import type { Failure, RowStatus } from '../ode/index.ts';
import type { Program } from '../program/index.ts';
import { checkField, checkInputs } from './check.ts';
import { Pauses } from './pause.ts';
import { copyOf, rowOf } from './reference/solve.ts';
import { RowField } from './reference/row-field.ts';
import type { Columns, Engine, ParameterData, Solution, SolveOptions } from './types.ts';

/** Options of `solveRows`: those of `Engine.solve`, the solver being a name. */
export interface SolveRowsOptions extends Omit<SolveOptions, 'tableau' | 'replay'> {
  /** One of `solverNames`. */
  readonly solver: string;
}

/**
 * Solves a field for each row by any solver that `solve` knows, each row with its own clock, steps and error test.
 *
 * Explicit Runge-Kutta methods run on the engine. The others, whose steps no engine takes, run here in float64, one row after the
 * other, on the machine of the reference engine; methods for stiff fields get the exact Jacobian by tangents of the program.
 * There is no tape of their steps.
 *
 * @throws LiouvilleError 'unknown-name' for a solver that does not exist; 'invalid-argument' for a tape of one that leaves none, and
 *   for options that the solver does not know.
 */
export async function solveRows(
  engine: Engine,
  field: Program,
  parameters: ParameterData,
  rows: number,
  inputs: Columns,
  options: SolveRowsOptions,
): Promise<Solution> {
  const { solver, ...rest } = options;
  if (!solverNames.includes(solver)) throw unknownName('solver', solver, solverNames);
  if (isExplicit(solver)) {
    return engine.solve(field, parameters, rows, inputs, { ...rest, tableau: tableaus[solver]! });
  }
  if (options.tape === true) {
    throw new LiouvilleError('invalid-argument', `tape: '${solver}' leaves none; expected false.`);
  }
  return onHost(field, parameters, rows, inputs, options);
}

async function onHost(
  field: Program,
  parameters: ParameterData,
  rows: number,
  inputs: Columns,
  { solver, t0, t1, rtol, atol, stepSize, control, maxSteps, signal }: SolveRowsOptions,
): Promise<Solution> {
  checkField(field);
  checkInputs(field, rows, inputs, ['t']);
  const pauses = new Pauses(signal);
  const copies = copyOf(inputs);
  const own = new RowField(field, snapshotOf(parameters), copies);
  const { n } = own;
  const y = new Float64Array(rows * n).fill(NaN);
  const status: RowStatus[] = [];
  const failures: (Failure | null)[] = [];
  const [nfe, accepted, rejected] = [new Int32Array(rows), new Int32Array(rows), new Int32Array(rows)];
  const stiff = stiffSolverNames.includes(solver);
  for (let row = 0; row < rows; row++) {
    own.select(row);
    const start = rowOf(copies['y']!, row, n);
    const component = firstNonFinite(start);
    if (component >= 0) {
      // A row that failed before, where failures are reported.
      status.push('non-finite');
      failures.push({ t: t0, h: 0, norm: largest(start), component });
      continue;
    }
    const found = solve(own.f, start, t0, t1, {
      solver,
      rtol,
      atol,
      stepSize,
      control,
      maxSteps,
      onFailure: 'report',
      ...(stiff && { jacobian: own.jacobian }),
    });
    if (found.status === 'ok') y.set(found.y, row * n);
    status.push(found.status);
    failures.push(found.failure ?? null);
    [nfe[row], accepted[row], rejected[row]] = [found.nfe, found.steps, found.rejected];
    await pauses.maybe();
  }
  return { y, status, failures, nfe, accepted, rejected, tape: null };
}

/** Other work may change them between two rows. */
function snapshotOf({ trained, state }: ParameterData): ParameterData {
  return { trained: trained.slice(), state: state.slice() };
}
