import { ruleOf } from './ops/table.ts';
import type { SliceAttributes } from './ops/structure.ts';
import { sameShape, size } from './value.ts';
import type { InputValue, OperationValue, Value } from './value.ts';

export interface Allocation {
  /** Numbers per row. */
  readonly size: number;
  readonly offsets: ReadonlyMap<Value, number>;
  /** Values that are a view of another one and need no instruction. */
  readonly aliases: ReadonlySet<Value>;
}

/**
 * Gives each row value a place in the row's registers. A register is used again when the last reader of
 * its value has run; inputs and `kept` values keep theirs, so that an engine may load an input once and run
 * the program many times. `body` is the whole instruction order, sums over rows included.
 */
export function allocate(
  inputs: readonly InputValue[],
  owners: readonly OperationValue[],
  body: readonly OperationValue[],
  kept: readonly Value[],
): Allocation {
  const registers = new Registers();
  const offsets = new Map<Value, number>();
  for (const x of inputs) offsets.set(x, registers.take(size(x)));

  const aliases = new Map<Value, { of: Value; offset: number }>();
  const owned = new Set<Value>(owners);
  const isRow = (x: Value): boolean => x.kind === 'input' || owned.has(x);
  for (const node of owners) {
    const offset = aliasOffset(node);
    if (offset === null || !isRow(node.inputs[0]!)) continue;
    const parent = aliases.get(node.inputs[0]!);
    aliases.set(node, { of: parent?.of ?? node.inputs[0]!, offset: offset + (parent?.offset ?? 0) });
  }
  const storage = (x: Value): Value => aliases.get(x)?.of ?? x;

  const lastUse = new Map<Value, number>();
  body.forEach((node, i) => node.inputs.forEach((x) => lastUse.set(storage(x), i)));
  for (const x of [...kept, ...inputs]) lastUse.set(storage(x), Infinity);

  const held: Value[] = [];
  body.forEach((node, i) => {
    if (aliases.has(node)) {
      const { of, offset } = aliases.get(node)!;
      offsets.set(node, offsets.get(of)! + offset);
      return;
    }
    const dying = [...new Set(node.inputs.map(storage))].filter((x) => owned.has(x) && lastUse.get(x) === i);
    const heir = owned.has(node) ? dying.find((x) => canOverwrite(node, x)) : undefined;
    if (heir !== undefined) offsets.set(node, offsets.get(heir)!);
    else if (owned.has(node)) offsets.set(node, registers.take(size(node)));
    // Products with one matrix are joined by fast engines, so none may write over what another one reads.
    held.push(...dying.filter((x) => x !== heir));
    if (sameMatrix(node, body[i + 1])) return;
    for (const x of held.splice(0)) registers.give(offsets.get(x)!, size(x));
  });
  return { size: registers.size, offsets, aliases: new Set(aliases.keys()) };
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
function canOverwrite(node: OperationValue, x: Value): boolean {
  return (
    ruleOf(node.op).inPlace &&
    sameShape(node, x) &&
    node.inputs.every((y) => y === x || !sharesRegister(y, x))
  );
}

function sharesRegister(y: Value, x: Value): boolean {
  let view: Value = y;
  while (view.kind === 'operation' && aliasOffset(view) !== null) {
    if (view === x) return true;
    view = view.inputs[0]!;
  }
  return view === x;
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
