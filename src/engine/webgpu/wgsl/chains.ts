import type { Location } from '../../../program/index.ts';
import { size } from '../sizes.ts';
import type { Instruction } from './decode.ts';
import { elementwise } from './elementwise.ts';

/** Ops that one loop over the numbers of their results computes one after the other. */
export interface Chain {
  readonly chain: readonly Instruction[];
  /** Whether what comes after the chain reads the result of each. */
  readonly stored: readonly boolean[];
}

/** Puts neighbouring ops into chains where that changes nothing; all others are left as they are. */
export function chainsOf(
  instructions: readonly Instruction[],
  outputs: readonly Location[],
): (Chain | Instruction)[] {
  const parts: (Chain | Instruction)[] = [];
  let chain: Instruction[] = [];
  const end = (next: number): void => {
    if (chain.length === 0) return;
    const after = instructions.slice(next);
    const stored = chain.map(
      ({ out }, i) =>
        !chain.slice(i + 1).some((later) => same(later.out, out)) && isReadBy(out, after, outputs),
    );
    parts.push({ chain, stored });
    chain = [];
  };
  instructions.forEach((instruction, at) => {
    if (!isAligned(instruction)) {
      end(at);
      parts.push(instruction);
      return;
    }
    if (!fits(chain, instruction)) end(at);
    chain.push(instruction);
  });
  end(instructions.length);
  return parts;
}

/** Whether each number of the result comes from numbers at its place, or from single ones. */
function isAligned({ op, out, inputs }: Instruction): boolean {
  if (elementwise[op] === undefined) return false;
  return op === 'reshape' || inputs.every((x) => (x.k === out.k && x.n === out.n) || size(x) === 1);
}

/** Whether to compute an op number by number along with those before it gives what one after the other gives. */
function fits(chain: readonly Instruction[], { out, inputs }: Instruction): boolean {
  return chain.every(
    (before) =>
      size(before.out) === size(out) &&
      inputs.every((x) => same(x, before.out) || !overlaps(x, before.out)) &&
      [before.out, ...before.inputs].every((x) => same(x, out) || !overlaps(x, out)),
  );
}

function isReadBy(value: Location, after: readonly Instruction[], outputs: readonly Location[]): boolean {
  for (const { out, inputs } of after) {
    if (inputs.some((x) => overlaps(x, value))) return true;
    if (same(out, value)) return false;
  }
  return outputs.some((x) => overlaps(x, value));
}

function overlaps(a: Location, b: Location): boolean {
  return a.space === b.space && a.offset < b.offset + size(b) && b.offset < a.offset + size(a);
}

function same(a: Location, b: Location): boolean {
  return a.space === b.space && a.offset === b.offset && size(a) === size(b);
}
