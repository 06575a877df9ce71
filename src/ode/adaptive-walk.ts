import { checkControl, factorAfterAccepted, factorAfterRejected, LEAST_PREVIOUS_ERROR } from './control.ts';
import type { StepControl } from './control.ts';
import { initialStep } from './initial-step.ts';
import type { Stepper } from './stepper.ts';
import type { RowStatus } from './types.ts';
import type { Walk } from './walk.ts';

/** The least step that t can resolve: 16 units of its last place. */
function leastStep(t: number): number {
  return Math.max(16 * Number.EPSILON * Math.abs(t), 1e-300);
}

export interface AdaptiveSettings {
  /** The order of the error estimate. */
  readonly k: number;
  readonly rtol: number;
  readonly atol: Float64Array;
  readonly control: StepControl;
  readonly maxSteps: number;
  /** The last target: the first step is chosen within it. */
  readonly end: number;
}

/** Error control. A step is accepted when the norm of its error estimate is at most 1. */
export class AdaptiveWalk implements Walk {
  h = 0;
  private readonly stepper: Stepper;
  private readonly settings: AdaptiveSettings;
  /** Of this step and of the two before it. */
  private readonly errors: [number, number, number] = [0, LEAST_PREVIOUS_ERROR, LEAST_PREVIOUS_ERROR];
  private afterRejection = false;
  private lastError = 0;

  constructor(stepper: Stepper, settings: AdaptiveSettings) {
    checkControl(settings.control);
    this.stepper = stepper;
    this.settings = settings;
  }

  advance(target: number): RowStatus {
    const { stepper } = this;
    const { k, rtol, atol, control, maxSteps, end } = this.settings;
    while (stepper.t !== target) {
      if (stepper.steps + stepper.rejected >= maxSteps) return 'max-steps';
      if (!stepper.begin()) return 'non-finite';
      const t = stepper.t;
      if (this.h === 0) {
        const h = initialStep(stepper, end, rtol, atol, k);
        this.h = Math.max(h, leastStep(t));
      }
      // Within 1% of the target the step is stretched onto it, so that no tiny step is left over.
      const landing = 1.01 * this.h >= Math.abs(target - t);
      if (!landing && this.h < leastStep(t)) {
        return this.lastError < Infinity ? 'step-underflow' : 'non-finite';
      }
      const tNext = landing ? target : t + (target > t ? this.h : -this.h);
      // What t really advances by: the sum above is rounded.
      const h = tNext - t;
      stepper.attempt(h, tNext);
      const error = stepper.errorNorm(rtol, atol);
      this.lastError = error;
      if (error <= 1) {
        stepper.accept();
        // A step that was cut says little about the size of the next one: what was proposed is kept.
        if (!landing) {
          this.errors[0] = error;
          const factor = factorAfterAccepted(control, k, this.errors);
          this.h *= this.afterRejection ? Math.min(1, factor) : factor;
          this.errors[2] = this.errors[1];
          this.errors[1] = Math.max(error, LEAST_PREVIOUS_ERROR);
        }
        this.afterRejection = false;
      } else {
        stepper.rejected++;
        this.h = Math.abs(h) * factorAfterRejected(control, k, error);
        this.afterRejection = true;
      }
    }
    return 'ok';
  }
}
