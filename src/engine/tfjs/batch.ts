import type { RowStatus } from '../../ode/index.ts';
import type { Pauses } from '../pause.ts';
import type { SolveOptions } from '../types.ts';
import { AdaptiveClocks } from './clocks.ts';
import type { Clock, Walk } from './clocks.ts';
import { failureOf } from './failures.ts';
import type { Results } from './solve.ts';
import type { Attempt, TensorStepper } from './stepper.ts';
import type { TfjsTape } from './tape.ts';

interface BatchParts {
  readonly stepper: TensorStepper;
  readonly walk: Walk;
  /** Of all rows of the solve. */
  readonly clocks: readonly Clock[];
  readonly options: SolveOptions;
  readonly results: Results;
  readonly tape: TfjsTape | null;
  readonly pauses: Pauses;
  /** The rows of this batch. */
  readonly from: number;
  readonly to: number;
}

/**
 * Takes rows to their ends together. A row that has ended stays where it is, at no harm to the others, until half of the
 * rows have: then the rest goes on in smaller tensors.
 */
export class Batch {
  readonly #parts: BatchParts;
  /** The rows that the tensors hold, in their order. */
  #rows: number[];
  readonly #ended: Uint8Array;
  /** Rows whose derivative at the beginning of the next step is known. */
  readonly #slopeKnown: Uint8Array;
  readonly #failed = new Map<number, Exclude<RowStatus, 'ok'>>();

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.#rows = Array.from({ length: parts.to - parts.from }, (_, i) => parts.from + i);
    this.#ended = new Uint8Array(parts.clocks.length);
    this.#slopeKnown = new Uint8Array(parts.clocks.length);
  }

  async toEnd(): Promise<void> {
    const { walk, options, pauses } = this.#parts;
    if (walk instanceof AdaptiveClocks && options.t0 !== options.t1) await this.#begin(walk);
    for (;;) {
      this.#propose();
      await this.#explainFailures();
      const active = this.#rows.filter((row) => this.#ended[row] === 0).length;
      if (active <= this.#rows.length / 2) await this.#collect();
      if (active === 0) return;
      await this.#step();
      await pauses.maybe();
    }
  }

  /** The first derivative, and the first step of every row. */
  async #begin(walk: AdaptiveClocks): Promise<void> {
    const { stepper, options, clocks } = this.#parts;
    const { t0, t1 } = options;
    const { d0, d1, start } = await stepper.begin(new Float32Array(this.#rows.length).fill(t0));
    const trials = this.#rows.map((row, slot) => {
      clocks[row]!.nfe++;
      this.#slopeKnown[row] = 1;
      if (!Number.isNaN(start[slot])) return walk.trial(clocks[row]!, d0[slot]!, d1[slot]!);
      this.#fail(row, 'non-finite');
      return null;
    });
    const steps = Float32Array.from(trials, (h0) => (h0 === null ? 0 : t1 > t0 ? h0 : -h0));
    const times = Float32Array.from(trials, (h0, slot) =>
      h0 === Math.abs(t1 - t0) ? t1 : t0 + steps[slot]!,
    );
    const change = await stepper.change(steps, times);
    this.#rows.forEach((row, slot) => {
      const h0 = trials[slot];
      if (h0 == null) return;
      clocks[row]!.nfe++;
      walk.beginAfter(clocks[row]!, h0, d1[slot]!, change[slot]!);
    });
  }

  #propose(): void {
    const { walk, clocks } = this.#parts;
    for (const row of this.#rows) {
      if (this.#ended[row] === 1) continue;
      const status = walk.propose(clocks[row]!, row);
      if (status === 'ok') this.#ended[row] = 1;
      else if (status !== null) this.#fail(row, status);
    }
  }

  async #step(): Promise<void> {
    const { stepper, clocks, options, tape } = this.#parts;
    const { stages, c } = options.tableau;
    // Rows that have ended take a step of no size.
    const clockAt = this.#rows.map((row) => (this.#ended[row] === 1 ? null : clocks[row]!));
    const steps = Float32Array.from(clockAt, (clock) => clock?.step ?? 0);
    const times = Array.from({ length: stages }, (_, i) =>
      Float32Array.from(clockAt, (clock, slot) => {
        if (clock === null) return clocks[this.#rows[slot]!]!.t;
        return c[i] === 1 ? clock.tNext : clock.t + c[i]! * clock.step;
      }),
    );
    const attempt = await stepper.attempt(steps, times, tape !== null);
    const taken = Uint8Array.from(clockAt, (clock, slot) =>
      clock === null ? 0 : Number(this.#judge(this.#rows[slot]!, slot, clock, attempt)),
    );
    if (tape !== null) this.#record(taken, attempt.stages!, tape);
    stepper.advance(taken);
  }

  /** Whether the step of a row is taken. */
  #judge(row: number, slot: number, clock: Clock, { error, correction, start }: Attempt): boolean {
    const { stages, fsal } = this.#parts.options.tableau;
    if (this.#slopeKnown[row] === 0) {
      clock.nfe++;
      if (start !== null && Number.isNaN(start[slot])) return this.#fail(row, 'non-finite');
      this.#slopeKnown[row] = 1;
    }
    clock.nfe += stages - 1;
    const verdict = this.#parts.walk.judge(clock, corrected(error[slot]!, correction?.[slot]));
    if (typeof verdict === 'string') return this.#fail(row, verdict as 'non-finite');
    if (verdict) this.#slopeKnown[row] = Number(fsal);
    return verdict;
  }

  #fail(row: number, status: Exclude<RowStatus, 'ok'>): false {
    this.#ended[row] = 1;
    this.#parts.results.status[row] = status;
    this.#failed.set(row, status);
    if (this.#parts.tape !== null) this.#parts.tape.steps[row] = null;
    return false;
  }

  async #explainFailures(): Promise<void> {
    if (this.#failed.size === 0) return;
    const { stepper, clocks, options, results } = this.#parts;
    const slots = this.#rows.flatMap((row, slot) => (this.#failed.has(row) ? [slot] : []));
    const { y, slopes, next } = await stepper.details(slots);
    const count = slots.length;
    const n = y.length / count;
    const stages = slopes.length / (count * n);
    slots.forEach((slot, i) => {
      const row = this.#rows[slot]!;
      const own = (all: Float32Array, at: number): number[] => [...all.subarray(at * n, (at + 1) * n)];
      const evidence = {
        y: Float64Array.from(own(y, i)),
        slopes: Float64Array.from(
          Array.from({ length: stages }, (_, j) => own(slopes, j * count + i)).flat(),
        ),
        next: Float64Array.from(own(next, i)),
      };
      results.failures[row] = failureOf(clocks[row]!, evidence, options.tableau, options);
    });
    this.#failed.clear();
  }

  /** Takes down the states of the rows that have ended, and goes on with the others. */
  async #collect(): Promise<void> {
    const { stepper, results } = this.#parts;
    const states = await stepper.states();
    const n = states.length / this.#rows.length;
    const left: number[] = [];
    this.#rows.forEach((row, slot) => {
      if (this.#ended[row] === 0) left.push(slot);
      else if (results.status[row] === 'ok')
        results.y.set(states.subarray(slot * n, (slot + 1) * n), row * n);
    });
    if (left.length > 0) stepper.keepOnly(left);
    this.#rows = left.map((slot) => this.#rows[slot]!);
  }

  /** Writes the steps that were taken to the tape. */
  #record(taken: Uint8Array, states: Float32Array, tape: TfjsTape): void {
    const { clocks, options } = this.#parts;
    const { stages } = options.tableau;
    const count = taken.reduce((sum, x) => sum + x, 0);
    const width = this.#rows.length;
    const n = states.length / (stages * width);
    const block = new Float32Array(count * stages * n);
    let offset = 0;
    for (let slot = 0; slot < width; slot++) {
      if (taken[slot] === 0) continue;
      for (let i = 0; i < stages; i++) {
        const from = (i * width + slot) * n;
        block.set(states.subarray(from, from + n), offset + i * n);
      }
      const row = this.#rows[slot]!;
      const steps = tape.steps[row]!;
      steps.t.push(clocks[row]!.tNext);
      steps.h.push(clocks[row]!.step);
      steps.stages.push({ block, offset });
      offset += stages * n;
    }
  }
}

/** Tableau.bCorrection says how. */
function corrected(norm: number, correction: number | undefined): number {
  if (correction === undefined) return norm;
  const both = Math.sqrt(norm * norm + 0.01 * correction * correction);
  return both === 0 ? 0 : (norm * norm) / both;
}
