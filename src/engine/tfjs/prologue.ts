import { ruleOf } from '../../program/index.ts';
import type { Slot, Value } from '../../program/index.ts';
import type { ParameterData } from '../types.ts';
import type { SharedValues } from './sums.ts';

/**
 * What a program makes of parameters alone, in double precision: a copy of the parameters that it reads, and its
 * prologue, evaluated. Nothing changes it, so calls that are given the same parameters can share it.
 */
export class Prologue {
  readonly values: SharedValues;
  /** Of all shared values; those of sums and of the epilogue are zero. */
  readonly memory: Float64Array;
  readonly slots: ReadonlyMap<Value, Slot>;

  constructor(values: SharedValues, parameters: ParameterData) {
    const { leaves, prologue, totals, epilogue } = values;
    const slots = new Map<Value, Slot>();
    let end = 0;
    for (const value of [...leaves, ...prologue, ...totals, ...epilogue]) {
      slots.set(value, { offset: end, k: value.k, n: value.n });
      end += value.k * value.n;
    }
    this.values = values;
    this.slots = slots;
    this.memory = new Float64Array(end);
    for (const leaf of leaves) this.read(leaf).set(leafData(leaf, parameters));
    for (const node of prologue) {
      const inputs = node.inputs.map((x) => slots.get(x)!);
      ruleOf(node.op).evaluate(this.memory, slots.get(node)!, inputs, node.attributes);
    }
  }

  /** The numbers of a value, a view. */
  read(value: Value): Float64Array {
    const { offset, k, n } = this.slots.get(value)!;
    return this.memory.subarray(offset, offset + k * n);
  }

  /** Whether it was made of parameters with these very bits: zeros have signs, and NaN is itself. */
  isOf({ trained, state }: ParameterData): boolean {
    const held = bitsOf(this.memory);
    const given = { trained: bitsOf(trained), state: bitsOf(state) };
    for (const leaf of this.values.leaves) {
      if (leaf.kind !== 'parameter') continue;
      const { offset, k, n } = this.slots.get(leaf)!;
      const bits = given[leaf.store];
      for (let i = 0; i < k * n; i++) if (held[offset + i] !== bits[leaf.offset + i]) return false;
    }
    return true;
  }
}

function bitsOf(x: Float64Array): BigInt64Array {
  return new BigInt64Array(x.buffer, x.byteOffset, x.length);
}

function leafData(leaf: Value, { trained, state }: ParameterData): Float64Array {
  if (leaf.kind === 'constant') return leaf.data;
  if (leaf.kind !== 'parameter') throw new Error(`A ${leaf.kind} is no leaf.`);
  const { store, offset, k, n } = leaf;
  return (store === 'trained' ? trained : state).subarray(offset, offset + k * n);
}
