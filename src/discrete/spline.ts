import { wholeNumber } from '../flow/index.ts';
import { constant, ops } from '../program/index.ts';
import type { Value } from '../program/index.ts';
import { numberAbove } from './check.ts';
import type { Mapped, Univariate } from './univariate.ts';

/** Options of the rational-quadratic spline. */
export interface SplineOptions {
  /** Pieces; default 8. */
  readonly bins?: number;
  /** The spline lives on [-bound, bound] and is the identity outside; default 5. */
  readonly bound?: number;
}

/** The least share of the interval that a piece takes, and the least slope at a knot. */
const least = 1e-3;

/** softplus(slopeOffset) + least = 1: parameters of zero give slope 1 everywhere. */
const slopeOffset = Math.log(Math.expm1(1 - least));

/**
 * Monotone rational-quadratic splines with linear tails (Durkan, Bekasov, Murray, Papamakarios: Neural Spline
 * Flows, NeurIPS 2019, equations 4 to 8). For each feature `bins` widths and `bins` heights (softmax, at least
 * 0.001 of the interval each) and `bins - 1` slopes at the inner knots (softplus, at least 0.001); the slope
 * at both ends is 1. Parameters of zero give the identity.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function spline(options: SplineOptions = {}): Univariate {
  const bins = wholeNumber('bins', options.bins ?? 8, 2, 256);
  const bound = numberAbove('bound', options.bound ?? 5, 0);
  const total = 2 * bound;
  const pieceAt = (x: Value, groups: readonly Value[], over: 'x' | 'y'): Piece => {
    const tables = tablesFor(x.n, bins);
    const at = ops.add(x, bound);
    const [widths, heights] = groups.slice(0, 2).map((raw) => lengths(tables, tables.of(raw), total));
    const { before, hit } = search(tables, at, over === 'x' ? widths! : heights!, total);
    const pick = (flags: Value, values: Value): Value => ops.sum(ops.mul(flags, values), tables.axis);
    const leastBefore = ops.mul(total * least, ops.sum(before, tables.axis));
    const slopes = tables.of(groups[2]!);
    const slopeOf = (first: number): Value => {
      // The slope at both ends is 1; parameters are picked before softplus, which costs more.
      const raw = pick(tables.part(hit, first, bins - 1), slopes);
      return ops.add(ops.softplus(ops.add(raw, slopeOffset)), least);
    };
    // Lengths too are picked first and scaled afterwards, so that no table but the powers is kept for the way back.
    const begin = ({ powers, scale }: Lengths): Value =>
      ops.add(ops.mul(pick(before, powers), scale), leastBefore);
    const length = ({ powers, scale }: Lengths): Value =>
      ops.add(ops.mul(pick(hit, powers), scale), total * least);
    return {
      at,
      left: begin(widths!),
      width: length(widths!),
      bottom: begin(heights!),
      height: length(heights!),
      slope: slopeOf(1),
      nextSlope: slopeOf(0),
    };
  };
  const within = (x: Value, map: (inside: Value) => Mapped): Mapped => {
    const { y, logDerivative } = map(ops.max(ops.min(x, bound), -bound));
    const outside = ops.less(bound, ops.abs(x));
    return {
      y: ops.where(outside, x, ops.sub(y, bound)),
      logDerivative: ops.where(outside, 0, logDerivative),
    };
  };
  return {
    groups: [bins, bins, bins - 1],
    forward: (x, groups) => within(x, (inside) => evaluate(pieceAt(inside, groups, 'x'))),
    inverse: (y, groups) => within(y, (inside) => solve(pieceAt(inside, groups, 'y'))),
  };
}

/** The piece on which each feature lies; rows [1, m], places counted from the lower left corner. */
interface Piece {
  /** x when going forward, y when going back. */
  readonly at: Value;
  readonly left: Value;
  readonly width: Value;
  readonly bottom: Value;
  readonly height: Value;
  readonly slope: Value;
  readonly nextSlope: Value;
}

/**
 * Tables of some numbers for each of m features: [count, m], so that one number of all features is a row, and sums over
 * the numbers are sums over k, which engines do while they multiply. For a single feature [1, count], which is the same
 * in memory and one row instead of many.
 */
interface Tables {
  readonly bins: number;
  readonly axis: 'k' | 'n';
  /** A table from a row that has it feature by feature. */
  readonly of: (row: Value) => Value;
  /** Numbers first ... first + count - 1 of a table. */
  readonly part: (table: Value, first: number, count: number) => Value;
  /** One where the sum up to a number, x scale + its `shift`, is less than x; else zero. */
  readonly isPassed: (table: Value, scale: Value, shifts: readonly number[], x: Value) => Value;
  /** What each number is less than the one before; the first: less than 1. */
  readonly falls: (table: Value) => Value;
}

