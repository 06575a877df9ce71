import { chooseEngine } from '../engine/index.ts';
import type { EngineName, Precision } from '../engine/index.ts';
import { LiouvilleError } from '../errors.ts';
import { describeFailure, findTableau } from '../ode/index.ts';
import type { RowStatus, StepControl } from '../ode/index.ts';
import type { TextField } from './text-field.ts';

/** Options of the ensemble. */
export interface EnsembleOptions {
  /** For each row its parameters, row-major, or one set for all; those of the field unless given. */
  parameters?: ArrayLike<number> | undefined;
  /** An explicit Runge-Kutta method, 'dopri5' unless given. */
  solver?: string | undefined;
  /** 1e-5 unless given. */
  rtol?: number | undefined;
  /** 1e-5 unless given. */
  atol?: number | undefined;
  stepSize?: number | undefined;
  control?: StepControl | undefined;
  /** The most steps of a row, 10,000 unless given. */
  maxSteps?: number | undefined;
  engine?: EngineName | 'auto' | undefined;
  /** 'float64' unless given. */
  precision?: Precision | undefined;
  threads?: number | undefined;
  signal?: AbortSignal | undefined;
  /** 'throw' unless given: at the first row that fails. 'report': failures are told by `status`. */
  onFailure?: 'throw' | 'report' | undefined;
}

/** What the ensemble gives, one entry for each of its rows. */
export interface EnsembleSolution {
  /** rows x dim end states, row-major; NaN where a row failed. */
  readonly y: Float64Array;
  readonly status: readonly RowStatus[];
  readonly steps: Int32Array;
  readonly rejected: Int32Array;
  readonly nfe: Int32Array;
  readonly engine: EngineName;
}

/**
 * Solves a field from many initial values, or with many sets of parameters, in one call on the fastest engine. Each
 * row is its own initial value problem, with its own steps: its result has the same bits in any ensemble.
 *
 *     const lorenz = await textField('[10*(y[1]-y[0]), y[0]*(r-y[2])-y[1], y[0]*y[1]-8/3*y[2]]', { r: 28 });
 *     const { y } = await solveEnsemble(lorenz, starts, 0, 1, { rtol: 1e-8, atol: 1e-8 });
 *
 * @param y0 rows x dim numbers, row-major; or one state, where the parameters make the rows.
 * @throws LiouvilleError for arguments that cannot be meant, and 'numerical-failure' for a row that fails, unless onFailure is
 *   'report'.
 */
export async function solveEnsemble(
  field: TextField,
  y0: ArrayLike<number>,
  t0: number,
  t1: number,
  options: EnsembleOptions = {},
): Promise<EnsembleSolution> {
  const { dim, program, values } = field;
  const { parameters = values, rtol = 1e-5, atol = 1e-5, maxSteps = 10_000, onFailure = 'throw' } = options;
  const width = values.length;
  const starts = rowsOf('y0', y0.length, dim);
  const sets = width === 0 ? 1 : rowsOf('parameters', parameters.length, width);
  if (starts > 1 && sets > 1 && starts !== sets) {
    throw new LiouvilleError(
      'shape-mismatch',
      `parameters: expected one set, or one for each of the ${starts} initial values; got ${sets}.`,
    );
  }
  const rows = Math.max(starts, sets);
  const repeated = (numbers: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: (rows * numbers.length) / (numbers === y0 ? starts : sets) }, (_, i) =>
      Number(numbers[i % numbers.length]),
    );
  const engine = chooseEngine(options.engine);
  const solution = await engine.solve(
    program,
    { trained: new Float64Array(0), state: new Float64Array(0) },
    rows,
    { y: repeated(y0), ...(width > 0 && { parameters: repeated(parameters) }) },
    {
      tableau: findTableau(options.solver ?? 'dopri5'),
      t0,
      t1,
      rtol,
      atol,
      maxSteps,
      stepSize: options.stepSize,
      control: options.control,
      precision: options.precision ?? engine.precisions[0],
      threads: options.threads,
      signal: options.signal,
    },
  );
  const failed = solution.status.findIndex((status) => status !== 'ok');
  if (failed >= 0 && onFailure === 'throw') {
    const context = { row: failed, maxSteps, stepSize: options.stepSize };
    const status = solution.status[failed] as Exclude<RowStatus, 'ok'>;
    throw new LiouvilleError(
      'numerical-failure',
      describeFailure(status, solution.failures[failed]!, context),
    );
  }
  const { y, status, accepted, rejected, nfe } = solution;
  return { y, status, steps: accepted, rejected, nfe, engine: engine.name };
}

function rowsOf(name: string, length: number, width: number): number {
  if (length > 0 && length % width === 0) return length / width;
  throw new LiouvilleError(
    'shape-mismatch',
    `${name}: expected rows of ${width} numbers; got ${length} numbers.`,
  );
}
