import type {
  CancellationHandle,
  CloudDistancesCall,
  Code,
  Job,
  Kernels,
  ProgramHandle,
  RunCall,
  RunResult,
  SolveCall,
  SolvePullbackCall,
  SolvePullbackResult,
  SolveResult,
  TapeHandle,
} from '../native/addon.ts';
import { reference } from '../reference/index.ts';
import type { AdamArrays, AdamStep, DrawKind } from '../types.ts';
import { partsOf } from './groups.ts';
import type { Part } from './groups.ts';
import type { Numbers } from './instance.ts';
import type { Pending, ProgramCode, Task, Workers } from './workers.ts';

type Rows = Float32Array | Float64Array;
type Columns = readonly (Rows | null)[];
type Results = readonly (Numbers | null)[];

const draws: readonly DrawKind[] = ['uniform', 'normal', 'rademacher'];

/** The place of the sums over rows among the spaces of a program (src/program/compile.ts). */
const totalSpace = 5;

class WasmProgram implements ProgramHandle, ProgramCode {
  static #count = 0;
  readonly kind = 'program';
  readonly number = WasmProgram.#count++;
  readonly code: readonly Numbers[];
  readonly hasSums: boolean;
  /** Numbers of a row, by port. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];

  constructor(code: Code) {
    const { values, constants, prologue, body, epilogue, sizes, inputs, outputs, gradients } = code;
    const parts = [values, constants, prologue, body, epilogue, sizes, inputs, outputs, gradients];
    this.code = parts.map((part) => part.slice());
    this.hasSums = sizes[totalSpace]! > 0;
    this.inputs = widthsOf(inputs);
    this.outputs = widthsOf(outputs);
  }
}

/** Ports are space, offset, k, n. */
function widthsOf(ports: Int32Array): number[] {
  return Array.from({ length: ports.length / 4 }, (_, i) => ports[4 * i + 2]! * ports[4 * i + 3]!);
}

class WasmCancellation implements CancellationHandle {
  readonly kind = 'cancellation';
  readonly pending = new Set<Pending>();
}

/** What a part of a solve leaves behind: the status, the steps and the records of its rows. */
interface TapePart {
  readonly part: Part;
  readonly inputs: Results;
  /** status, accepted, end states, steps, records. */
  readonly arrays: Results;
}

/** Plain numbers: any worker can go on with them. */
class WasmTape implements TapeHandle {
  readonly kind = 'tape';
  readonly field: WasmProgram;
  readonly call: Snapshot;
  readonly parts: readonly TapePart[];

  constructor(field: WasmProgram, call: Snapshot, parts: readonly TapePart[]) {
    this.field = field;
    this.call = call;
    this.parts = parts;
  }
}

/** What all parts of a call have in common, copied when it begins. */
interface Snapshot {
  readonly float64: boolean;
  readonly rows: number;
  readonly trainedCount: number;
  readonly parameters: readonly Numbers[];
  /** Of a solve: its problem, and its tableau. */
  readonly problem: readonly number[];
  readonly tableau: Results;
}

/** The functions of the addon, done by workers: each gets a part of the rows. */
export class WasmKernels implements Kernels {
  readonly #workers: Workers;

  constructor(workers: Workers) {
    this.#workers = workers;
  }

  createProgram(code: Code): ProgramHandle {
    return new WasmProgram(code);
  }

  createCancellation(): CancellationHandle {
    return new WasmCancellation();
  }

  cancel(cancellation: CancellationHandle): void {
    for (const pending of (cancellation as WasmCancellation).pending) pending.cancel();
  }

  async run(handle: ProgramHandle, call: RunCall): Promise<RunResult> {
    const program = handle as WasmProgram;
    const snapshot = snapshotOf(call, parameterCount(program));
    const parts = partsOf(call.rows, call.threads, program.hasSums);
    const results = await this.#all(
      call,
      parts.map((part) => ({
        name: 'run',
        programs: [program],
        arrays: [
          numbersOf(program, snapshot, part),
          ...(parts.length === 1
            ? snapshot.parameters
            : snapshot.parameters.map((numbers) => numbers.slice())),
          ...columnsOf(call.inputs, program.inputs, part),
        ],
        owned: true,
      })),
    );
    const count = program.outputs.length;
    const outputs = Array.from({ length: count }, (_, port) => joined(results, port) as Float64Array);
    const { gradient } = await this.#gradient(program, snapshot, call, results, count);
    return { outputs, gradient };
  }

