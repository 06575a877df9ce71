import { DenseSolution, evaluatePiece } from './dense.ts';
import type { Piece } from './dense.ts';
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

/** A step that was accepted, as whatever is gathered on the way sees it. */
export interface Taken {
  /** Where it ended. */
  readonly t: number;
  readonly y: Float64Array;
  piece(): Piece;
}

/** What is gathered on the way: output times, dense output, events. */
export class Gathering {
  readonly times: ArrayLike<number>;
  readonly at: Float64Array[];
  readonly dense: DenseSolution | null;
  readonly watch: EventWatch | null;
  readonly needsPieces: boolean;
  /** The terminal event that ended the integration. */
  stopped: EventFound | null = null;
  private readonly interpolate: boolean;
  private readonly direction: number;
  private reached = 0;

  constructor(t0: number, y0: Float64Array, options: Omit<MarchOptions, 'tolerance'>) {
    const { times = [], interpolate = false, dense = false, events, t1 } = options;
    this.times = times;
    this.at = Array.from(times, () => new Float64Array(y0.length).fill(NaN));
    this.dense = dense ? new DenseSolution(t0, y0) : null;
    this.watch = events === undefined ? null : new EventWatch(events, t0, y0);
    this.direction = t1 >= t0 ? 1 : -1;
    this.interpolate = interpolate;
    this.needsPieces = needsPieces(options);
  }

  /** The times at which steps have to end, before t1. */
  get stops(): ArrayLike<number> {
    return this.interpolate ? [] : this.times;
  }

  /** What the step that was just taken means for events, dense output and output times. */
  look(step: Taken): void {
    if (!this.needsPieces) return;
    const { watch } = this;
    const piece = step.piece();
    if (watch?.look(piece, step.t) === true) this.stopped = watch.found.at(-1)!;
    const end = this.stopped?.t ?? step.t;
    this.dense?.append(piece, end);
    if (this.interpolate) this.collect(end, step);
  }

  /** Writes the states at output times up to `end`. */
  collect(end: number, step: Taken): void {
    const { times, at } = this;
    for (; this.reached < times.length; this.reached++) {
      const time = times[this.reached]!;
      if (this.direction * (end - time) < 0) return;
      if (time === step.t) at[this.reached]!.set(step.y);
      else evaluatePiece(step.piece(), time, at[this.reached]!);
    }
  }

  /** Where the integration ended. */
  end(step: Taken): Pick<March, 'y' | 't' | 'dense' | 'events' | 'missing'> {
    const { y, t } = this.stopped ?? step;
    return {
      y: y.slice(),
      t,
      dense: this.dense,
      events: this.watch?.found ?? null,
      missing: this.watch?.missing ?? -1,
    };
  }
}

/** Takes a method to t1, over the output times, with dense output and events as they are asked for. */
export function march(method: Method, walk: Walk, options: MarchOptions): March {
  const { t1, tolerance } = options;
  const gathering = new Gathering(method.t, method.y, options);
  let status: RowStatus = 'ok';
  const advance = (target: number): void => {
    while (status === 'ok' && gathering.stopped === null && method.t !== target) {
      status = walk.step(target);
      if (status === 'ok') gathering.look(method);
    }
  };
  gathering.collect(method.t, method);
  const { stops } = gathering;
  for (let i = 0; i < stops.length; i++) {
    advance(stops[i]!);
    if (status === 'ok') gathering.collect(gathering.stopped?.t ?? method.t, method);
  }
  advance(t1);
  return {
    ...gathering.end(method),
    status,
    steps: method.steps,
    rejected: method.rejected,
    nfe: method.evaluations,
    tape: method.tape,
    at: options.times === undefined ? null : gathering.at,
    failure: status === 'ok' ? null : failureOf(method, walk, tolerance),
    stiffSince: walk.stiffSince,
  };
}

function failureOf(method: Method, walk: Walk, tolerance: Tolerance): Failure {
  return {
    t: method.t,
    h: walk.h,
    norm: largest(method.y),
    component: method.dominantComponent(tolerance),
  };
}
