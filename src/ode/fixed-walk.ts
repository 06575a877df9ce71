import { firstNonFinite } from './error-norm.ts';
import type { Stepper } from './stepper.ts';
import type { Tape } from './tape.ts';
import type { RowStatus } from './types.ts';
import type { Walk } from './walk.ts';

/** Equal steps (up to the rounding of t) of at most `stepSize` between targets, without error control. */
export class FixedWalk implements Walk {
  h = 0;
  private readonly stepper: Stepper;
  private readonly stepSize: number;
  private readonly maxSteps: number;

  constructor(stepper: Stepper, stepSize: number, maxSteps: number) {
    this.stepper = stepper;
    this.stepSize = stepSize;
    this.maxSteps = maxSteps;
  }

  advance(target: number): RowStatus {
    const { stepper } = this;
    const start = stepper.t;
    // 1 / 0.1 steps are ten, also where the division yields a little more.
    const count = Math.max(
      1,
      Math.ceil((Math.abs(target - start) / this.stepSize) * (1 - 4 * Number.EPSILON)),
    );
    const h = (target - start) / count;
    for (let i = 1; stepper.t !== target; i++) {
      if (stepper.steps >= this.maxSteps) return 'max-steps';
      const tNext = i === count ? target : start + i * h;
      this.h = Math.abs(tNext - stepper.t);
      if (!takeStep(stepper, tNext - stepper.t, tNext)) return 'non-finite';
    }
    return 'ok';
  }
}

/** The steps of a tape once more. */
export class ReplayWalk implements Walk {
  h = 0;
  private readonly stepper: Stepper;
  private readonly tape: Tape;

  constructor(stepper: Stepper, tape: Tape) {
    this.stepper = stepper;
    this.tape = tape;
  }

  advance(target: number): RowStatus {
    const { stepper, tape } = this;
    while (stepper.t !== target) {
      const h = tape.h[stepper.steps]!;
      this.h = Math.abs(h);
      if (!takeStep(stepper, h, tape.t[stepper.steps + 1]!)) return 'non-finite';
    }
    return 'ok';
  }
}

/** One step without error test; false when it does not lead to a finite state, which is then not accepted. */
function takeStep(stepper: Stepper, h: number, tNext: number): boolean {
  if (!stepper.begin()) return false;
  stepper.attempt(h, tNext);
  if (firstNonFinite(stepper.next) >= 0) return false;
  stepper.accept();
  return true;
}
