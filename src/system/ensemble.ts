import { chooseEngine, solveRows } from '../engine/index.ts';
import type { EngineName, Precision, Solution as EngineSolution } from '../engine/index.ts';
import { LiouvilleError } from '../errors.ts';
import { checkTimes } from '../ode/checks.ts';
import { describeFailure, stiffSolverNames } from '../ode/index.ts';
import type { RowStatus, StepControl } from '../ode/index.ts';
import { Tolerance } from '../ode/tolerance.ts';
import { Program, constant, input, ops } from '../program/index.ts';
import { substitute } from '../program/substitute.ts';
import type { TextField } from './text-field.ts';

/** Options of the ensemble. */
export interface EnsembleOptions {
  /** For each row its parameters, row-major, or one set for all; those of the field unless given. */
  parameters?: ArrayLike<number> | undefined;
  /**
   * One of `solverNames`, 'dopri5' unless given. Explicit methods run on the engine; 'odex', 'adams', 'rodas5p' and 'kvaerno5' beside
   * it, in float64, one row after the other, the last two with the exact Jacobian.
   */
  solver?: string | undefined;
  /** 1e-5 unless given. */
  rtol?: number | undefined;
  /** 1e-5 unless given; one number, or one for each component. */
  atol?: number | ArrayLike<number> | undefined;
  /** Output times from t0 to t1, in the direction of integration; the end alone unless given. Steps end and begin anew there. */
  times?: ArrayLike<number> | undefined;
  /** Fixed steps of at most this size; methods without error estimate need it. Unless given, errors choose the steps. */
  stepSize?: number | undefined;
  /** How errors become step sizes; `piControl` unless given. */
  control?: StepControl | undefined;
  /** The most steps of a row between two output times, 10,000 unless given. */
  maxSteps?: number | undefined;
  /** 'auto' unless given: LIOUVILLE_ENGINE, else native, wasm, reference. */
  engine?: EngineName | 'auto' | undefined;
  /** 'float64' unless given. */
  precision?: Precision | undefined;
  /** All cores unless given; the results do not depend on it. */
  threads?: number | undefined;
  /** Ends the call with the code 'aborted' when it fires; without one nothing does. */
  signal?: AbortSignal | undefined;
  /** 'throw' unless given: at the first row that fails. 'report': failures are told by `status`. */
  onFailure?: 'throw' | 'report' | undefined;
}

/** What the ensemble gives, one entry for each of its rows. */
export interface EnsembleSolution {
  /** rows x dim end states, row-major; NaN where a row failed. */
  readonly y: Float64Array;
  /** The states at `times`, when given, each as `y` is. */
  readonly at?: readonly Float64Array[];
  /** Why the solve of each row ended. */
  readonly status: readonly RowStatus[];
  /** Accepted steps of each row. */
  readonly steps: Int32Array;
  /** Rejected steps of each row. */
  readonly rejected: Int32Array;
  /** Evaluations of the field for each row, the first included. */
  readonly nfe: Int32Array;
  /** The engine that computed. */
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
  const { solver = 'dopri5', times = [] } = options;
  checkTimes(times, t0, t1);
  const { rows, engine, system, constants, toSystem, fromSystem, settings, ...ensemble } = ensembleOf(
    field,
    y0,
    options,
  );
  const status = Array<RowStatus>(rows).fill('ok');
  let counts: Counts | null = null;
  const at: Float64Array[] = [];
  let y = ensemble.y0;
  let from = t0;
  for (const to of [...Array.from(times), t1]) {
    const inputs = { y: toSystem(y), ...constants };
    const solution = await solveRows(engine, system, nothing, rows, inputs, {
      ...settings,
      solver,
      t0: from,
      t1: to,
    });
    noteFailures(solution, status, options);
    counts = counts === null ? solution : added(counts, solution);
    y = fromSystem(solution.y);
    at.push(y);
    from = to;
  }
  at.pop();
  const { accepted, rejected, nfe } = counts!;
  return {
    y,
    ...(options.times !== undefined && { at }),
    status,
    steps: accepted,
    rejected,
    nfe,
    engine: engine.name,
  };
}

type Counts = Pick<EngineSolution, 'accepted' | 'rejected' | 'nfe'>;

