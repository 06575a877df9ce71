/**
 * Numbers of 144 binary places as whole multiples of 2^-144: slopes of methods of order 9 vanish in the rounding errors of
 * doubles before they are those of the order.
 */
export type Fixed = bigint;

const PLACES = 144n;
export const one: Fixed = 1n << PLACES;

export function multiply(x: Fixed, y: Fixed): Fixed {
  return (x * y) >> PLACES;
}

export function divide(x: Fixed, y: Fixed): Fixed {
  return (x << PLACES) / y;
}

/** A double, exactly where it has no digits below 2^-144. */
export function fixed(x: number): Fixed {
  let [value, places] = [x, 0n];
  while (!Number.isInteger(value)) {
    value *= 2;
    places++;
  }
  return (BigInt(value) << PLACES) >> places;
}

export function toNumber(x: Fixed): number {
  const size = x < 0n ? -x : x;
  const shift = BigInt(Math.max(0, size.toString(2).length - 64));
  return Number(x >> shift) / 2 ** (Number(PLACES - shift) / 2) / 2 ** (Number(PLACES - shift) / 2);
}

/** By Newton's iteration from above. */
export function squareRoot(x: Fixed): Fixed {
  const radicand = x << PLACES;
  let root = 1n << BigInt((radicand.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + radicand / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** By Taylor's series; |x| of a few units. */
export function sine(x: Fixed): Fixed {
  const square = multiply(x, x);
  let [term, sum] = [x, x];
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = -multiply(term, square) / (2n * k * (2n * k + 1n));
    sum += term;
  }
  return sum;
}

export function cosine(x: Fixed): Fixed {
  const square = multiply(x, x);
  let [term, sum] = [one, one];
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = -multiply(term, square) / (2n * k * (2n * k - 1n));
    sum += term;
  }
  return sum;
}
