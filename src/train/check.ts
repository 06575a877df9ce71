import { LiouvilleError } from '../errors.ts';

/** Throws 'invalid-argument' unless the value is 1, 2, 3, ... */
export function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new LiouvilleError('invalid-argument', `${name} must be a positive integer; got ${value}.`);
  }
}

/** Throws 'invalid-argument' unless the value is a positive, finite number. */
export function checkPositive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) {
    throw new LiouvilleError('invalid-argument', `${name} must be a positive number; got ${value}.`);
  }
}

/** Throws 'invalid-argument' unless the value can be a seed. */
export function checkSeed(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new LiouvilleError('invalid-argument', `seed must be an integer from 0 to 2^53 - 1; got ${value}.`);
  }
}

/** Throws 'invalid-argument' unless the value is 0 or a positive, finite number. */
export function checkNonNegative(name: string, value: number): void {
  if (!(value >= 0 && value < Infinity)) {
    throw new LiouvilleError('invalid-argument', `${name} must be 0 or a positive number; got ${value}.`);
  }
}

/** Throws 'invalid-argument' unless the value is from 0 to below 1. */
export function checkFraction(name: string, value: number): void {
  if (!(value >= 0 && value < 1)) {
    throw new LiouvilleError('invalid-argument', `${name} must be at least 0 and below 1; got ${value}.`);
  }
}
