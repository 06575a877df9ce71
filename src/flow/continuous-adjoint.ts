import { solveRows } from '../engine/index.ts';
import { LiouvilleError } from '../errors.ts';
import { describeFailure, gaussLegendre, pointsPerStep } from '../ode/index.ts';
import type { Program } from '../program/index.ts';
import { add, columnsOf } from './evaluate.ts';
import type { Call } from './evaluate.ts';
import { evaluateNewton, hermiteCoefficients, interpolationPoints, knotsOf } from './hermite.ts';
import { adjointAlong, backsolveOnPiece, fieldOnPiece } from './piece-programs.ts';
import type { SolveSegment } from './segments.ts';

/** What is kept of a solve for a continuous adjoint: where it began and ended, not how it came there. */
export interface SolveEnd {
  /** [rows, n]: all states at the begin, and at the end; NaN where the solve failed. */
  readonly start: Float64Array;
  readonly y: Float64Array;
  readonly t0: number;
  readonly t1: number;
  /** The steps that each row took. */
  readonly steps: Int32Array;
  /** The columns that stay the same during the solve: context and probes. */
  readonly constants: Columns;
}

type Columns = Readonly<Record<string, Float64Array>>;

export interface SolveEndCotangents {
  readonly start: Float64Array;
  /** Of the conditioning rows; null without them. */
  readonly context: Float64Array | null;
  /** Of the begin and end times, summed over the rows. */
  readonly t0: number;
  readonly t1: number;
}

/**
 * The continuous adjoint (Pontryagin; Chen et al. 2018, algorithm 1): from the end back to the start a = dL/dy solves
 *
 *   da/dt = -a df/dy,   and   dL/dtheta = integral of a df/dtheta dt,
 *
 * as that of the context, is added up by Gauss's rule on as many equal pieces as the row took steps on its way there. 'backsolve'
 * solves y back together with a, and keeps nothing of the way there: memory does not grow with the steps, but y is not found again
 * exactly. 'quadrature' goes the way there once more first and keeps on each piece the polynomial through states and slopes at Gauss and
 * Lobatto-like points, whose degree is that of the solver.
 *
 * Each row has pieces, steps and an error test of its own, and its cotangent is scaled to size 1 before it meets the tolerances. Rows
 * that failed have the cotangent 0. Adds to `gradient`.
 *
 * @throws LiouvilleError 'numerical-failure' when a row fails on the way.
 */
export async function continuousAdjoint(
  { field }: SolveSegment,
  end: SolveEnd,
  call: Call,
  cotangents: Float64Array,
  gradient: Float64Array,
): Promise<SolveEndCotangents> {
  const { rows, settings } = call;
  const way = new Way(field, end, call);
  const sizes = sizesOf(cotangents, rows);
  const scaled = cotangents.map((value, i) => value / sizes[Math.floor(i / way.n)]!);
  const passage =
    settings.gradient === 'quadrature'
      ? await interpolatedPassage(way, scaled)
      : backsolvePassage(way, scaled);

  const { nodes, weights } = gaussLegendre(way.points);
  const ofContext = end.constants['context'];
  const context = ofContext === undefined ? null : new Float64Array(ofContext.length);
  for (let piece = way.pieces - 1; piece >= 0; piece--) {
    const active = way.rowsIn(piece);
    const columns = way.columns(active, piece);
    let s = 1;
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = (1 + nodes[i]!) / 2;
      await passage.move(piece, active, s, node);
      s = node;
      const { y, a } = passage.at(piece, active, s);
      const dy = a.map((value, j) => {
        const place = Math.floor(j / way.n);
        return value * sizes[active[place]!]! * columns.width[place]! * (weights[i]! / 2);
      });
      const found = await way.pull(active, times(columns, s), y, dy);
      add(gradient, found.gradient);
      if (context !== null) way.addTo(context, active, found.cotangents['context']!);
    }
    await passage.move(piece, active, s, 0);
  }
  const start = passage.cotangents().map((value, i) => value * sizes[Math.floor(i / way.n)]!);
  return {
    start,
    context,
    t0: -(await way.power(end.t0, end.start, start)),
    t1: await way.power(end.t1, end.y, cotangents),
  };
}

