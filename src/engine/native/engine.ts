import { LiouvilleError } from '../../errors.ts';
import type { Failure, RowStatus } from '../../ode/index.ts';
import { compile, vjpWithoutTime } from '../../program/index.ts';
import type { Program } from '../../program/index.ts';
import { checkField, checkInputs } from '../check.ts';
import { transposedCall } from '../transposed.ts';
import { checkSolve } from '../check-solve.ts';
import { checkClouds, cloudDistanceNames } from '../check-clouds.ts';
import type {
  AdamArrays,
  AdamStep,
  CallOptions,
  CloudData,
  CloudDistance,
  CloudOptions,
  Columns,
  DrawKind,
  Engine,
  ParameterData,
  PullbackOptions,
  PullbackResult,
  Solution,
  SolveOptions,
  SolvePullbackOptions,
  SolvePullbackResult,
  Tape,
} from '../types.ts';
import type { Kernels, RunCall, SolveResult } from './addon.ts';
import { isFloat64, runJob, threadsOf } from './call.ts';
import { environment } from './environment.ts';
import { NativePrograms } from './programs.ts';
import { NativeTape, ownTape } from './tape.ts';

/** The order in which the addon numbers them. */
const statuses: readonly RowStatus[] = ['ok', 'max-steps', 'non-finite', 'step-underflow'];

/** Likewise. */
const draws: readonly DrawKind[] = ['uniform', 'normal', 'rademacher'];

/** What an engine stands on. */
export interface NativeSettings {
  readonly name: 'native' | 'wasm';
  readonly addon: Kernels;
  /** The place of the instruction set among those of the addon. */
  readonly instructionSet: number;
  readonly cores: number;
}

/**
 * The engines whose kernels are those of native/: C++ with rows in SIMD lanes, on all cores, as machine code or as
 * WebAssembly. The JavaScript thread only copies what goes in. Results are the same for any number of threads.
 */
export class NativeEngine implements Engine {
  readonly name: 'native' | 'wasm';
  readonly precisions = ['float64', 'float32'] as const;
  readonly #settings: NativeSettings;
  readonly #programs: NativePrograms;

  constructor(settings: NativeSettings) {
    this.name = settings.name;
    this.#settings = settings;
    this.#programs = new NativePrograms(settings.addon);
  }

  async run(
    program: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    options: CallOptions = {},
  ): Promise<Record<string, Float64Array>> {
    checkInputs(program, rows, inputs);
    const { outputs } = await this.#run(program, parameters, rows, inputs, options);
    return outputs;
  }

