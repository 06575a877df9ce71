import type { Shape } from '../../program/index.ts';

/** Numbers of a value. */
export function size({ k, n }: Shape): number {
  return k * n;
}
