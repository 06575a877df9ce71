import { LiouvilleError } from '../errors.ts';
import { invalid } from './checks.ts';
import { evaluatePiece } from './dense.ts';
import type { Piece } from './dense.ts';
import type { OdeField } from './types.ts';

/** Something that happens where g(t, y(t)) = 0. */
export interface EventSpec {
  /** g; `y` is valid during the call only. */
  readonly g: (t: number, y: Float64Array) => number;
  /** The integration ends there. Default false. */
  readonly terminal?: boolean | undefined;
  /** 1: only where g rises along the integration, -1: only where it falls; 0, the default: both. */
  readonly direction?: -1 | 0 | 1 | undefined;
  /** Not to find it before t1 is a failure, 'event-not-found'. Default false. */
  readonly required?: boolean | undefined;
}

/** An event that happened: where g(t, y) crossed zero, found in the dense output. */
export interface EventFound {
  /** Its place in the list of events. */
  readonly event: number;
  readonly t: number;
  readonly y: Float64Array;
}

/** Each step is looked at in so many parts, so that two roots in one step are rarely missed. */
const PARTS = 4;

/** Looks for events, step by step. */
export class EventWatch {
  readonly found: EventFound[] = [];
  private readonly events: readonly EventSpec[];
  /** The sign of each g where the last part ended; 0 until it has left zero. */
  private readonly signs: number[];
  private readonly state: Float64Array;

  constructor(events: readonly EventSpec[], t0: number, y0: Float64Array) {
    events.forEach(checkEvent);
    this.events = events;
    this.signs = events.map(({ g }) => Math.sign(g(t0, y0)));
    this.state = new Float64Array(y0.length);
  }

  /** The first event that is required and was not found, or -1. */
  get missing(): number {
    return this.events.findIndex(
      ({ required }, i) => required === true && !this.found.some(({ event }) => event === i),
    );
  }

  /** Looks at a step up to `end`; true when a terminal event ends the integration: the last of those found. */
  look(piece: Piece, end: number): boolean {
    let from = piece.start;
    for (let part = 1; part <= PARTS; part++) {
      const to = part === PARTS ? end : piece.start + (part * (end - piece.start)) / PARTS;
      const roots = this.rootsIn(piece, from, to);
      const direction = end >= piece.start ? 1 : -1;
      roots.sort((p, q) => direction * (p.t - q.t));
      for (const root of roots) {
        this.found.push(root);
        if (this.events[root.event]!.terminal === true) return true;
      }
      from = to;
    }
    return false;
  }

  private rootsIn(piece: Piece, from: number, to: number): EventFound[] {
    const roots: EventFound[] = [];
    this.events.forEach(({ g, direction = 0 }, event) => {
      const value = (t: number): number => {
        evaluatePiece(piece, t, this.state);
        return g(t, this.state);
      };
      const before = this.signs[event]!;
      const after = Math.sign(value(to));
      if (after !== 0) this.signs[event] = after;
      if (before === 0 || after === before) return;
      // A root on the border itself belongs to this part; the sign is then what came before, turned round.
      if (after === 0) this.signs[event] = -before;
      if (direction !== 0 && direction !== -before) return;
      const t = after === 0 ? to : rootOf(value, from, to, before);
      evaluatePiece(piece, t, this.state);
      roots.push({ event, t, y: this.state.slice() });
    });
    return roots;
  }
}

/** Where g, of sign `before` at `from` and of another at `to`, changes it: bisection to neighbouring numbers. */
function rootOf(g: (t: number) => number, from: number, to: number, before: number): number {
  let [inside, outside] = [from, to];
  for (let i = 0; i < 200; i++) {
    const middle = inside + (outside - inside) / 2;
    if (middle === inside || middle === outside) break;
    if (Math.sign(g(middle)) === before) inside = middle;
    else outside = middle;
  }
  return outside;
}

function checkEvent({ g, direction = 0 }: EventSpec, i: number): void {
  if (typeof g !== 'function') throw invalid(`events[${i}].g`, 'a function (t, y)', g);
  if (![-1, 0, 1].includes(direction)) throw invalid(`events[${i}].direction`, '-1, 0 or 1', direction);
}

/** The derivative of an event's g(t, y) where it happened. */
export interface EventSlope {
  /** dg/dy, n numbers. */
  readonly dy: ArrayLike<number>;
  /** dg/dt. */
  readonly dt: number;
}

/**
 * Takes cotangents of what an event yields, its state y* and its time t*, to the cotangent of the solution at the fixed
 * time t*, from where a gradient of the solve goes on:
 *
 *   lambda - dg/dy (lambda . f + tau) / (dg/dt + dg/dy . f),   f = f(t*, y*),
 *
 * since a small change of the solution moves the time by -dg/dy . dy / (dg/dt + dg/dy . f). With lambda = 0 and
 * tau = 1 it is the gradient of the time of the event.
 *
 * @param cotangent lambda, of y*.
 * @param cotangentOfTime tau, of t*.
 * @throws LiouvilleError 'numerical-failure' where g only touches zero, so that the time has no derivative.
 */
export function eventCotangent(
  field: OdeField,
  { t, y }: EventFound,
  { dy, dt }: EventSlope,
  cotangent: ArrayLike<number>,
  cotangentOfTime: number,
): Float64Array {
  const f = new Float64Array(y.length);
  field(t, y, f);
  let rate = dt;
  let size = Math.abs(dt);
  let along = cotangentOfTime;
  f.forEach((slope, i) => {
    rate += dy[i]! * slope;
    size += Math.abs(dy[i]! * slope);
    along += cotangent[i]! * slope;
  });
  if (!(Math.abs(rate) > 1e-12 * size)) {
    throw new LiouvilleError(
      'numerical-failure',
      `The event at t=${t} only touches zero (dg/dt along the solution is ${rate}): its time has no derivative.`,
    );
  }
  return Float64Array.from(f, (_, i) => cotangent[i]! - (dy[i]! * along) / rate);
}
