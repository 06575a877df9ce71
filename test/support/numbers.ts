/** A reproducible source of numbers in [0, 1) for test data: Mulberry32. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes number `i` of an array of test data from a source on [0, 1). */
export type Draw = (random: () => number, i: number) => number;

export function between(low: number, high: number): Draw {
  return (random) => low + (high - low) * random();
}

/** From -high to high, but at least `gap` away from zero. */
export function awayFromZero(gap: number, high: number): Draw {
  return (random) => (random() < 0.5 ? -1 : 1) * (gap + (high - gap) * random());
}

/** One of the list after the other, again from the beginning when it ends. */
export function inTurn(list: readonly number[]): Draw {
  return (_random, i) => list[i % list.length]!;
}

/** `count` draws. */
export function draws(count: number, draw: Draw, random: () => number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => draw(random, i));
}
