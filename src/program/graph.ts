import type { Value } from './value.ts';

/** Every value that `outputs` depend on, inputs before users; `stop` values are kept but not looked behind. */
export function reachable(outputs: readonly Value[], stop: ReadonlySet<Value> = new Set()): Value[] {
  const seen = new Set<Value>();
  const waiting = [...outputs];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (value.kind === 'operation' && !stop.has(value)) waiting.push(...value.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** Those among `values` (in topological order) that depend on one of `sources`. */
export function dependents(values: readonly Value[], sources: ReadonlySet<Value>): Set<Value> {
  const found = new Set<Value>();
  for (const value of values) {
    const depends =
      value.kind === 'operation' && !sources.has(value) && value.inputs.some((x) => found.has(x));
    if (depends || sources.has(value)) found.add(value);
  }
  return found;
}
