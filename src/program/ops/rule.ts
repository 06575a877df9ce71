import type { Operations } from './operations.ts';
import type { OperationValue, Shape, Value } from '../value.ts';

/** Where a value lies in memory: k * n numbers from `offset`, row-major. */
export interface Slot extends Shape {
  readonly offset: number;
}

/** Everything that there is to know about one op. */
export interface Rule<A> {
  /** The number that stands for the op in bytecode; never reused for another meaning. */
  readonly code: number;
  /** The shape of the result, or, for shapes that do not fit, what was expected. */
  shape(inputs: readonly Shape[], attributes: A): Shape | string;
  /** The meaning, in float64, for one row. Everything but the totals overwrites `out`; totals add to it. */
  evaluate(memory: Float64Array, out: Slot, inputs: readonly Slot[], attributes: A): void;
  /**
   * The tangent of the result from those of the inputs (null is zero). `directions` tangents are carried
   * side by side: the tangent of a [k, n] value is [k * directions, n], where k = 1 unless directions = 1.
   */
  pushforward(o: Operations, node: OperationValue, tangents: readonly (Value | null)[], a: A): Value | null;
  /** The cotangents of the inputs from that of the result (null is zero), each in the shape of its input. */
  pullback(o: Operations, node: OperationValue, cotangent: Value, a: A): readonly (Value | null)[];
  /** The attributes as whole numbers, for bytecode; `decode` is its inverse. */
  encode(attributes: A): readonly number[];
  decode(numbers: readonly number[]): A;
  /** May the result overwrite an input of the same shape? */
  readonly inPlace: boolean;
}

/** The attributes of an op that has none. */
export type None = Readonly<Record<never, never>>;

export const noAttributes = {
  encode: (): readonly number[] => [],
  decode: (): None => ({}),
};
