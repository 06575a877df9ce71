import { leastStep } from '../../ode/adaptive-walk.ts';
import { factorAfterAccepted, factorAfterRejected, LEAST_PREVIOUS_ERROR } from '../../ode/control.ts';
import { stepsBetween } from '../../ode/fixed-walk.ts';
import { stepAfterTrial, trialStep } from '../../ode/initial-step.ts';
import type { RowStatus, StepControl } from '../../ode/index.ts';
import type { StepsOfRow } from './tape.ts';

/** Where one row is, in double precision: its time, the step before it, and what has been counted. */
export class Clock {
  t: number;
  /** Of the step that is tried: where it ends, and its signed size. */
  tNext: number;
  step = 0;
  /** The size that was tried or proposed last. */
  h = 0;
  nfe = 0;
  accepted = 0;
  rejected = 0;
  /** Of adaptive steps: the last errors, and what came of them. */
  readonly errors: [number, number, number] = [0, LEAST_PREVIOUS_ERROR, LEAST_PREVIOUS_ERROR];
  lastError = 0;
  afterRejection = false;

  constructor(t0: number) {
    this.t = t0;
    this.tNext = t0;
  }

  accept(): void {
    this.accepted++;
    this.t = this.tNext;
  }
}

/** How the clock of a row goes on. Its laws are those of ode/, one row at a time; tensors only bring the errors. */
export interface Walk {
  /** Whether sizes are chosen by the error, so that it and a first step have to be computed. */
  readonly adaptive: boolean;
  /** Prepares the next step; null when there is one, else how the row has ended. */
  propose(clock: Clock, row: number): RowStatus | null;
  /** Takes or refuses the step whose error norm this is; for steps without a test, NaN is a state that is not finite. */
  judge(clock: Clock, error: number): boolean | RowStatus;
}

export interface AdaptiveSettings {
  readonly t1: number;
  readonly maxSteps: number;
  readonly control: StepControl;
  readonly errorOrder: number;
}

/** `AdaptiveWalk` of ode/ in two halves, between which the step is computed. */
export class AdaptiveClocks implements Walk {
  readonly adaptive = true;
  readonly #settings: AdaptiveSettings;

  constructor(settings: AdaptiveSettings) {
    this.#settings = settings;
  }

  /** The size of the Euler step by which the first step is found; null, and the step is known, where norms overflow. */
  trial(clock: Clock, d0: number, d1: number): number | null {
    const limit = Math.abs(this.#settings.t1 - clock.t);
    const h0 = trialStep(d0, d1, limit);
    if (h0 === null) this.#begin(clock, Math.min(1e-6, limit));
    return h0;
  }

  /** The first step after the trial, where the field has changed by a norm of `change`. */
  beginAfter(clock: Clock, h0: number, d1: number, change: number): void {
    const { t1, errorOrder } = this.#settings;
    this.#begin(clock, stepAfterTrial(h0, d1, change / h0, errorOrder, Math.abs(t1 - clock.t)));
  }

  #begin(clock: Clock, h: number): void {
    clock.h = Math.max(h, leastStep(clock.t));
  }

  propose(clock: Clock): RowStatus | null {
    const { t1, maxSteps } = this.#settings;
    const { t, h } = clock;
    if (t === t1) return 'ok';
    if (clock.accepted + clock.rejected >= maxSteps) return 'max-steps';
    const landing = this.#landing(clock);
    if (!landing && h < leastStep(t)) return clock.lastError < Infinity ? 'step-underflow' : 'non-finite';
    clock.tNext = landing ? t1 : t + (t1 > t ? h : -h);
    clock.step = clock.tNext - t;
    return null;
  }

  judge(clock: Clock, error: number): boolean {
    const { control, errorOrder } = this.#settings;
    const { errors, step } = clock;
    clock.lastError = error;
    if (!(error <= 1)) {
      clock.rejected++;
      clock.h = Math.abs(step) * factorAfterRejected(control, errorOrder, error);
      clock.afterRejection = true;
      return false;
    }
    if (!this.#landing(clock)) {
      errors[0] = error;
      const factor = factorAfterAccepted(control, errorOrder, errors);
      clock.h *= clock.afterRejection ? Math.min(1, factor) : factor;
      errors[2] = errors[1];
      errors[1] = Math.max(error, LEAST_PREVIOUS_ERROR);
    }
    clock.afterRejection = false;
    clock.accept();
    return true;
  }

  /** Within 1% of the end the step is stretched onto it. */
  #landing({ t, h }: Clock): boolean {
    return 1.01 * h >= Math.abs(this.#settings.t1 - t);
  }
}

/** Steps that are known beforehand, without an error test. */
abstract class PlannedClocks implements Walk {
  readonly adaptive = false;

  abstract propose(clock: Clock, row: number): RowStatus | null;

  judge(clock: Clock, error: number): boolean | RowStatus {
    if (Number.isNaN(error)) return 'non-finite';
    clock.accept();
    return true;
  }
}

/** Equal steps, as `FixedWalk` of ode/ divides them. */
export class FixedClocks extends PlannedClocks {
  readonly #t0: number;
  readonly #t1: number;
  readonly #maxSteps: number;
  readonly #count: number;

  constructor(t0: number, t1: number, stepSize: number, maxSteps: number) {
    super();
    this.#t0 = t0;
    this.#t1 = t1;
    this.#maxSteps = maxSteps;
    this.#count = stepsBetween(t0, t1, stepSize);
  }

  propose(clock: Clock): RowStatus | null {
    if (clock.t === this.#t1) return 'ok';
    if (clock.accepted >= this.#maxSteps) return 'max-steps';
    const i = clock.accepted + 1;
    const h = (this.#t1 - this.#t0) / this.#count;
    clock.tNext = i === this.#count ? this.#t1 : this.#t0 + i * h;
    clock.step = clock.tNext - clock.t;
    clock.h = Math.abs(clock.step);
    return null;
  }
}

/** The steps of a tape once more, for each row its own. */
export class ReplayedClocks extends PlannedClocks {
  readonly #steps: readonly StepsOfRow[];

  constructor(steps: readonly StepsOfRow[]) {
    super();
    this.#steps = steps;
  }

  propose(clock: Clock, row: number): RowStatus | null {
    const { t, h } = this.#steps[row]!;
    if (clock.accepted === h.length) return 'ok';
    clock.tNext = t[clock.accepted + 1]!;
    clock.step = h[clock.accepted]!;
    clock.h = Math.abs(clock.step);
    return null;
  }
}
