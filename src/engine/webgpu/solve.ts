/// <reference types="@webgpu/types" />
import { compile } from '../../program/index.ts';
import type { Port, Program } from '../../program/index.ts';
import { checkSolve } from '../check-solve.ts';
import type { Failure, RowStatus, StepControl } from '../../ode/index.ts';
import { Machine } from '../reference/machine.ts';
import type { Columns, ParameterData, Solution, SolveOptions } from '../types.ts';
import { HeldColumns } from './columns.ts';
import type { Device, Kernel } from './device.ts';
import type { Job } from './job.ts';
import { dispatchWork, partRows } from './parts.ts';
import { sharedNumbers } from './sums.ts';
import { WebGpuTape, checkDevice, replayTape } from './tape.ts';
import type { TapePart } from './tape.ts';
import { workgroupSize } from './wgsl/kernel.ts';
import type { SolvePlan } from './wgsl/solve-kernel.ts';
import { stateHeader, stateWords, statusNames, ways } from './wgsl/solve-places.ts';
import { coefficients, stageLayout } from './wgsl/tableau-settings.ts';
import type { StageLayout } from './wgsl/tableau-settings.ts';

/** Steps of the first buffer of a tape. Most rows need one only. */
const tapeSteps = 32;
/** Bytes of such a buffer, at most; one step always fits. */
const tapeBytes = 2 ** 26;

/** Evaluations of a row in one dispatch at most. */
const mostEvaluations = 512;

/** What the rows of a solve come to. */
interface Rows {
  readonly y: Float64Array;
  readonly status: RowStatus[];
  readonly failures: (Failure | null)[];
  readonly nfe: Int32Array;
  readonly accepted: Int32Array;
  readonly rejected: Int32Array;
}

/** A solve whose arguments have been copied; `on` does it. */
export class Solve {
  readonly #field: Program;
  readonly #machine: Machine;
  readonly #layout: StageLayout;
  readonly #rows: number;
  readonly #n: number;
  readonly #options: SolveOptions;
  readonly #settings: Float32Array;
  readonly #constants: HeldColumns;
  readonly #start: Float32Array;
  /** The tape whose steps are taken again. */
  readonly replay: WebGpuTape | null;
  /** Of what a tape keeps. */
  readonly #kept: { readonly field: Program; readonly parameters: ParameterData; readonly inputs: Columns };