function tablesFor(m: number, bins: number): Tables {
  if (m === 1) {
    const one = constant([1], { k: 1, n: 1 });
    return {
      bins,
      axis: 'n',
      of: (row) => row,
      part: (table, first, count) => ops.slice(table, first, count),
      isPassed: (table, scale, shifts, x) =>
        ops.less(ops.add(ops.mul(ops.cumsum(table), scale), constant(shifts, { k: 1, n: bins })), x),
      falls: (table) => ops.sub(ops.concat([one, ops.slice(table, 0, bins - 1)]), table),
    };
  }
  const part = (table: Value, first: number, count: number): Value => {
    const flat = ops.reshape(table, { k: 1, n: table.k * m });
    return ops.reshape(ops.slice(flat, first * m, count * m), { k: count, n: m });
  };
  // Row by row: each is one instruction on its own row, and engines pass it on to the next one in registers.
  const rowsOf = (table: Value): Value[] => Array.from({ length: bins }, (_, i) => part(table, i, 1));
  const joined = (rows: readonly Value[]): Value => ops.reshape(ops.concat(rows), { k: bins, n: m });
  return {
    bins,
    axis: 'k',
    of: (row) => ops.transpose(ops.reshape(row, { k: m, n: row.n / m })),
    part,
    isPassed(table, scale, shifts, x) {
      let sum: Value | number = 0;
      return joined(
        rowsOf(table).map((row, i) => {
          sum = ops.add(sum, row);
          return ops.less(ops.add(ops.mul(sum, scale), shifts[i]!), x);
        }),
      );
    },
    falls(table) {
      const rows = rowsOf(table);
      return joined(rows.map((row, i) => ops.sub(i === 0 ? 1 : rows[i - 1]!, row)));
    },
  };
}

/** Lengths of the pieces, powers x scale + the least one: positive, and the interval together. */
interface Lengths {
  readonly powers: Value;
  readonly scale: Value;
}

function lengths({ axis, bins }: Tables, raw: Value, total: number): Lengths {
  const powers = ops.exp(ops.sub(raw, ops.stopGradient(ops.largest(raw, axis))));
  return { powers, scale: ops.div(total * (1 - least * bins), ops.sum(powers, axis)) };
}

/**
 * `hit`: one for the piece that holds x, the last one that begins before it, else zero; `before`: one for all pieces
 * before that. Nothing is differentiated here.
 */
function search(tables: Tables, x: Value, pieces: Lengths, total: number): { before: Value; hit: Value } {
  const { bins } = tables;
  // The last piece ends where no x is, however the sums are rounded.
  const leasts = Array.from({ length: bins }, (_, i) => (i < bins - 1 ? (i + 1) * least : 2) * total);
  const { powers, scale } = pieces;
  const before = ops.stopGradient(tables.isPassed(powers, scale, leasts, x));
  return { before, hit: tables.falls(before) };
}

/** Equations 4 and 5. */
function evaluate(piece: Piece): Mapped {
  const share = ops.div(ops.sub(piece.at, piece.left), piece.width);
  const { chord, bend } = shapeOf(piece);
  const mixed = ops.mul(share, ops.sub(1, share));
  const over = ops.mul(piece.height, ops.add(ops.mul(chord, ops.square(share)), ops.mul(piece.slope, mixed)));
  const y = ops.add(piece.bottom, ops.div(over, ops.add(chord, ops.mul(bend, mixed))));
  return { y, logDerivative: logSlope(piece, share) };
}

/** Equations 6 to 8: the root of a t^2 + b t + c in [0, 1]. */
function solve(piece: Piece): Mapped {
  const rise = ops.sub(piece.at, piece.bottom);
  const { chord, bend } = shapeOf(piece);
  const bent = ops.mul(rise, bend);
  const a = ops.add(ops.mul(piece.height, ops.sub(chord, piece.slope)), bent);
  const b = ops.sub(ops.mul(piece.height, piece.slope), bent);
  const c = ops.neg(ops.mul(chord, rise));
  const root = ops.sqrt(ops.max(ops.sub(ops.square(b), ops.mul(4, ops.mul(a, c))), tiny));
  const share = ops.div(ops.mul(-2, c), ops.add(b, root));
  const y = ops.add(ops.mul(share, piece.width), piece.left);
  return { y, logDerivative: ops.neg(logSlope(piece, share)) };
}

/** Rounding must not take the root of a negative number, nor differentiate the root at zero. */
const tiny = 1e-30;

function shapeOf({ width, height, slope, nextSlope }: Piece): { chord: Value; bend: Value } {
  const chord = ops.div(height, width);
  return { chord, bend: ops.sub(ops.add(slope, nextSlope), ops.mul(2, chord)) };
}

/** log dy/dx at a share of the width, equation 5. */
function logSlope(piece: Piece, share: Value): Value {
  const { chord, bend } = shapeOf(piece);
  const rest = ops.sub(1, share);
  const mixed = ops.mul(share, rest);
  const over = ops.add(
    ops.add(ops.mul(piece.nextSlope, ops.square(share)), ops.mul(ops.mul(2, chord), mixed)),
    ops.mul(piece.slope, ops.square(rest)),
  );
  const under = ops.add(chord, ops.mul(bend, mixed));
  return ops.add(ops.log(over), ops.mul(2, ops.log(ops.div(chord, under))));
}
