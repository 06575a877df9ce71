import type { Code } from '../../src/engine/native/addon.ts';
import { opTable, spaces } from '../../src/program/index.ts';
import type { Op, Space } from '../../src/program/index.ts';

/** Where a value lies: space, offset, k, n. */
export type Place = readonly [space: Space, offset: number, k: number, n: number];

/** What is computed: the op, where the result goes, the operands, the attributes as in bytecode. */
export type Line = readonly [op: Op, out: Place, inputs: readonly Place[], attributes?: readonly number[]];

export interface Assembly {
  readonly sizes: Readonly<Partial<Record<Space, number>>>;
  readonly constants?: readonly number[];
  readonly prologue?: readonly Line[];
  readonly body?: readonly Line[];
  readonly epilogue?: readonly Line[];
  readonly inputs?: readonly Place[];
  readonly outputs?: readonly Place[];
  /** Space, offset, count, first parameter. */
  readonly gradients?: readonly (readonly [space: Space, offset: number, count: number, target: number])[];
}

/** Bytecode written by hand, every value by its place, so that nothing is decided by the compiler. */
export function assemble(assembly: Assembly): Code {
  const values: number[] = [];
  const place = ([space, ...rest]: Place): number[] => [spaces.indexOf(space), ...rest];
  const number = (at: Place): number => {
    values.push(...place(at));
    return values.length / 4 - 1;
  };
  const section = (lines: readonly Line[] = []): Int32Array =>
    Int32Array.from(
      lines.flatMap(([op, out, inputs, attributes = []]) => {
        const words = [opTable[op].code, inputs.length, number(out), ...inputs.map(number), ...attributes];
        return [words.length + 1, ...words];
      }),
    );
  const [prologue, body, epilogue] = [assembly.prologue, assembly.body, assembly.epilogue].map(section);
  const constants = Float64Array.from(assembly.constants ?? []);
  return {
    values: Int32Array.from(values),
    constants,
    prologue: prologue!,
    body: body!,
    epilogue: epilogue!,
    sizes: Int32Array.from(spaces, (space) =>
      space === 'constant' ? constants.length : (assembly.sizes[space] ?? 0),
    ),
    inputs: Int32Array.from((assembly.inputs ?? []).flatMap(place)),
    outputs: Int32Array.from((assembly.outputs ?? []).flatMap(place)),
    gradients: Int32Array.from(
      (assembly.gradients ?? []).flatMap(([space, ...rest]) => [spaces.indexOf(space), ...rest]),
    ),
  };
}
