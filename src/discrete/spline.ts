import { wholeNumber } from '../flow/index.ts';
import { ops, softmax } from '../program/index.ts';
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
 */
export function spline(options: SplineOptions = {}): Univariate {
  const bins = wholeNumber('bins', options.bins ?? 8, 2, 256);
  const bound = numberAbove('bound', options.bound ?? 5, 0);
  const pieceAt = (x: Value, groups: readonly Value[], over: 'x' | 'y'): Piece => {
    const column = ops.reshape(x, { k: x.n, n: 1 });
    const [widths, heights] = groups.slice(0, 2).map((raw) => lengths(raw, x.n, bins, bound));
    const [left, bottom] = [starts(widths!, bound), starts(heights!, bound)];
    const hit = hitBy(column, over === 'x' ? left : bottom);
    const pick = (values: Value): Value => ops.sum(ops.mul(hit, values), 'n');
    const slopes = ops.reshape(groups[2]!, { k: x.n, n: bins - 1 });
    const slopeOf = (before: number, after: number): Value => {
      // The slope at both ends is 1; parameters are picked before softplus, which costs more.
      const raw = pick(ops.pad(slopes, before, after));
      return ops.add(ops.softplus(ops.add(raw, slopeOffset)), least);
    };
    return {
      at: column,
      left: pick(left),
      width: pick(widths!),
      bottom: pick(bottom),
      height: pick(heights!),
      slope: slopeOf(1, 0),
      nextSlope: slopeOf(0, 1),
    };
  };
  const within = (x: Value, map: (inside: Value) => Mapped): Mapped => {
    const inside = ops.max(ops.min(x, bound), -bound);
    const { y, logDerivative } = map(inside);
    const outside = ops.less(bound, ops.abs(x));
    const row = { k: 1, n: x.n };
    return {
      y: ops.where(outside, x, ops.reshape(y, row)),
      logDerivative: ops.where(outside, 0, ops.reshape(logDerivative, row)),
    };
  };
  return {
    groups: [bins, bins, bins - 1],
    forward: (x, groups) => within(x, (inside) => evaluate(pieceAt(inside, groups, 'x'))),
    inverse: (y, groups) => within(y, (inside) => solve(pieceAt(inside, groups, 'y'))),
  };
}

/** The piece on which each feature lies; columns [m, 1]. */
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

/** Positive lengths of the pieces, [m, bins], that add up to the interval. */
function lengths(raw: Value, features: number, bins: number, bound: number): Value {
  const shares = softmax(ops.reshape(raw, { k: features, n: bins }));
  return ops.add(ops.mul(shares, 2 * bound * (1 - least * bins)), 2 * bound * least);
}

/** Where the pieces begin. */
function starts(lengthsOfPieces: Value, bound: number): Value {
  return ops.sub(ops.sub(ops.cumsum(lengthsOfPieces), lengthsOfPieces), bound);
}

/** One for the piece that holds x, else zero: the last one that begins at or before x. */
function hitBy(x: Value, begins: Value): Value {
  const begun = ops.sub(1, ops.less(x, begins));
  return ops.sub(begun, ops.pad(ops.slice(begun, 1, begins.n - 1), 0, 1));
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