  async solve(handle: ProgramHandle, call: SolveCall): Promise<SolveResult> {
    const field = handle as WasmProgram;
    const replay = call.replay as WasmTape | null;
    const { tableau, control } = call;
    const snapshot: Snapshot = {
      ...snapshotOf(call, call.tape ? call.trained.length : parameterCount(field)),
      problem: [
        call.t,
        call.y,
        tableau.stages,
        Number(tableau.fsal),
        tableau.errorOrder,
        control.safety,
        control.minFactor,
        control.maxFactor,
        ...control.beta,
        control.rejection,
        call.t0,
        call.t1,
        call.rtol,
        call.atol,
        call.stepSize,
        call.maxSteps,
      ],
      tableau: [tableau.c, tableau.a, tableau.b, tableau.bError, tableau.bCorrection].map((x) =>
        x === null ? null : copyOf(x),
      ),
    };
    const parts =
      replay === null ? partsOf(call.rows, call.threads, call.tape) : replay.parts.map(({ part }) => part);
    const flags = [Number(call.tape), Number(replay !== null)];
    const inputs = parts.map((part) => columnsOf(call.inputs, field.inputs, part));
    const results = await this.#all(
      call,
      parts.map((part, i) => ({
        name: 'solve',
        programs: [field],
        arrays: [
          numbersOf(field, snapshot, part, flags),
          ...snapshot.parameters,
          ...snapshot.tableau,
          ...(replay === null ? [] : [...replay.parts[i]!.inputs, ...replay.parts[i]!.arrays]),
          ...inputs[i]!,
        ],
      })),
    );
    const [y, status, failures, nfe, accepted, rejected] = [0, 1, 2, 3, 4, 5].map((i) => joined(results, i));
    const tapeParts = (): TapePart[] =>
      parts.map((part, i) => {
        const [, status, , , accepted, , ...rest] = results[i]!;
        return { part, inputs: inputs[i]!, arrays: [status!, accepted!, ...rest] };
      });
    return {
      y: y as Float64Array,
      status: status as Int32Array,
      failures: failures as Float64Array,
      nfe: nfe as Int32Array,
      accepted: accepted as Int32Array,
      rejected: rejected as Int32Array,
      tape: call.tape ? new WasmTape(field, snapshot, tapeParts()) : null,
    };
  }

  async solvePullback(
    handle: ProgramHandle,
    tape: TapeHandle,
    call: SolvePullbackCall,
  ): Promise<SolvePullbackResult> {
    const transposed = handle as WasmProgram;
    const { field, call: snapshot, parts } = tape as WasmTape;
    const width = field.outputs[0]!;
    const results = await this.#all(
      call,
      parts.map(({ part, inputs, arrays }) => ({
        name: 'solvePullback',
        programs: [field, transposed],
        arrays: [
          numbersOf(field, snapshot, part, [transposed.number, Number(call.times)]),
          ...snapshot.parameters,
          ...snapshot.tableau,
          ...inputs,
          ...arrays,
          partOf(call.cotangents, width, part),
        ],
      })),
    );
    const count = transposed.outputs.length;
    const cotangents = Array.from(
      { length: count },
      (_, port) => joined(results, port) as Float64Array | null,
    );
    const { gradient, rest } = await this.#gradient(transposed, snapshot, call, results, count);
    const [t0 = 0, t1 = 0] = rest;
    return { cotangents, gradient: gradient!, t0, t1 };
  }

  /** Arrays of JavaScript's own wait for its garbage collector. */
  release(): void {}

  /** Pairs are cut into a part for each thread, which gets all clouds. */
  async cloudDistances(call: CloudDistancesCall): Promise<Float64Array> {
    const { kind, left, right, pairs, limits } = call;
    const count = pairs.length / 2;
    const size = 2 * Math.max(1, Math.ceil(count / call.threads));
    const clouds = [left.data, left.offsets, right.data, right.offsets].map((array) => array.slice());
    const results = await this.#all(
      call,
      Array.from({ length: Math.ceil(pairs.length / size) }, (_, i) => ({
        name: 'cloudDistances',
        programs: [],
        arrays: [
          Float64Array.of(kind, left.dim, right.dim),
          ...(clouds as Numbers[]),
          pairs.slice(i * size, (i + 1) * size),
          limits.slice((i * size) / 2, ((i + 1) * size) / 2),
        ],
      })),
    );
    return results.length === 0 ? new Float64Array(0) : (joined(results, 0) as Float64Array);
  }

  fill(out: Float64Array, { draw, seed, stream, offset }: Parameters<Kernels['fill']>[1]): void {
    reference.fill(draws[draw]!, out, seed, stream, offset);
  }

  adam(arrays: AdamArrays, step: AdamStep): void {
    reference.adam(arrays, step);
  }

  rest(): void {
    this.#workers.rest();
  }

  /** Every part by whoever is free. Where one fails, the others are stopped. */
  async #all({ threads, cancellation }: Job, tasks: readonly Task[]): Promise<Results[]> {
    const pending = tasks.map((task) => this.#workers.submit(task, threads));
    const cancellable = cancellation === null ? undefined : (cancellation as WasmCancellation).pending;
    for (const part of pending) cancellable?.add(part);
    try {
      return await Promise.all(pending.map(({ result }) => result));
    } catch (error) {
      for (const part of pending) part.cancel();
      await Promise.allSettled(pending.map(({ result }) => result));
      throw error;
    } finally {
      for (const part of pending) cancellable?.delete(part);
    }
  }

  /** The gradient, which one part has alone, or which is made of the sums of all. */
  async #gradient(
    program: WasmProgram,
    snapshot: Snapshot,
    call: Job,
    results: readonly Results[],
    at: number,
  ): Promise<{ gradient: Float64Array | null; rest: Float64Array }> {
    const [, ...whole] = results[0]!.slice(at);
    if (whole.length < 2 || results[0]![at] !== null) {
      const [gradient, rest] = results[0]!.slice(at) as [Float64Array | null, Float64Array?];
      return { gradient, rest: rest ?? new Float64Array(0) };
    }
    const places = Float64Array.from(results.flatMap((part) => [...part[at + 1]!]));
    const sums = results.flatMap((part) => part.slice(at + 2));
    const part: Part = { first: 0, count: snapshot.rows, groups: [0, 1] };
    const [made] = await this.#all(call, [
      {
        name: 'gradient',
        programs: [program],
        arrays: [numbersOf(program, snapshot, part), ...snapshot.parameters, places, ...sums],
      },
    ]);
    return { gradient: made![0] as Float64Array, rest: made![1] as Float64Array };
  }
}