/** A way back over the pieces, the last one first. */
interface Passage {
  /** Takes the rows on a piece from one of its times to an earlier one. */
  readonly move: (piece: number, active: readonly number[], from: number, to: number) => Promise<void>;
  /** The states and adjoints of these rows, at the time that they were taken to. */
  readonly at: (
    piece: number,
    active: readonly number[],
    s: number,
  ) => { readonly y: Float64Array; readonly a: Float64Array };
  /** The adjoints of all rows. */
  readonly cotangents: () => Float64Array;
}

function backsolvePassage(way: Way, cotangents: Float64Array): Passage {
  const { n, end } = way;
  const program = backsolveOnPiece(way.field);
  const state = joined(end.y, cotangents, n);
  return {
    move: (piece, active, from, to) => way.solve(program, state, active, piece, from, to),
    at(_piece, active) {
      const both = take(state, 2 * n, active);
      return { y: columnsOf(both, 2 * n, 0, n), a: columnsOf(both, 2 * n, n, n) };
    },
    cotangents: () => columnsOf(state, 2 * n, n, n),
  };
}

/** Goes the way there once more, and keeps its polynomials. */
async function interpolatedPassage(way: Way, cotangents: Float64Array): Promise<Passage> {
  const { n, end, field } = way;
  const there = fieldOnPiece(field);
  const points = interpolationPoints(Math.max(2, way.points));
  const knots = knotsOf(points);
  const state = end.start.slice();
  const polynomials: Float64Array[] = [];
  for (let piece = 0; piece < way.pieces; piece++) {
    const active = way.rowsIn(piece);
    const values: Float64Array[] = [];
    const slopes: Float64Array[] = [];
    for (let i = 0; i < points.length; i++) {
      if (i > 0) await way.solve(there, state, active, piece, points[i - 1]!, points[i]!);
      const y = take(state, n, active);
      values.push(y);
      slopes.push(await way.rates(there, active, piece, points[i]!, y));
    }
    polynomials.push(hermiteCoefficients(knots, n, values, slopes));
  }
  const back = adjointAlong(field, knots);
  const adjoint = cotangents.slice();
  return {
    move: (piece, active, from, to) =>
      way.solve(back, adjoint, active, piece, from, to, { polynomial: polynomials[piece]! }),
    at: (piece, active, s) => ({
      y: evaluateNewton(knots, n, polynomials[piece]!, s),
      a: take(adjoint, n, active),
    }),
    cotangents: () => adjoint,
  };
}

/** The way of the rows of a solve, cut into equal pieces: each row into as many as it took steps, up to a factor. */
class Way {
  readonly field: Program;
  readonly end: SolveEnd;
  /** Numbers of a state. */
  readonly n: number;
  /** The most pieces of a row. */
  readonly pieces: number;
  /** Points of Gauss's rule, and of the interpolation, on a piece. */
  readonly points: number;
  readonly #call: Call;
  /** Pieces of each row; 0 for one that failed. */
  readonly #counts: Int32Array;

