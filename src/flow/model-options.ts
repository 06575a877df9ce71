import { LiouvilleError, unknownName } from '../errors.ts';

/** What the constructors of models have in common. */
export interface ModelOptions {
  /** Number of features of a row, from 1. */
  readonly dim: number;
  /** Width of the conditioning rows; default 0. */
  readonly contextDim?: number;
  /** For the first parameters; default 0. */
  readonly seed?: number;
}

/** Throws on options that are not known; `what` says in messages whose they are. */
export function refuseUnknown(what: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    const whole = what.replace(/^option\b/, 'options');
    throw new LiouvilleError('invalid-argument', `${whole}: expected an object; got ${String(options)}.`);
  }
  const stranger = Object.keys(options).find((name) => !known.includes(name));
  if (stranger !== undefined) throw unknownName(what, stranger, known);
}

/** Larger widths and counts of layers are slips, or files that want to fill the memory. */
const mostByDefault = 1e6;

/** A whole number from `least` to `most`, else 'invalid-argument'. */
export function wholeNumber(name: string, value: unknown, least: number, most = mostByDefault): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) {
    return value as number;
  }
  throw new LiouvilleError(
    'invalid-argument',
    `${name}: expected a whole number from ${least} to ${most}; got ${String(value)}.`,
  );
}

/**
 * How many layers or blocks a model has: each is traced by itself.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function depth(name: string, value: unknown): number {
  return wholeNumber(name, value, 1, 1000);
}

/**
 * Widths of hidden layers, each at least 1.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function widths(name: string, value: readonly number[]): readonly number[] {
  if (!Array.isArray(value)) {
    throw new LiouvilleError(
      'invalid-argument',
      `${name}: expected an array of widths; got ${String(value)}.`,
    );
  }
  return value.map((width, i) => wholeNumber(`${name}[${i}]`, width, 1));
}

/** One of the keys of a record, else 'unknown-name'. */
export function keyOf<T extends object>(name: string, value: string, record: T): keyof T & string {
  if (Object.hasOwn(record, value)) return value as keyof T & string;
  throw unknownName(name, value, Object.keys(record));
}
