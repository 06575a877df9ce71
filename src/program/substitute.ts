import { reapply } from './functions.ts';
import { reachable } from './graph.ts';
import type { Value } from './value.ts';

/** The outputs as they are when some values are others of the same shape. */
export function substitute(outputs: readonly Value[], replacements: ReadonlyMap<Value, Value>): Value[] {
  const made = new Map(replacements);
  for (const value of reachable(outputs, new Set(replacements.keys()))) {
    if (made.has(value)) continue;
    if (value.kind !== 'operation') {
      made.set(value, value);
      continue;
    }
    const inputs = value.inputs.map((x) => made.get(x)!);
    const same = inputs.every((x, i) => x === value.inputs[i]);
    made.set(value, same ? value : reapply(value, inputs));
  }
  return outputs.map((y) => made.get(y)!);
}
