import { opOfCode, ruleOf, spaces } from '../../../program/index.ts';
import type { Attributes, CompiledProgram, Location, Op } from '../../../program/index.ts';

/** An instruction of a compiled program, with the places of its operands. */
export interface Instruction<P extends Op = Op> {
  readonly op: P;
  readonly out: Location;
  readonly inputs: readonly Location[];
  readonly attributes: Attributes[P];
}

/** The instructions of a section. */
export function decode(program: CompiledProgram, section: Int32Array): Instruction[] {
  const instructions: Instruction[] = [];
  for (let at = 0; at < section.length; at += section[at]!) {
    const [, code, count, out, ...rest] = section.subarray(at, at + section[at]!);
    const op = opOfCode(code!)!;
    instructions.push({
      op,
      out: locationOf(program, out!),
      inputs: rest.slice(0, count).map((value) => locationOf(program, value)),
      attributes: ruleOf(op).decode(rest.slice(count)),
    });
  }
  return instructions;
}

function locationOf({ values }: CompiledProgram, value: number): Location {
  const [space, offset, k, n] = values.subarray(4 * value, 4 * value + 4);
  return { space: spaces[space!]!, offset: offset!, k: k!, n: n! };
}
