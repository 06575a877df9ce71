import { LiouvilleError } from '../../errors.ts';
import { vjpWithoutTime } from '../../program/index.ts';
import { Pauses } from '../pause.ts';
import type { SolvePullbackOptions, SolvePullbackResult, Tape } from '../types.ts';
import { combined, stack } from './combine.ts';
import { runtime } from './load.ts';
import type { Runtime } from './load.ts';
import { Snapshot, withMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { runRows } from './run.ts';
import type { Copies } from './run.ts';
import { ownTape, stateSize } from './tape.ts';
import type { TfjsTape } from './tape.ts';
import { Held, tidied } from './tensors.ts';
import type { Tensor } from './tensors.ts';

/**
 * The discrete gradient, as `integratePullback` of ode/ defines it, of all rows together: each goes back over its own
 * steps, the last ones first. Rows with the most steps lie in front, so that those which have come to their start
 * are the hindmost; they wait with steps of no size until half of the batch does.
 */
export async function solvePullback(
  given: Tape,
  cotangents: Float64Array,
  options: SolvePullbackOptions,
): Promise<SolvePullbackResult> {
  const tape = ownTape(given);
  const { field, rows, parameters, inputs } = tape;
  const n = stateSize(field);
  if (cotangents.length !== rows * n) {
    throw new LiouvilleError(
      'shape-mismatch',
      `solvePullback: expected ${rows} cotangents of ${n} numbers; got ${cotangents.length} numbers.`,
    );
  }
  const pauses = new Pauses(options.signal);
  const ends = new Float32Array(cotangents);
  const snapshot = new Snapshot(vjpWithoutTime(field), parameters);
  const result = Object.fromEntries(
    Object.entries(inputs).map(([name, x]) => [name, new Float64Array(x.length)]),
  );
  const sound = Array.from({ length: rows }, (_, row) => row)
    .filter((row) => tape.steps[row] !== null)
    .toSorted((a, b) => tape.steps[b]!.h.length - tape.steps[a]!.h.length);
  const started = await runtime();
  await withMachine(started, snapshot, async (machine) => {
    for (let from = 0; from < sound.length; from += snapshot.rowsAtOnce) {
      const part = sound.slice(from, from + snapshot.rowsAtOnce);
      const batch = new BackwardBatch(started, machine, tape, part, ends, result);
      try {
        await batch.toStart(pauses);
      } finally {
        batch.dispose();
      }
    }
  });
  const [t0, t1] = tape.interval;
  const slopeAt = (t: number, y: Float32Array, cotangent: ArrayLike<number>): Promise<number> =>
    timeCotangent(started, tape, sound, t, y, cotangent, pauses);
  const times =
    options.times === false || sound.length === 0
      ? { t0: 0, t1: 0 }
      : { t0: 0 - (await slopeAt(t0, inputs['y']!, result['y']!)), t1: await slopeAt(t1, tape.end, ends) };
  return { cotangents: result, gradient: snapshot.gradient(), ...times };
}

/** Some rows on their way back. */
class BackwardBatch {
  readonly #runtime: Runtime;
  readonly #machine: Machine;
  readonly #tape: TfjsTape;
  readonly #result: Readonly<Record<string, Float64Array>>;
  readonly #held: Held;
  readonly #n: number;
  /** Those that the tensors hold. */
  #rows: readonly number[];
  /** The cotangents of the states that the rows have come to. */
  #lambda: Tensor;
  #constants: Record<string, Tensor>;
  /** The cotangents of the constants, and the sums over rows, so far. */
  #ofConstants: Record<string, Tensor> = {};
  #totals: Tensor[] | null = null;

  constructor(
    runtime: Runtime,
    machine: Machine,
    tape: TfjsTape,
    rows: readonly number[],
    ends: Float32Array,
    result: Readonly<Record<string, Float64Array>>,
  ) {
    const { tf } = runtime;
    this.#runtime = runtime;
    this.#machine = machine;
    this.#tape = tape;
    this.#result = result;
    this.#held = new Held(tf);
    this.#rows = rows;
    this.#n = stateSize(tape.field);
    this.#lambda = this.#held.add(tf.tensor2d(pick(ends, this.#n, rows), [rows.length, this.#n]));
    const constants = tape.field.inputs.filter(({ name }) => name !== 'y' && name !== 't');
    this.#constants = Object.fromEntries(
      constants.map(({ name, k, n }) => {
        const shape = k === 1 ? [rows.length, n] : [rows.length, k, n];
        return [name, this.#held.add(tf.tensor(pick(tape.inputs[name]!, k * n, rows), shape))];
      }),
    );
  }

  dispose(): void {
    this.#held.dispose();
  }

  async toStart(pauses: Pauses): Promise<void> {
    const counts = this.#rows.map((row) => this.#tape.steps[row]!.h.length);
    for (let back = 1; back <= counts[0]!; back++) {
      const active = counts.findIndex((count) => count < back);
      if (active >= 0 && active <= this.#rows.length / 2) {
        await this.#collect(active);
        counts.length = active;
      }
      this.#step(back);
      // Nothing is awaited in a step, and a queue of thousands of kernels would not notice an abort.
      await this.#settle();
      await pauses.maybe();
    }
    await this.#collect(0);
    if (this.#totals !== null) await this.#machine.addTotals(this.#totals);
  }

  /** Back over the step that is the `back`-th from the end of each row. */
  #step(back: number): void {
    const { tf } = this.#runtime;
    const { stages, a, b } = this.#tape.tableau;
    const { h, times, states } = this.#stepsOf(back);
    const before = [this.#lambda, ...Object.values(this.#ofConstants), ...(this.#totals ?? [])];
    const made = tidied(tf, () => {
      const rows = this.#rows.length;
      const size = tf.tensor2d(h, [rows, 1]);
      let ofConstants = this.#ofConstants;
      let totals = this.#totals;
      // The cotangent of the state, then those of the stages from the last to the first.
      let stacked = stack(tf, null, this.#lambda);
      const done: number[] = [];
      for (let i = stages - 1; i >= 0; i--) {
        const weights = [b[i]!, ...done.map((j) => a[j * stages + i]!)];
        if (weights.every((weight) => weight === 0)) continue;
        const cotangent = tf.mul(size, combined(tf, weights, stacked, this.#lambda));
        const { outputs, totals: sums } = this.#machine.body(rows, {
          ...this.#constants,
          t: tf.tensor2d(times[i]!, [rows, 1]),
          y: tf.tensor2d(states[i]!, [rows, this.#n]),
          'cotangent/dy': cotangent,
        });
        stacked = stack(tf, stacked, outputs['cotangent/y']!);
        done.push(i);
        ofConstants = Object.fromEntries(
          Object.keys(this.#constants).map((name) => {
            const part = outputs[`cotangent/${name}`]!;
            return [name, ofConstants[name] === undefined ? part : tf.add(ofConstants[name], part)];
          }),
        );
        totals = totals === null ? sums : totals.map((sum, j) => tf.add(sum, sums[j]!));
      }
      const lambda = combined(tf, Array<number>(stacked.shape[0]).fill(1), stacked, this.#lambda);
      for (const tensor of [lambda, ...Object.values(ofConstants), ...(totals ?? [])]) this.#held.add(tensor);
      return { lambda, ofConstants, totals: totals ?? [] };
    });
    this.#lambda = made.lambda;
    this.#ofConstants = made.ofConstants;
    this.#totals = made.totals;
    const after = new Set([made.lambda, ...Object.values(made.ofConstants), ...made.totals]);
    this.#held.release(...before.filter((tensor) => !after.has(tensor)));
  }

  /** What the tape says of a step of every row; a row that has none left stands still where it began. */
  #stepsOf(back: number): { h: Float32Array; times: Float32Array[]; states: Float32Array[] } {
    const { tableau, interval } = this.#tape;
    const { stages, c } = tableau;
    const n = this.#n;
    const count = this.#rows.length;
    const h = new Float32Array(count);
    const times = Array.from({ length: stages }, () => new Float32Array(count).fill(interval[0]));
    const states = Array.from({ length: stages }, () => new Float32Array(count * n));
    this.#rows.forEach((row, slot) => {
      const steps = this.#tape.steps[row]!;
      const step = steps.h.length - back;
      if (step < 0) {
        const start = this.#tape.inputs['y']!.subarray(row * n, (row + 1) * n);
        for (const state of states) state.set(start, slot * n);
        return;
      }
      h[slot] = steps.h[step]!;
      const { block, offset } = steps.stages[step]!;
      for (let i = 0; i < stages; i++) {
        times[i]![slot] = c[i] === 1 ? steps.t[step + 1]! : steps.t[step]! + c[i]! * steps.h[step]!;
        states[i]!.set(block.subarray(offset + i * n, offset + (i + 1) * n), slot * n);
      }
    });
    return { h, times, states };
  }

  /** Takes down the cotangents of all rows, and goes on with the first `left`. */
  async #collect(left: number): Promise<void> {
    const { tf } = this.#runtime;
    const found: [string, Tensor][] = [['y', this.#lambda], ...Object.entries(this.#ofConstants)];
    for (const [name, tensor] of found) {
      const numbers = await tensor.data();
      const width = tensor.size / this.#rows.length;
      const into = this.#result[name]!;
      this.#rows.forEach((row, slot) =>
        into.set(numbers.subarray(slot * width, (slot + 1) * width), row * width),
      );
    }
    if (left === 0) return;
    const before = [this.#lambda, ...Object.values(this.#constants), ...Object.values(this.#ofConstants)];
    const first = (x: Tensor): Tensor =>
      this.#held.add(
        tf.slice(
          x,
          x.shape.map(() => 0),
          [left, ...x.shape.slice(1)],
        ),
      );
    const firstOf = (all: Record<string, Tensor>): Record<string, Tensor> =>
      Object.fromEntries(Object.entries(all).map(([name, x]) => [name, first(x)]));
    this.#lambda = first(this.#lambda);
    this.#constants = firstOf(this.#constants);
    this.#ofConstants = firstOf(this.#ofConstants);
    this.#rows = this.#rows.slice(0, left);
    this.#held.release(...before);
  }

  /** Waits for the device, with one number. */
  async #settle(): Promise<void> {
    const { tf } = this.#runtime;
    const one = this.#held.add(tf.tidy(() => tf.slice(this.#lambda, [0, 0], [1, 1])));
    await one.data();
    this.#held.release(one);
  }
}

/** The sum over the rows of f(t, y) . cotangent. */
async function timeCotangent(
  started: Runtime,
  { field, parameters, inputs }: TfjsTape,
  rows: readonly number[],
  t: number,
  y: Float32Array,
  cotangent: ArrayLike<number>,
  pauses: Pauses,
): Promise<number> {
  const n = stateSize(field);
  const columns: Copies = Object.fromEntries(
    field.inputs.map(({ name, k, n: width }) => {
      if (name === 't') return [name, new Float32Array(rows.length).fill(t)];
      return [name, pick(name === 'y' ? y : inputs[name]!, k * width, rows)];
    }),
  );
  const { dy } = await runRows(started, new Snapshot(field, parameters), rows.length, columns, pauses);
  const weights = pick(cotangent, n, rows);
  return dy!.reduce((sum, slope, i) => sum + slope * weights[i]!, 0);
}

/** Some rows of an array whose rows hold `width` numbers. */
function pick(from: ArrayLike<number>, width: number, rows: readonly number[]): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    for (let j = 0; j < width; j++) picked[i * width + j] = from[row * width + j]!;
  });
  return picked;
}