  constructor(field: Program, end: SolveEnd, call: Call) {
    this.field = field;
    this.end = end;
    this.#call = call;
    this.n = end.y.length / call.rows;
    const { points, pieces } = pointsPerStep(call.settings.solver);
    this.points = points;
    this.#counts = end.steps.map((steps, row) =>
      Number.isNaN(end.y[row * this.n]) ? 0 : Math.max(1, steps) * pieces,
    );
    this.pieces = this.#counts.reduce((most, count) => Math.max(most, count), 0);
  }

  rowsIn(piece: number): number[] {
    return Array.from(this.#counts.keys()).filter((row) => this.#counts[row]! > piece);
  }

  /** Where the piece begins and how wide it is, row by row. */
  columns(active: readonly number[], piece: number): { start: Float64Array; width: Float64Array } {
    const { t0, t1 } = this.end;
    const width = Float64Array.from(active, (row) => (t1 - t0) / this.#counts[row]!);
    return { start: width.map((size) => t0 + size * piece), width };
  }

  /** Takes the states of these rows from one time of a piece to another, by a program on a piece. */
  async solve(
    program: Program,
    state: Float64Array,
    active: readonly number[],
    piece: number,
    from: number,
    to: number,
    more: Columns = {},
  ): Promise<void> {
    const { settings, parameters, rows } = this.#call;
    const size = state.length / rows;
    const columns = this.columns(active, piece);
    const inputs = { ...this.#constants(active), ...columns, ...more, y: take(state, size, active) };
    const { engine, stepSize } = settings;
    const options = {
      ...settings,
      t0: from,
      t1: to,
      // Rows that took fixed steps took equally many: their pieces have one width.
      stepSize: stepSize && stepSize / Math.abs(columns.width[0]! || stepSize),
    };
    const found = await solveRows(engine, program, parameters, active.length, inputs, options);
    const place = found.status.findIndex((status) => status !== 'ok');
    if (place >= 0) {
      const { t, h, ...failure } = found.failures[place]!;
      const [start, width] = [columns.start[place]!, columns.width[place]!];
      const inTime = { ...failure, t: start + width * t, h: Math.abs(width) * h };
      const status = found.status[place] as Exclude<(typeof found.status)[number], 'ok'>;
      const message = describeFailure(status, inTime, { ...settings, row: active[place] });
      throw new LiouvilleError('numerical-failure', `On the way back of a gradient, ${message}`);
    }
    put(state, size, active, found.y);
  }

  /** What a program on a piece says at one of its times. */
  async rates(
    program: Program,
    active: readonly number[],
    piece: number,
    s: number,
    y: Float64Array,
  ): Promise<Float64Array> {
    const { settings, parameters } = this.#call;
    const t = new Float64Array(active.length).fill(s);
    const inputs = { ...this.#constants(active), ...this.columns(active, piece), t, y };
    return (await settings.engine.run(program, parameters, active.length, inputs, settings))['dy']!;
  }

  /** Takes cotangents of dy back through the field. */
  pull(active: readonly number[], t: Float64Array, y: Float64Array, dy: Float64Array) {
    const { settings, parameters } = this.#call;
    const inputs = { ...this.#constants(active), t, y };
    return settings.engine.pullback(this.field, parameters, active.length, inputs, { dy }, settings);
  }

  /** The sum over rows of a . f, which is what a time is worth. */
  async power(time: number, states: Float64Array, cotangents: Float64Array): Promise<number> {
    const active = this.rowsIn(0);
    if (active.length === 0) return 0;
    const { settings, parameters } = this.#call;
    const t = new Float64Array(active.length).fill(time);
    const inputs = { ...this.#constants(active), t, y: take(states, this.n, active) };
    const { dy } = await settings.engine.run(this.field, parameters, active.length, inputs, settings);
    return take(cotangents, this.n, active).reduce((sum, value, i) => sum + value * dy![i]!, 0);
  }

  /** Adds what these rows bring to their places among all. */
  addTo(all: Float64Array, active: readonly number[], values: Float64Array): void {
    const width = all.length / this.#call.rows;
    active.forEach((row, i) => {
      for (let j = 0; j < width; j++) all[row * width + j]! += values[i * width + j]!;
    });
  }

  #constants(active: readonly number[]): Columns {
    const { rows } = this.#call;
    return Object.fromEntries(
      Object.entries(this.end.constants).map(([name, data]) => [
        name,
        take(data, data.length / rows, active),
      ]),
    );
  }
}

function times({ start, width }: { start: Float64Array; width: Float64Array }, s: number): Float64Array {
  return start.map((value, i) => value + width[i]! * s);
}

/** The largest entry of each row; 1 for a row of zeros. */
function sizesOf(cotangents: Float64Array, rows: number): Float64Array {
  const n = cotangents.length / rows;
  return Float64Array.from({ length: rows }, (_, row) => {
    const own = cotangents.subarray(row * n, (row + 1) * n);
    return own.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  });
}

function joined(y: Float64Array, a: Float64Array, n: number): Float64Array {
  const result = new Float64Array(2 * y.length);
  for (let from = 0; from < y.length; from += n) {
    result.set(y.subarray(from, from + n), 2 * from);
    result.set(a.subarray(from, from + n), 2 * from + n);
  }
  return result;
}

/** Some rows of `width` numbers. */
function take(data: Float64Array, width: number, rows: readonly number[]): Float64Array {
  const taken = new Float64Array(rows.length * width);
  rows.forEach((row, i) => taken.set(data.subarray(row * width, (row + 1) * width), i * width));
  return taken;
}

function put(data: Float64Array, width: number, rows: readonly number[], values: Float64Array): void {
  rows.forEach((row, i) => data.set(values.subarray(i * width, (i + 1) * width), row * width));
}
