import { ruleOf } from './ops/table.ts';
import { constant, size } from './value.ts';
import type { ConstantValue, OperationValue } from './value.ts';

/** The value of an operation on constants. */
export function fold(node: OperationValue): ConstantValue {
  const inputs = node.inputs as readonly ConstantValue[];
  const slots: { offset: number; k: number; n: number }[] = [];
  let offset = size(node);
  for (const x of inputs) {
    slots.push({ offset, k: x.k, n: x.n });
    offset += size(x);
  }
  const memory = new Float64Array(offset);
  slots.forEach((slot, i) => memory.set(inputs[i]!.data, slot.offset));
  ruleOf(node.op).evaluate(memory, { offset: 0, k: node.k, n: node.n }, slots, node.attributes);
  return constant(memory.subarray(0, size(node)), node);
}
