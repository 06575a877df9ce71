import { DenseSolution, evaluatePiece } from './dense.ts';
import { EventWatch } from './events.ts';
import type { EventFound, EventSpec } from './events.ts';
import { largest } from './finite.ts';
import type { Method } from './method.ts';
import type { Tolerance } from './tolerance.ts';
import type { Failure, Outcome, RowStatus } from './types.ts';
import type { Walk } from './walk.ts';

export interface MarchOptions {
  readonly t1: number;
  readonly tolerance: Tolerance;
  readonly times?: ArrayLike<number> | undefined;
  /** States at `times` come from the interpolant; steps do not end there. */
  readonly interpolate?: boolean | undefined;
  readonly dense?: boolean | undefined;
  readonly events?: readonly EventSpec[] | undefined;
}

/** How a march ended, and everything that was gathered on the way. */
export interface March extends Outcome {
  readonly dense: DenseSolution | null;
  readonly events: EventFound[] | null;
  /** The first required event that did not happen; -1 when all did. */
  readonly missing: number;
}

/** Whether the method has to have its interpolant ready. */
export function needsPieces({ interpolate, dense, events }: Omit<MarchOptions, 't1' | 'tolerance'>): boolean {
  return interpolate === true || dense === true || events !== undefined;
}

/** Takes a method to t1, over the output times, with dense output and events as they are asked for. */
export function march(method: Method, walk: Walk, options: MarchOptions): March {
  return new Marcher(method, walk, options).run();
}

class Marcher {
  private readonly method: Method;
  private readonly walk: Walk;
  private readonly options: MarchOptions;
  private readonly times: ArrayLike<number>;
  private readonly at: Float64Array[];
  private readonly dense: DenseSolution | null;
  private readonly watch: EventWatch | null;
  private readonly direction: number;
  private readonly needsPieces: boolean;
  private reached = 0;
  private stopped: EventFound | null = null;
  private status: RowStatus = 'ok';

  constructor(method: Method, walk: Walk, options: MarchOptions) {
    const { times = [], dense = false, events, t1 } = options;
    this.method = method;
    this.walk = walk;
    this.options = options;
    this.times = times;
    this.at = Array.from(times, () => new Float64Array(method.y.length).fill(NaN));
    this.dense = dense ? new DenseSolution(method.t, method.y) : null;
    this.watch = events === undefined ? null : new EventWatch(events, method.t, method.y);
    this.direction = t1 >= method.t ? 1 : -1;
    this.needsPieces = needsPieces(options);
  }

  run(): March {
    const { method, walk, dense, watch, times } = this;
    const { t1, tolerance, interpolate = false } = this.options;
    this.collect(method.t);
    if (!interpolate) {
      for (let i = 0; i < times.length; i++) {
        this.advance(times[i]!);
        if (this.status === 'ok') this.collect(this.stopped?.t ?? method.t);
      }
    }
    this.advance(t1);
    const { stopped, status } = this;
    return {
      y: (stopped ?? method).y.slice(),
      t: (stopped ?? method).t,
      status,
      steps: method.steps,
      rejected: method.rejected,
      nfe: method.evaluations,
      tape: method.tape,
      at: this.options.times === undefined ? null : this.at,
      failure: status === 'ok' ? null : failureOf(method, walk, tolerance),
      stiffSince: walk.stiffSince,
      dense,
      events: watch?.found ?? null,
      missing: watch?.missing ?? -1,
    };
  }

  private advance(target: number): void {
    const { method, walk } = this;
    while (this.status === 'ok' && this.stopped === null && method.t !== target) {
      this.status = walk.step(target);
      if (this.needsPieces && this.status === 'ok') this.look();
    }
  }

  /** What the step that was just taken means for events, dense output and output times. */
  private look(): void {
    const { method, watch } = this;
    const piece = method.piece();
    if (watch?.look(piece, method.t) === true) this.stopped = watch.found.at(-1)!;
    const end = this.stopped?.t ?? method.t;
    this.dense?.append(piece, end);
    if (this.options.interpolate === true) this.collect(end);
  }

  /** Writes the states at output times up to `end`. */
  private collect(end: number): void {
    const { method, times, at } = this;
    for (; this.reached < times.length; this.reached++) {
      const time = times[this.reached]!;
      if (this.direction * (end - time) < 0) return;
      if (time === method.t) at[this.reached]!.set(method.y);
      else evaluatePiece(method.piece(), time, at[this.reached]!);
    }
  }
}

function failureOf(method: Method, walk: Walk, tolerance: Tolerance): Failure {
  return {
    t: method.t,
    h: walk.h,
    norm: largest(method.y),
    component: method.dominantComponent(tolerance),
  };
}
