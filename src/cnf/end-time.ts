import { LiouvilleError } from '../errors.ts';
import { constant, filled, ops } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';

export interface EndTimeOptions {
  /** T, where the latent space lies. */
  readonly endTime?: number;
  /** Train T, as the square of the parameter sqrt_end_time, with a true gradient; default false. */
  readonly trainEndTime?: boolean;
}

/**
 * T as `continuous` takes it.
 *
 * @throws LiouvilleError 'invalid-argument' for a time that is not positive.
 */
export function endTimeOf(options: EndTimeOptions, byDefault: number): (scope: Scope) => Value {
  const { endTime = byDefault } = options;
  if (!(Number.isFinite(endTime) && endTime > 0)) {
    throw new LiouvilleError('invalid-argument', `endTime: expected a positive number; got ${endTime}.`);
  }
  const shape = { k: 1, n: 1 };
  if (!flag('trainEndTime', options.trainEndTime)) return () => constant([endTime], shape);
  return (scope) => ops.square(scope.parameter('sqrt_end_time', shape, filled(Math.sqrt(endTime))));
}

/** An option that is on or off; off by default. */
export function flag(name: string, value: boolean | undefined): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new LiouvilleError('invalid-argument', `${name}: expected true or false; got ${String(value)}.`);
}
