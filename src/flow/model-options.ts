import { LiouvilleError, unknownName } from '../errors.ts';

/** What the constructors of models have in common. */
export interface ModelOptions {
  readonly dim: number;
  /** Width of the conditioning rows; default 0. */
  readonly contextDim?: number;
  /** For the first parameters; default 0. */
  readonly seed?: number;
}

/** Throws on options that a constructor does not know. */
export function refuseUnknown(model: string, options: object, known: readonly string[]): void {
  const stranger = Object.keys(options).find((name) => !known.includes(name));
  if (stranger !== undefined) throw unknownName(`option of ${model}`, stranger, known);
}

/** A whole number of at least `least`, else 'invalid-argument'. */
export function wholeNumber(name: string, value: unknown, least: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw new LiouvilleError(
    'invalid-argument',
    `${name}: expected a whole number from ${least}; got ${String(value)}.`,
  );
}

/** Widths of hidden layers, each at least 1. */
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