  constructor(
    field: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    options: SolveOptions,
  ) {
    const y = inputs['y']!;
    this.#n = y.length / rows;
    const control = checkSolve(options, y.subarray(0, this.#n));
    this.#options = options;
    this.#rows = rows;
    this.#field = field;
    this.#machine = new Machine(field, parameters);
    this.#layout = stageLayout(options.tableau, this.#n);
    this.replay =
      options.replay === undefined ? null : replayTape(options.replay, rows, options.t0, options.t1);
    this.#settings = settingsOf(options, control);
    this.#start = Float32Array.from(y);
    this.#constants = new HeldColumns(constantsOf(field), inputs, rows);
    const copies = Object.entries(inputs).map(([name, x]) => [name, Float64Array.from(x)] as const);
    this.#kept = {
      field,
      parameters: { trained: parameters.trained.slice(), state: parameters.state.slice() },
      inputs: options.tape === true ? Object.fromEntries(copies) : {},
    };
  }

  async on(device: Device, signal: AbortSignal | undefined): Promise<Solution> {
    if (this.replay !== null) checkDevice(this.replay, device);
    const plan = device.plans.solve(this.#field, this.#options.tableau);
    const kernel = await device.kernel(plan.kernel);
    const count = this.#rows;
    const rows: Rows = {
      y: new Float64Array(count * this.#n).fill(NaN),
      status: Array<RowStatus>(count).fill('ok'),
      failures: Array<Failure | null>(count).fill(null),
      nfe: new Int32Array(count),
      accepted: new Int32Array(count),
      rejected: new Int32Array(count),
    };
    const parts: TapePart[] = [];
    const job = device.job(signal);
    try {
      const widest = Math.max(plan.memory.bufferSize, this.#layout.record, this.#stateSize);
      const most = partRows(device, count, widest, plan.cost);
      const shared = {
        numbers: job.resident(plan, sharedNumbers(this.#machine, plan.tables), 'parameters'),
        settings: job.resident(plan, this.#settings, 'settings'),
        work: job.buffer(plan.memory.bufferSize * most, 'values of rows'),
        counters: job.buffer(2, 'counters'),
        noTape: job.buffer(1, 'nothing'),
        noReplay: job.buffer(1, 'nothing'),
      };
      for (let first = 0; first < count; first += most) {
        const part = { first, rows: Math.min(most, count - first), stride: most };
        const replayed = this.replay?.parts.find((x) => x.first === first) ?? null;
        parts.push(await this.#solvePart(job, kernel, plan, shared, part, replayed, rows));
      }
      if (this.#options.tape === true) for (const { chunks } of parts) job.keep(chunks);
    } finally {
      job.end();
    }
    const { tableau, t0, t1 } = this.#options;
    const tape =
      this.#options.tape === true
        ? new WebGpuTape({
            ...this.#kept,
            rows: count,
            device,
            tableau,
            interval: [t0, t1],
            end: rows.y.slice(),
            parts,
          })
        : null;
    return { ...rows, tape };
  }

  /** Words of the state of a row. */
  get #stateSize(): number {
    return stateHeader + 2 * this.#n;
  }

  async #solvePart(
    job: Job,
    kernel: Kernel,
    plan: SolvePlan,
    shared: Readonly<Record<'numbers' | 'settings' | 'work' | 'counters' | 'noTape' | 'noReplay', GPUBuffer>>,
    { first, rows, stride }: Pick<TapePart, 'first' | 'rows' | 'stride'>,
    replayed: TapePart | null,
    into: Rows,
  ): Promise<TapePart> {
    const { numbers, settings, work, counters } = shared;
    const { stepSize, maxSteps, tape = false } = this.#options;
    const given = job.upload(this.#constants.part(first, rows), 'inputs');
    const states = job.upload(this.#startStates(first, rows, stride), 'states');
    const { record } = this.#layout;
    const fitting = Math.floor(tapeBytes / (4 * record * stride));
    const perChunk = replayed?.tapeSteps ?? Math.max(1, Math.min(tapeSteps, fitting));
    const chunks: GPUBuffer[] = [];
    const perRow = dispatchWork(job.device) / rows;
    const way = replayed !== null ? ways.replay : stepSize !== undefined ? ways.fixed : ways.adaptive;
    const call = {
      rows,
      stride,
      way,
      taping: Number(tape),
      maxSteps: Math.min(maxSteps, 0xffffffff),
      fixedSteps: this.#fixedSteps(),
      tapeSteps: perChunk,
      budget: Math.max(1, Math.min(mostEvaluations, Math.floor(perRow / Math.max(plan.cost, 1)))),
    };
    let begins = 1;
    for (let chunk = 0, left = 1; left > 0; chunk++) {
      const tapeBuffer = tape ? job.buffer(record * perChunk * stride, 'the tape') : shared.noTape;
      if (tape) chunks.push(tapeBuffer);
      const replay = replayed?.chunks[chunk] ?? shared.noReplay;
      for (let running = 1; running > 0; begins = 0) {
        job.clear(counters);
        const buffers = [numbers, settings, given, states, tapeBuffer, replay, counters, work];
        job.run(kernel, buffers, { ...call, begins, firstStep: chunk * perChunk }, [
          Math.ceil(rows / workgroupSize),
        ]);
        const [counts] = await job.read({ buffer: counters, count: 2 });
        [running, left] = new Uint32Array(counts!) as unknown as [number, number];
      }
    }
    const [words] = await job.read({ buffer: states, count: this.#stateSize * stride });
    job.release(given);
    job.release(states);
    const steps = this.#collect(words!, first, rows, stride, into);
    return { first, rows, stride, tapeSteps: perChunk, chunks, steps };
  }

  /** Zero but for the initial states. */
  #startStates(first: number, rows: number, stride: number): Uint32Array {
    const words = new Uint32Array(this.#stateSize * stride);
    const floats = new Float32Array(words.buffer);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < this.#n; i++) {
        floats[(stateHeader + i) * stride + row] = this.#start[(first + row) * this.#n + i]!;
      }
    }
    return words;
  }

  /** As src/ode/fixed-walk.ts divides the interval. */
  #fixedSteps(): number {
    const { stepSize, t0, t1 } = this.#options;
    if (stepSize === undefined) return 0;
    const steps = (Math.abs(t1 - t0) / stepSize) * (1 - 4 * Number.EPSILON);
    return Math.min(0xffffffff, Math.max(1, Math.ceil(steps)));
  }

  /** What the rows of a part came to. Returns the accepted steps of those that are well. */
  #collect(buffer: ArrayBuffer, first: number, rows: number, stride: number, into: Rows): Uint32Array {
    const words = new Uint32Array(buffer);
    const floats = new Float32Array(buffer);
    const steps = new Uint32Array(stride);
    for (let row = 0; row < rows; row++) {
      const to = first + row;
      const word = (name: keyof typeof stateWords): number => words[stateWords[name] * stride + row]!;
      const y = Array.from({ length: this.#n }, (_, i) => floats[(stateHeader + i) * stride + row]!);
      const status = statusNames[word('status') - 1]!;
      into.status[to] = status;
      into.nfe[to] = word('nfe');
      into.accepted[to] = word('accepted');
      into.rejected[to] = word('rejected');
      if (status === 'ok') {
        into.y.set(y, to * this.#n);
        steps[row] = word('accepted');
      } else {
        into.failures[to] = {
          t: floats[stateWords.t * stride + row]!,
          h: floats[stateWords.h * stride + row]!,
          norm: Math.max(...y.map(Math.abs)),
          component: word('component'),
        };
      }
    }
    return steps;
  }
}

/** The inputs that stay the same during a solve. */
export function constantsOf(field: Program): Port[] {
  return compile(field).inputs.filter(({ name }) => name !== 't' && name !== 'y');
}

/** In the order of `settingNames`, then the coefficients. */
function settingsOf({ t0, t1, rtol, atol, tableau }: SolveOptions, control: StepControl): Float32Array {
  const { safety, minFactor, maxFactor, beta, rejection } = control;
  const order = tableau.errorOrder ?? 1;
  const head = [t0, t1, rtol, atol, safety, minFactor, maxFactor, ...beta, rejection, order];
  return Float32Array.from([...head, ...coefficients(tableau)]);
}