  async pullback(
    program: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    cotangents: Columns,
    options: PullbackOptions = {},
  ): Promise<PullbackResult> {
    const transposed = transposedCall(program, rows, inputs, cotangents, options);
    const { outputs, gradient } = await this.#run(
      transposed.program,
      parameters,
      rows,
      transposed.columns,
      options,
    );
    return transposed.resultOf(outputs, gradient ?? new Float64Array(parameters.trained.length));
  }

  async solve(
    field: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    options: SolveOptions,
  ): Promise<Solution> {
    checkField(field);
    checkInputs(field, rows, inputs, ['t']);
    const { addon } = this.#settings;
    const { tableau, t0, t1, rtol, atol, stepSize, maxSteps, tape = false } = options;
    const width = field.inputs.find((x) => x.name === 'y')!.n;
    const control = checkSolve(options, inputs['y']!.subarray(0, width));
    const replay =
      options.replay === undefined ? null : replayTape(ownTape(options.replay, this.name), rows, t0, t1);
    const ports = field.inputs.map((x) => x.name);
    const handle = this.#programs.handle(field);
    const call = {
      ...this.#call(field, parameters, rows, inputs, options),
      t: ports.indexOf('t'),
      y: ports.indexOf('y'),
      tableau: { ...tableau, errorOrder: tableau.errorOrder ?? 0 },
      control: { ...control, beta: Float64Array.from(control.beta) },
      t0,
      t1,
      rtol,
      atol,
      stepSize: stepSize ?? 0,
      maxSteps,
      tape,
      replay: replay?.handle ?? null,
    };
    const result = await runJob(addon, field.name, options.signal, (cancellation) =>
      addon.solve(handle, { ...call, cancellation }),
    );
    return {
      y: result.y,
      ...endsOf(result),
      nfe: result.nfe,
      accepted: result.accepted,
      rejected: result.rejected,
      tape: result.tape === null ? null : new NativeTape(this.name, result.tape, field, rows, [t0, t1]),
    };
  }

  async solvePullback(
    tape: Tape,
    cotangents: Float64Array,
    options: SolvePullbackOptions = {},
  ): Promise<SolvePullbackResult> {
    const { addon } = this.#settings;
    const { handle, field, rows } = ownTape(tape, this.name);
    const n = field.inputs.find((x) => x.name === 'y')!.n;
    if (cotangents.length !== rows * n) {
      throw new LiouvilleError(
        'shape-mismatch',
        `solvePullback: expected ${rows} cotangents of ${n} numbers; got ${cotangents.length} numbers.`,
      );
    }
    const transposed = this.#programs.handle(vjpWithoutTime(field));
    const threads = this.#threads(options);
    const times = options.times !== false;
    const result = await runJob(addon, field.name, options.signal, (cancellation) =>
      addon.solvePullback(transposed, handle, { cotangents, times, threads, cancellation }),
    );
    const named = field.inputs.flatMap(({ name }, i) => {
      const x = result.cotangents[i];
      return x == null ? [] : [[name, x] as const];
    });
    return {
      cotangents: Object.fromEntries(named),
      gradient: result.gradient,
      t0: result.t0,
      t1: result.t1,
    };
  }

  fill(kind: DrawKind, out: Float64Array, seed: number, stream: number, offset = 0): void {
    const { addon, instructionSet } = this.#settings;
    addon.fill(out, { instructionSet, draw: draws.indexOf(kind), seed, stream, offset });
  }

  adam(arrays: AdamArrays, step: AdamStep): void {
    const { addon, instructionSet } = this.#settings;
    addon.adam(arrays, { ...step, instructionSet, threads: this.#threads({}) });
  }

  release(gradient: Float64Array): void {
    if (gradient.byteLength === gradient.buffer.byteLength) this.#settings.addon.release(gradient.buffer);
  }

  async cloudDistances(
    kind: CloudDistance,
    left: CloudData,
    right: CloudData,
    pairs: Uint32Array,
    options: CloudOptions = {},
  ): Promise<Float64Array> {
    const { addon, instructionSet } = this.#settings;
    checkClouds(kind, left, right, pairs, options.limits);
    const call = {
      instructionSet,
      kind: cloudDistanceNames.indexOf(kind),
      left: { ...left, offsets: Int32Array.from(left.offsets) },
      right: { ...right, offsets: Int32Array.from(right.offsets) },
      pairs: Int32Array.from(pairs),
      limits: options.limits ?? new Float64Array(pairs.length / 2).fill(Infinity),
      threads: this.#threads(options),
    };
    return runJob(addon, kind, options.signal, (cancellation) =>
      addon.cloudDistances({ ...call, cancellation }),
    );
  }

  dispose(): void {
    this.#settings.addon.rest();
  }

  async #run(
    program: Program,
    parameters: ParameterData,
    rows: number,
    columns: Columns,
    options: CallOptions,
  ): Promise<{ outputs: Record<string, Float64Array>; gradient: Float64Array | null }> {
    const { addon } = this.#settings;
    const handle = this.#programs.handle(program);
    const call = this.#call(program, parameters, rows, columns, options);
    const { outputs, gradient } = await runJob(addon, program.name, options.signal, (cancellation) =>
      addon.run(handle, { ...call, cancellation }),
    );
    const names = compile(program).outputs.map((port) => port.name);
    return { outputs: Object.fromEntries(names.map((name, i) => [name, outputs[i]!])), gradient };
  }

  #call(
    program: Program,
    { trained, state }: ParameterData,
    rows: number,
    columns: Columns,
    options: CallOptions,
  ): Omit<RunCall, 'cancellation'> {
    return {
      instructionSet: this.#settings.instructionSet,
      float64: isFloat64(options.precision),
      threads: this.#threads(options),
      rows,
      trained,
      state,
      inputs: compile(program).inputs.map(({ name }) => columns[name] ?? null),
    };
  }

  #threads(options: CallOptions): number {
    return threadsOf(options, environment('LIOUVILLE_THREADS'), this.#settings.cores);
  }
}

/** How each row ended. Mostly all rows are well, and there is nothing to look at. */
function endsOf(result: SolveResult): Pick<Solution, 'status' | 'failures'> {
  const status = Array<RowStatus>(result.status.length).fill('ok');
  const failures = Array<Failure | null>(result.status.length).fill(null);
  for (let row = 0; row < status.length; row++) {
    if (result.status[row] === 0) continue;
    status[row] = statuses[result.status[row]!]!;
    failures[row] = failureOf(result, row);
  }
  return { status, failures };
}

function failureOf({ failures }: SolveResult, row: number): Failure {
  const [t, h, norm, component] = failures.subarray(4 * row, 4 * row + 4);
  return { t: t!, h: h!, norm: norm!, component: component! };
}

function replayTape(own: NativeTape, rows: number, t0: number, t1: number): NativeTape {
  if (own.rows !== rows) {
    throw new LiouvilleError(
      'shape-mismatch',
      `replay: the tape holds the steps of ${own.rows} rows; got ${rows} rows.`,
    );
  }
  const [from, to] = own.interval;
  if (from === t0 && to === t1) return own;
  throw new LiouvilleError(
    'invalid-argument',
    `replay: expected a tape from t0 = ${t0} to t1 = ${t1}, got one from ${from} to ${to}.`,
  );
}
