import { LiouvilleError } from '../errors.ts';

/**
 * A stable 32-bit hash of a name: FNV-1a over its UTF-8 bytes (Fowler, Noll and Vo; offset basis
 * 0x811c9dc5, prime 0x01000193). It gives a parameter its own stream, whatever else the model holds.
 */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/**
 * The stream number of a name and a part (a step, an epoch, a split): hashName(name) + part 2^32. Parts
 * run from 0 to 2^21 - 1; others throw 'invalid-argument'.
 */
export function namedStream(name: string, part = 0): number {
  if (!Number.isInteger(part) || part < 0 || part >= 2 ** 21) {
    throw new LiouvilleError('invalid-argument', `part must be an integer from 0 to 2^21 - 1; got ${part}.`);
  }
  return hashName(name) + part * 2 ** 32;
}
