import { LiouvilleError } from '../errors.ts';
import { boxMuller } from './box-muller.ts';
import { philox4x32 } from './philox.ts';

/*
 * One law for every kind of draw. Draw i of stream s under seed k is made from the Philox block
 *
 *     counter = (i mod 2^32, floor(i / 2^32), s mod 2^32, floor(s / 2^32))
 *     key     = (k mod 2^32, floor(k / 2^32))
 *
 * and from nothing else; i, s and k are integers from 0 to 2^53 - 1. Kinds share these blocks: two draws
 * that must be independent differ in their seed, stream or index. With w0..w3 the words of the block:
 *
 *     a = odd(w0, w1), b = odd(w2, w3),  odd(p, q) = (2^27 floor(p / 64) + 2 floor(q / 64) + 1)
 *     uniform    = a 2^-53
 *     normal     = sqrt(-2 ln(a 2^-53)) cos(2 pi b 2^-53), computed as in box-muller.ts
 *     rademacher = w0 < 2^31 ? 1 : -1
 */

const UNIT = 2 ** -53;
const WORD = 2 ** 32;

/** The words of the block drawn last. JavaScript runs one draw at a time, so one buffer serves all. */
const words = new Uint32Array(4);

/**
 * Draw `index` of a stream, uniform on the open interval (0, 1): an odd multiple of 2^-53, chosen by 52
 * random bits. (The midpoints (k + 1/2) 2^-53 of a 53-bit k are no doubles: the last would round to 1.)
 * The distribution is exactly symmetric about 1/2. Arguments that are no integers from 0 to 2^53 - 1
 * throw 'invalid-argument'.
 */
export function uniform(seed: number, stream: number, index: number): number {
  checkDraw(seed, stream, index);
  drawBlock(seed, stream, index, 0);
  return oddFromWords(0) * UNIT;
}

/** Draw `index` of a stream, standard normal: Box-Muller, z = sqrt(-2 ln u) cos(2 pi v). Same bits on every machine. */
export function normal(seed: number, stream: number, index: number): number {
  checkDraw(seed, stream, index);
  return normalAt(seed, stream, index);
}

/** Draw `index` of a stream: 1 or -1, each with probability 1/2. */
export function rademacher(seed: number, stream: number, index: number): number {
  checkDraw(seed, stream, index);
  return rademacherAt(seed, stream, index);
}

/**
 * Draw `index` of a stream, uniform on 0, 1, ..., n - 1 without bias, for 1 <= n <= 2^53 - 1. A 53-bit
 * x = 2^26 floor(p / 32) + floor(q / 64), from the words (p, q) = (w0, w1), gives x mod n when it is below
 * the largest multiple of n up to 2^53. Otherwise (w2, w3) are tried, then the blocks whose second
 * counter word is increased by 2^21, by 2 * 2^21 and so on, bits that no index reaches.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function integerBelow(n: number, seed: number, stream: number, index: number): number {
  if (!Number.isSafeInteger(n) || n < 1) {
    throw new LiouvilleError('invalid-argument', `n must be an integer from 1 to 2^53 - 1; got ${n}.`);
  }
  checkDraw(seed, stream, index);
  return integerAt(n, seed, stream, index);
}

/** out[i] = uniform(seed, stream, offset + i). */
export function fillUniform(
  out: Float64Array | Float32Array,
  seed: number,
  stream: number,
  offset = 0,
): void {
  checkFill(out.length, seed, stream, offset);
  // Narrowing to single precision could round up to 1, which the interval does not hold.
  const largest = out instanceof Float32Array ? 1 - 2 ** -24 : 1;
  for (let i = 0; i < out.length; i++) {
    drawBlock(seed, stream, offset + i, 0);
    out[i] = Math.min(oddFromWords(0) * UNIT, largest);
  }
}

/** out[i] = normal(seed, stream, offset + i). */
export function fillNormal(out: Float64Array | Float32Array, seed: number, stream: number, offset = 0): void {
  checkFill(out.length, seed, stream, offset);
  for (let i = 0; i < out.length; i++) out[i] = normalAt(seed, stream, offset + i);
}

/** out[i] = rademacher(seed, stream, offset + i). */
export function fillRademacher(
  out: Float64Array | Float32Array,
  seed: number,
  stream: number,
  offset = 0,
): void {
  checkFill(out.length, seed, stream, offset);
  for (let i = 0; i < out.length; i++) out[i] = rademacherAt(seed, stream, offset + i);
}

/**
 * A uniformly random order of 0, 1, ..., n - 1 (n < 2^32), by Fisher and Yates as Durstenfeld arranged
 * it: for i = n - 1 down to 1, entry i changes places with entry integerBelow(i + 1, seed, stream, i).
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function permutation(n: number, seed: number, stream: number): Uint32Array {
  if (!Number.isInteger(n) || n < 0 || n >= WORD) {
    throw new LiouvilleError('invalid-argument', `n must be an integer from 0 to 2^32 - 1; got ${n}.`);
  }
  checkDraw(seed, stream, 0);
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  for (let i = n - 1; i > 0; i--) {
    const j = integerAt(i + 1, seed, stream, i);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

function normalAt(seed: number, stream: number, index: number): number {
  drawBlock(seed, stream, index, 0);
  return boxMuller(oddFromWords(0), oddFromWords(2));
}

function rademacherAt(seed: number, stream: number, index: number): number {
  drawBlock(seed, stream, index, 0);
  return words[0]! < 0x80000000 ? 1 : -1;
}

function integerAt(n: number, seed: number, stream: number, index: number): number {
  const limit = 2 ** 53 - (2 ** 53 % n);
  for (let attempt = 0; ; attempt++) {
    drawBlock(seed, stream, index, attempt);
    for (let pair = 0; pair < 4; pair += 2) {
      const x = (words[pair]! >>> 5) * 2 ** 26 + (words[pair + 1]! >>> 6);
      if (x < limit) return x % n;
    }
  }
}

function drawBlock(seed: number, stream: number, index: number, attempt: number): void {
  const indexHigh = (Math.floor(index / WORD) + attempt * 2 ** 21) >>> 0;
  const streamHigh = Math.floor(stream / WORD);
  philox4x32(index >>> 0, indexHigh, stream >>> 0, streamHigh, seed >>> 0, Math.floor(seed / WORD), words);
}

function oddFromWords(first: number): number {
  return (words[first]! >>> 6) * 2 ** 27 + (words[first + 1]! >>> 6) * 2 + 1;
}

function checkFill(length: number, seed: number, stream: number, offset: number): void {
  checkDraw(seed, stream, offset);
  if (!Number.isSafeInteger(offset + length)) {
    throw new LiouvilleError(
      'invalid-argument',
      `offset ${offset} and ${length} draws go beyond index 2^53 - 1.`,
    );
  }
}

function checkDraw(seed: number, stream: number, index: number): void {
  if (!isCounter(seed)) throw notCounter('seed', seed);
  if (!isCounter(stream)) throw notCounter('stream', stream);
  if (!isCounter(index)) throw notCounter('index', index);
}

function isCounter(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function notCounter(name: string, value: unknown): LiouvilleError {
  return new LiouvilleError(
    'invalid-argument',
    `${name} must be an integer from 0 to 2^53 - 1; got ${String(value)}.`,
  );
}