function added(before: Counts, after: Counts): Counts {
  const sum = (a: Int32Array, b: Int32Array): Int32Array => a.map((count, row) => count + b[row]!);
  return {
    accepted: sum(before.accepted, after.accepted),
    rejected: sum(before.rejected, after.rejected),
    nfe: sum(before.nfe, after.nfe),
  };
}

/** `length` numbers: those given, copied, or again and again. */
function repeated(numbers: ArrayLike<number>, length: number): Float64Array {
  const all = new Float64Array(length);
  all.set(numbers);
  for (let done = numbers.length; done < length; done *= 2) all.copyWithin(done, 0, done);
  return all;
}

/** Throws at the first row that failed, or notes why each did. */
export function noteFailures(
  solution: EngineSolution,
  status: RowStatus[],
  { solver = '', maxSteps = defaultMaxSteps, stepSize, onFailure = 'throw' }: EnsembleOptions,
): void {
  for (const [row, ended] of solution.status.entries()) {
    if (ended === 'ok' || status[row] !== 'ok') continue;
    status[row] = ended;
    if (onFailure === 'report') continue;
    const context = { row, maxSteps, stepSize, stiffMethod: stiffSolverNames.includes(solver) };
    throw new LiouvilleError('numerical-failure', describeFailure(ended, solution.failures[row]!, context));
  }
}

/** A text has no trained parameters: its own are columns, so that each row may have its own. */
export const nothing = { trained: new Float64Array(0), state: new Float64Array(0) };

const defaultMaxSteps = 10_000;

/** An ensemble as engines take it. */
export function ensembleOf(field: TextField, y0: ArrayLike<number>, options: EnsembleOptions) {
  const { dim, program, values } = field;
  const { parameters = values, rtol = 1e-5, atol = 1e-5, maxSteps = defaultMaxSteps } = options;
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
  const scaled = scaledBy(atol, dim);
  return {
    rows,
    dim,
    /** Numbers in a set of parameters. */
    width,
    engine: chooseEngine(options.engine),
    /** What is solved: the field, in components that have one tolerance. */
    system: scaled === null ? program : inScale(program, scaled.scale),
    toSystem: (y: Float64Array) => (scaled === null ? y : y.map((v, i) => v * scaled.scale[i % dim]!)),
    fromSystem: (z: Float64Array) => (scaled === null ? z : z.map((v, i) => v / scaled.scale[i % dim]!)),
    /** For each row its start, and its parameters where there are any. */
    y0: repeated(y0, rows * dim),
    constants: { ...(width > 0 && { parameters: repeated(parameters, rows * width) }) },
    settings: {
      rtol,
      atol: scaled === null ? Number(atol) : scaled.atol,
      maxSteps,
      stepSize: options.stepSize,
      control: options.control,
      precision: options.precision ?? 'float64',
      threads: options.threads,
      signal: options.signal,
    } as const,
  };
}

/**
 * Engines know one atol. In components z_i = s_i y_i with s_i = a / atol_i, err_i / (atol_i + rtol |y_i|) is what it is of z
 * with the one tolerance a.
 */
function scaledBy(
  atol: number | ArrayLike<number>,
  dim: number,
): { readonly atol: number; readonly scale: Float64Array } | null {
  if (typeof atol !== 'object' || atol === null) return null;
  const each = new Tolerance(dim, 1, atol).atol;
  return { atol: each[0]!, scale: each.map((one) => each[0]! / one) };
}

/** The field of z = s y: dz/dt = s f(t, z / s). */
function inScale(program: Program, scale: Float64Array): Program {
  const y = program.inputs.find((x) => x.name === 'y')!;
  const z = input('y', y.n);
  const numbers = (values: Float64Array) => constant(values, { k: 1, n: y.n });
  const [dy] = substitute([program.outputs['dy']!], new Map([[y, ops.div(z, numbers(scale))]]));
  const inputs = program.inputs.map((x) => (x === y ? z : x));
  return new Program(program.name, inputs, { dy: ops.mul(numbers(scale), dy!) });
}

function rowsOf(name: string, length: number, width: number): number {
  if (length > 0 && length % width === 0) return length / width;
  throw new LiouvilleError(
    'shape-mismatch',
    `${name}: expected rows of ${width} numbers; got ${length} numbers.`,
  );
}
