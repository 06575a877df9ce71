import { LiouvilleError } from '../errors.ts';
import type { Op, Attributes } from './ops/table.ts';

/** The shape of a value: n features, k of them side by side (k tangents of one row, or the rows of a matrix). */
export interface Shape {
  readonly k: number;
  readonly n: number;
}

/**
 * What a value depends on. The compiler reads the three sections of a program off it: what depends on
 * constants and parameters only is the prologue (once per call), what depends on a row is the body (once
 * per row), what depends on sums over all rows is the epilogue (once per call).
 */
export type Level = 'constant' | 'parameter' | 'row' | 'total';

interface Common extends Shape {
  /** Grows with creation, so that sorting by it is a topological order. */
  readonly id: number;
  readonly level: Level;
  /** Where in the user's model the value was made, for messages. */
  readonly place: string;
}

/** A value whose numbers are part of the program. */
export interface ConstantValue extends Common {
  readonly kind: 'constant';
  /** Row-major [k, n]. */
  readonly data: Float64Array;
}

/** A named array of the flat trained parameters, or of the flat state that is not trained. */
export interface ParameterValue extends Common {
  readonly kind: 'parameter';
  readonly store: 'trained' | 'state';
  readonly name: string;
  readonly offset: number;
}

/** A value [k, n] that a call brings for each row, by its name. */
export interface InputValue extends Common {
  readonly kind: 'input';
  readonly name: string;
}

/** A value [k, n] that an op makes of others; its meaning is that of `opTable[op]`. */
export interface OperationValue extends Common {
  readonly kind: 'operation';
  readonly op: Op;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes[Op];
}

/** A symbolic array: one node of a row program. Values are never changed once made. */
export type Value = ConstantValue | ParameterValue | InputValue | OperationValue;

let created = 0;
const places: string[] = [];

/** Names the part of the model that `build` traces, so that errors can say where they happened. */
export function within<T>(place: string, build: () => T): T {
  places.push(place);
  try {
    return build();
  } finally {
    places.pop();
  }
}

export function currentPlace(): string {
  return places.join(' / ');
}

/** What every new value carries: its number and its place. */
export function stamp(): { id: number; place: string } {
  return { id: created++, place: currentPlace() };
}

/**
 * Numbers that are part of the program, [k, n], row-major; they are copied.
 *
 * @throws LiouvilleError 'shape-mismatch' unless there are k n of them.
 */
export function constant(data: ArrayLike<number>, shape: Shape): ConstantValue {
  const { k, n } = checkShape('A constant', shape);
  if (data.length !== k * n) {
    throw new LiouvilleError(
      'shape-mismatch',
      `A constant of shape ${shapeText(shape)} holds ${k * n} numbers; got ${data.length}.`,
    );
  }
  return { kind: 'constant', k, n, level: 'constant', data: Float64Array.from(data), ...stamp() };
}

/** A constant of one number, [1, 1]. Ops take plain numbers as such. */
export function scalar(value: number): ConstantValue {
  return constant([value], { k: 1, n: 1 });
}

/** A constant [k, n] of zeros. */
export function zeros(shape: Shape): ConstantValue {
  return constant(new Float64Array(shape.k * shape.n), shape);
}

/** A constant: the identity matrix [n, n], ones on the diagonal and zeros elsewhere. */
export function identity(n: number): ConstantValue {
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  return constant(data, { k: n, n });
}

/** A row input: each row brings n numbers (or a k by n matrix). */
export function input(name: string, n: number, k = 1): InputValue {
  checkShape(`The input '${name}'`, { k, n });
  return { kind: 'input', name, k, n, level: 'row', ...stamp() };
}

export function parameterLeaf(
  store: 'trained' | 'state',
  name: string,
  offset: number,
  shape: Shape,
): ParameterValue {
  checkShape(`The parameter '${name}'`, shape);
  return { kind: 'parameter', store, name, offset, k: shape.k, n: shape.n, level: 'parameter', ...stamp() };
}

/** Throws unless both axes have a whole number of entries. */
export function checkShape(what: string, shape: Shape): Shape {
  if (isLength(shape.k) && isLength(shape.n)) return shape;
  throw new LiouvilleError(
    'shape-mismatch',
    `${what} needs a shape of two whole numbers; got ${shapeText(shape)}.`,
  );
}

function isLength(x: number): boolean {
  return Number.isInteger(x) && x >= 0;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.k === b.k && a.n === b.n;
}

export function size(shape: Shape): number {
  return shape.k * shape.n;
}

export function shapeText(shape: Shape): string {
  return `[${shape.k}, ${shape.n}]`;
}