/** The trained numbers that a program reads. */
function parameterCount({ code }: WasmProgram): number {
  return code[5]![1]!;
}

function snapshotOf({ float64, rows, trained, state }: RunCall, needed: number): Snapshot {
  return {
    float64,
    rows,
    trainedCount: trained.length,
    parameters: [copyOf(trained.subarray(0, needed)), copyOf(state)],
    problem: [],
    tableau: [],
  };
}

/** The numbers that begin a call: native/wasm/exports.cpp reads them one after the other. */
function numbersOf(
  { number }: WasmProgram,
  { float64, rows, trainedCount, problem }: Snapshot,
  { count, groups }: Part,
  more: readonly number[] = [],
): Float64Array<ArrayBuffer> {
  return Float64Array.of(number, Number(float64), count, rows, ...groups, trainedCount, ...problem, ...more);
}

function columnsOf(columns: Columns, widths: readonly number[], part: Part): Results {
  return columns.map((column, port) => (column === null ? null : partOf(column, widths[port]!, part)));
}

function partOf(rows: Rows, width: number, { first, count }: Part): Numbers {
  return copyOf(rows.subarray(first * width, (first + count) * width));
}

/** A copy with a buffer of its own: what is sent to a worker is a whole buffer. */
function copyOf(array: Rows): Numbers {
  return array.slice();
}

/** The i-th result of every part, one behind the other. */
function joined(results: readonly Results[], i: number): Numbers | null {
  const parts = results.map((result) => result[i]);
  const [first] = parts;
  if (first == null) return null;
  if (parts.length === 1) return first;
  const length = parts.reduce((sum, part) => sum + part!.length, 0);
  const whole = new (first.constructor as new (length: number) => Numbers)(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part!, at);
    at += part!.length;
  }
  return whole;
}
