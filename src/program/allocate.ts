import { ruleOf } from './ops/table.ts';
import type { SliceAttributes } from './ops/structure.ts';
import { sameShape, size } from './value.ts';
import type { InputValue, OperationValue, Value } from './value.ts';

export interface Allocation {
  /** Numbers per row. */
  readonly size: number;
  readonly offsets: ReadonlyMap<Value, number>;
  /** Values that lie where others have put their numbers, and need no instruction: views, and concats in place. */
  readonly aliases: ReadonlySet<Value>;
}

/**
 * Gives each row value a place in the row's registers. A register is used again when the last reader of
 * its value has run; inputs and `kept` values keep theirs, so that an engine may load an input once and run
 * the program many times. The parts of a concat are computed in their places of it where they can be: a value
 * that grows part by part (the units of an autoregressive network) is never copied. `body` is the whole
 * instruction order, sums over rows included.
 */
export function allocate(
  inputs: readonly InputValue[],
  owners: readonly OperationValue[],
  body: readonly OperationValue[],
  kept: readonly Value[],
): Allocation {
  const registers = new Registers();
  const offsets = new Map<Value, number>();
  for (const x of inputs) offsets.set(x, registers.take(room(x)));

  const owned = new Set<Value>(owners);
  const { within, free } = places(owners, owned);
  const storage = (x: Value): Value => {
    let root = x;
    for (let place = within.get(root); place !== undefined; place = within.get(root)) root = place.of;
    return root;
  };
  const offsetOf = (x: Value): number => {
    const place = within.get(x);
    return place === undefined ? offsets.get(x)! : offsetOf(place.of) + place.offset;
  };

  const lastUse = new Map<Value, number>();
  body.forEach((node, i) => node.inputs.forEach((x) => lastUse.set(storage(x), i)));
  for (const x of [...kept, ...inputs]) lastUse.set(storage(x), Infinity);

  const held: Value[] = [];
  body.forEach((node, i) => {
    const root = storage(node);
    if (root !== node && owned.has(root) && !offsets.has(root)) offsets.set(root, registers.take(room(root)));
    if (root !== node) offsets.set(node, offsetOf(node));
    if (free.has(node)) return;
    const dying = [...new Set(node.inputs.map(storage))].filter(
      (x) => x !== root && owned.has(x) && lastUse.get(x) === i,
    );
    const own = root === node && owned.has(node);
    const heir = own ? dying.find((x) => canOverwrite(node, x, storage)) : undefined;
    if (heir !== undefined) offsets.set(node, offsets.get(heir)!);
    else if (own && !offsets.has(node)) offsets.set(node, registers.take(room(node)));
    // Products with one matrix are joined by fast engines, so none may write over what another one reads; nor should
    // elementwise ops that are run together, so that they can be put into a better order.
    held.push(...dying.filter((x) => x !== heir));
    if (sameMatrix(node, body[i + 1])) return;
    const keep = isElementwise(node) && isElementwise(body[i + 1]) ? mostHeld : 0;
    for (const x of held.splice(0, Math.max(held.length - keep, 0))) registers.give(offsets.get(x)!, room(x));
  });
  return { size: registers.size, offsets, aliases: free };
}

/** Values whose registers are kept, at most, for the order of elementwise ops. */
const mostHeld = 8;

/** What fast engines run together: all that may write in place, and products with one feature. */
function isElementwise(node: OperationValue | undefined): boolean {
  if (node === undefined) return false;
  return ruleOf(node.op).inPlace || (node.op === 'matmul' && node.inputs[0]!.n === 1);
}

/**
 * Registers that a value takes. Wide values keep a distance, since places that are a multiple of 4 KB apart compete for
 * the same lines of a cache.
 */
function room(x: Value): number {
  return size(x) < 16 ? size(x) : size(x) + 1;
}

/** Is the next instruction another product with the same right operand? */
function sameMatrix(node: OperationValue, next: OperationValue | undefined): boolean {
  if (node.op !== 'matmul' || next?.op !== 'matmul') return false;
  return node.inputs[1] === next.inputs[1] && next.inputs[0] !== node;
}

/** Where a view begins within its input, or null for an op that computes or moves numbers. */
function aliasOffset(node: OperationValue): number | null {
  if (node.op === 'reshape' || node.op === 'stopGradient') return 0;
  if (node.op === 'slice' && node.k === 1) return (node.attributes as SliceAttributes).start;
  return null;
}

/** The input must be read under its own name too: a view of part of it may not be the operand. */
function canOverwrite(node: OperationValue, x: Value, storage: (y: Value) => Value): boolean {
  return (
    ruleOf(node.op).inPlace && sameShape(node, x) && node.inputs.every((y) => y === x || storage(y) !== x)
  );
}

interface Place {
  readonly of: Value;
  readonly offset: number;
}

/** Which values lie within others: views in what they show, parts in their concat. `free` need no instruction. */
function places(
  owners: readonly OperationValue[],
  owned: ReadonlySet<Value>,
): { within: Map<Value, Place>; free: Set<Value> } {
  const within = new Map<Value, Place>();
  const free = new Set<Value>();
  for (const node of owners) {
    const [x] = node.inputs;
    const offset = aliasOffset(node);
    if (offset !== null && (x!.kind === 'input' || owned.has(x!))) {
      within.set(node, { of: x!, offset });
      free.add(node);
      continue;
    }
    const parts = node.inputs.map((part) => wholeOf(part, within));
    if (canGather(node, parts, owned, within)) {
      let start = 0;
      for (const part of parts) {
        within.set(part, { of: node, offset: start });
        start += size(part);
      }
      free.add(node);
    }
  }
  return { within, free };
}

/** The value that a view shows the whole of, or `x` itself. */
function wholeOf(x: Value, within: ReadonlyMap<Value, Place>): Value {
  const place = within.get(x);
  return place === undefined || size(place.of) !== size(x) ? x : wholeOf(place.of, within);
}

/** Each part must be computed for this concat, and not lie elsewhere already. */
function canGather(
  node: OperationValue,
  parts: readonly Value[],
  owned: ReadonlySet<Value>,
  within: ReadonlyMap<Value, Place>,
): boolean {
  if (node.op !== 'concat' || node.k !== 1 || new Set(parts).size < parts.length) return false;
  return parts.every((part) => owned.has(part) && !within.has(part) && size(part) > 0);
}

/** Registers with first-fit reuse; gaps that touch are joined. */
class Registers {
  size = 0;
  #gaps: { offset: number; size: number }[] = [];

  take(count: number): number {
    const i = this.#gaps.findIndex((gap) => gap.size >= count);
    const gap = this.#gaps[i];
    if (gap === undefined) {
      this.size += count;
      return this.size - count;
    }
    if (gap.size === count) this.#gaps.splice(i, 1);
    else this.#gaps[i] = { offset: gap.offset + count, size: gap.size - count };
    return gap.offset;
  }

  give(offset: number, count: number): void {
    const after = this.#gaps.findIndex((gap) => gap.offset > offset);
    const i = after === -1 ? this.#gaps.length : after;
    this.#gaps.splice(i, 0, { offset, size: count });
    for (const at of [i, i - 1]) {
      const [left, right] = [this.#gaps[at], this.#gaps[at + 1]];
      if (left === undefined || right === undefined || left.offset + left.size !== right.offset) continue;
      this.#gaps.splice(at, 2, { offset: left.offset, size: left.size + right.size });
    }
  }
}
