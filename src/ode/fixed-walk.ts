import { firstNonFinite } from './finite.ts';
import type { Method } from './method.ts';
import type { Tape } from './tape.ts';
import type { RowStatus } from './types.ts';
import type { Walk } from './walk.ts';

/** Equal steps (up to the rounding of t) of at most `stepSize` between targets, without error control. */
export class FixedWalk implements Walk {
  h = 0;
  readonly stiffSince = null;
  private readonly method: Method;
  private readonly stepSize: number;
  private readonly maxSteps: number;
  private start = NaN;
  private target = NaN;
  private count = 0;
  private taken = 0;

  constructor(method: Method, stepSize: number, maxSteps: number) {
    this.method = method;
    this.stepSize = stepSize;
    this.maxSteps = maxSteps;
  }

  step(target: number): RowStatus {
    const { method } = this;
    if (target !== this.target) this.divide(target);
    if (method.steps >= this.maxSteps) return 'max-steps';
    const i = ++this.taken;
    const h = (target - this.start) / this.count;
    const tNext = i === this.count ? target : this.start + i * h;
    this.h = Math.abs(tNext - method.t);
    return takeStep(method, tNext - method.t, tNext) ? 'ok' : 'non-finite';
  }

  private divide(target: number): void {
    this.start = this.method.t;
    this.target = target;
    this.taken = 0;
    this.count = stepsBetween(this.start, target, this.stepSize);
  }
}

/** How many equal steps of at most `stepSize` there are between two times; 1 / 0.1 are ten, whatever the rounding. */
export function stepsBetween(start: number, end: number, stepSize: number): number {
  const steps = (Math.abs(end - start) / stepSize) * (1 - 4 * Number.EPSILON);
  return Math.max(1, Math.ceil(steps));
}

/** The steps of a tape once more. */
export class ReplayWalk implements Walk {
  h = 0;
  readonly stiffSince = null;
  private readonly method: Method;
  private readonly tape: Tape;

  constructor(method: Method, tape: Tape) {
    this.method = method;
    this.tape = tape;
  }

  step(_target: number): RowStatus {
    const { method, tape } = this;
    const h = tape.h[method.steps]!;
    this.h = Math.abs(h);
    return takeStep(method, h, tape.t[method.steps + 1]!) ? 'ok' : 'non-finite';
  }
}

/** One step without error test; false when it does not lead to a finite state, which is then not accepted. */
function takeStep(method: Method, h: number, tNext: number): boolean {
  if (!method.begin()) return false;
  method.attempt(h, tNext);
  if (firstNonFinite(method.next) >= 0) return false;
  method.accept();
  return true;
}
