import { LiouvilleError } from '../../errors.ts';
import { ruleOf } from '../../program/index.ts';
import type { Gradient, OperationValue, Value } from '../../program/index.ts';
import type { ParameterData } from '../types.ts';
import type { Prologue } from './prologue.ts';

/** What of a program all rows share: the values of its prologue and epilogue. */
export interface SharedValues {
  /** Parameters and constants that something reads. */
  readonly leaves: readonly Value[];
  readonly prologue: readonly OperationValue[];
  /** Sums over rows. */
  readonly totals: readonly OperationValue[];
  readonly epilogue: readonly OperationValue[];
  readonly gradients: readonly Gradient[];
}

/**
 * The sums of one call and what is made of them, in double precision and in plain JavaScript, as on the reference
 * engine: few numbers next to those of the rows, and matrices that want the digits (inverses, products of factors).
 */
export class Sums {
  readonly #prologue: Prologue;
  readonly #memory: Float64Array;

  constructor(prologue: Prologue) {
    this.#prologue = prologue;
    this.#memory = prologue.memory.slice();
  }

  /** Adds to a sum over rows. */
  add(value: Value, part: ArrayLike<number>): void {
    const { offset, k, n } = this.#prologue.slots.get(value)!;
    for (let i = 0; i < k * n; i++) this.#memory[offset + i] = this.#memory[offset + i]! + part[i]!;
  }

  /** Runs the epilogue; the gradient of the `trained` flat parameters. */
  gradient(trained: number): Float64Array {
    const { slots, values } = this.#prologue;
    for (const node of values.epilogue) {
      const inputs = node.inputs.map((x) => slots.get(x)!);
      ruleOf(node.op).evaluate(this.#memory, slots.get(node)!, inputs, node.attributes);
    }
    const gradient = new Float64Array(trained);
    for (const { parameter, value } of values.gradients) {
      const { offset, k, n } = slots.get(value)!;
      gradient.set(this.#memory.subarray(offset, offset + k * n), parameter.offset);
    }
    return gradient;
  }
}

/** Throws unless there are as many numbers as the program reads. */
export function checkParameters(
  sizes: Readonly<Record<'trained' | 'state', number>>,
  parameters: ParameterData,
): void {
  for (const store of ['trained', 'state'] as const) {
    if (parameters[store].length >= sizes[store]) continue;
    throw new LiouvilleError(
      'shape-mismatch',
      `The program reads ${sizes[store]} ${store} numbers; got ${parameters[store].length}.`,
    );
  }
}
