import { LiouvilleError } from '../../errors.ts';
import { ruleOf } from '../../program/index.ts';
import type { Gradient, OperationValue, Slot, Value } from '../../program/index.ts';
import type { ParameterData } from '../types.ts';

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
 * What is computed once per call, in double precision and in plain JavaScript, as on the reference engine: few numbers
 * next to those of the rows, and matrices that want the digits (inverses, products of factors).
 */
export class Shared {
  readonly #memory: Float64Array;
  readonly #slots = new Map<Value, Slot>();
  readonly #values: SharedValues;
  readonly #trained: number;

  /** Copies the parameters and runs the prologue. */
  constructor(values: SharedValues, parameters: ParameterData) {
    const { leaves, prologue, totals, epilogue } = values;
    this.#values = values;
    this.#trained = parameters.trained.length;
    let end = 0;
    for (const value of [...leaves, ...prologue, ...totals, ...epilogue]) {
      this.#slots.set(value, { offset: end, k: value.k, n: value.n });
      end += value.k * value.n;
    }
    this.#memory = new Float64Array(end);
    for (const leaf of leaves) this.read(leaf).set(leafData(leaf, parameters));
    this.#evaluate(prologue);
  }

  /** The numbers of a value, a view. */
  read(value: Value): Float64Array {
    const { offset, k, n } = this.#slots.get(value)!;
    return this.#memory.subarray(offset, offset + k * n);
  }

  /** Adds to a sum over rows. */
  addTotal(value: Value, part: ArrayLike<number>): void {
    const sum = this.read(value);
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + part[i]!;
  }

  /** Runs the epilogue; the gradient of the flat trained parameters. */
  gradient(): Float64Array {
    this.#evaluate(this.#values.epilogue);
    const gradient = new Float64Array(this.#trained);
    for (const { parameter, value } of this.#values.gradients)
      gradient.set(this.read(value), parameter.offset);
    return gradient;
  }

  #evaluate(nodes: readonly OperationValue[]): void {
    for (const node of nodes) {
      const inputs = node.inputs.map((x) => this.#slots.get(x)!);
      ruleOf(node.op).evaluate(this.#memory, this.#slots.get(node)!, inputs, node.attributes);
    }
  }
}

function leafData(leaf: Value, { trained, state }: ParameterData): Float64Array {
  if (leaf.kind === 'constant') return leaf.data;
  if (leaf.kind !== 'parameter') throw new Error(`A ${leaf.kind} is no leaf.`);
  const { store, offset, k, n } = leaf;
  return (store === 'trained' ? trained : state).subarray(offset, offset + k * n);
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
