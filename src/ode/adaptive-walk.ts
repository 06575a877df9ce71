import { checkControl, factorAfterAccepted, factorAfterRejected, LEAST_PREVIOUS_ERROR } from './control.ts';
import type { StepControl } from './control.ts';
import { initialStep } from './initial-step.ts';
import type { Method } from './method.ts';
import type { Tolerance } from './tolerance.ts';
import type { RowStatus } from './types.ts';
import type { Walk } from './walk.ts';

/** The least step that t can resolve: 16 units of its last place. */
export function leastStep(t: number): number {
  return Math.max(16 * Number.EPSILON * Math.abs(t), 1e-300);
}

export interface AdaptiveSettings {
  readonly tolerance: Tolerance;
  readonly control: StepControl;
  readonly maxSteps: number;
  /** The last target: the first step is chosen within it. */
  readonly end: number;
}

/** Steps that are looked at for stiffness, of those accepted: every one of this number, and those after a suspicion. */
const LOOKED_AT = 1000;

/** Error control. A step is accepted when the norm of its error estimate is at most 1. */
export class AdaptiveWalk implements Walk {
  h = 0;
  stiffSince: number | null = null;
  private readonly method: Method;
  private readonly settings: AdaptiveSettings;
  /** Of this step and of the two before it. */
  private readonly errors: [number, number, number] = [0, LEAST_PREVIOUS_ERROR, LEAST_PREVIOUS_ERROR];
  private afterRejection = false;
  private lastError = 0;
  private toLookAt = false;
  private stiffSteps = 0;
  private easySteps = 0;

  constructor(method: Method, settings: AdaptiveSettings) {
    checkControl(settings.control);
    this.method = method;
    this.settings = settings;
  }

  step(target: number): RowStatus {
    const { method } = this;
    const { tolerance, control, maxSteps, end } = this.settings;
    for (;;) {
      if (method.steps + method.rejected >= maxSteps) return 'max-steps';
      if (!method.begin()) return 'non-finite';
      const t = method.t;
      // Now that the slope at the end of the last step is known.
      if (this.toLookAt) this.lookForStiffness(t);
      if (this.h === 0) this.h = Math.max(initialStep(method, end, tolerance), leastStep(t));
      // Within 1% of the target the step is stretched onto it, so that no tiny step is left over.
      const landing = 1.01 * this.h >= Math.abs(target - t);
      if (!landing && this.h < leastStep(t)) {
        return this.lastError < Infinity ? 'step-underflow' : 'non-finite';
      }
      const tNext = landing ? target : t + (target > t ? this.h : -this.h);
      // What t really advances by: the sum above is rounded.
      const h = tNext - t;
      method.attempt(h, tNext);
      const error = method.errorNorm(tolerance);
      const k = method.errorOrder;
      this.lastError = error;
      if (error <= 1) {
        method.accept();
        // A step that was cut says little about the size of the next one: what was proposed is kept.
        if (!landing) {
          this.errors[0] = error;
          const factor = factorAfterAccepted(control, k, this.errors);
          this.h *= this.afterRejection ? Math.min(1, factor) : factor;
          this.errors[2] = this.errors[1];
          this.errors[1] = Math.max(error, LEAST_PREVIOUS_ERROR);
        }
        this.afterRejection = false;
        this.toLookAt = method.steps % LOOKED_AT === 0 || this.stiffSteps > 0;
        return 'ok';
      }
      method.rejected++;
      this.h = Math.abs(h) * factorAfterRejected(control, k, error);
      this.afterRejection = true;
    }
  }

  /** Fifteen steps at the bound of stability, without six in between that are not: Hairer and Wanner's DOPRI5. */
  private lookForStiffness(t: number): void {
    this.toLookAt = false;
    if (this.stiffSince !== null) return;
    if (this.method.stiffness() > 0.95) {
      this.easySteps = 0;
      if (++this.stiffSteps === 15) this.stiffSince = t;
    } else if (++this.easySteps === 6) {
      this.stiffSteps = 0;
      this.easySteps = 0;
    }
  }
}
