import { compile, spaces } from '../../program/index.ts';
import type { CompiledProgram, Location, Program } from '../../program/index.ts';
import type { Code, Kernels, ProgramHandle } from './addon.ts';
import { refuse } from './call.ts';

/** Hands programs to the addon, each once. */
export class NativePrograms {
  readonly #addon: Kernels;
  readonly #handles = new WeakMap<CompiledProgram, ProgramHandle>();

  constructor(addon: Kernels) {
    this.#addon = addon;
  }

  handle(program: Program): ProgramHandle {
    const compiled = compile(program);
    let handle = this.#handles.get(compiled);
    if (handle === undefined) {
      try {
        handle = this.#addon.createProgram(codeOf(compiled));
      } catch (error) {
        throw refuse(error, program.name);
      }
      this.#handles.set(compiled, handle);
    }
    return handle;
  }
}

/** A compiled program as the addon reads it. */
export function codeOf(compiled: CompiledProgram): Code {
  const { values, constants, prologue, body, epilogue, sizes, inputs, outputs, gradients } = compiled;
  return {
    values,
    constants,
    prologue,
    body,
    epilogue,
    sizes: Int32Array.from(spaces, (space) => sizes[space]),
    inputs: Int32Array.from(inputs.flatMap(({ location }) => portOf(location))),
    outputs: Int32Array.from(outputs.flatMap(({ location }) => portOf(location))),
    gradients: Int32Array.from(
      gradients.flatMap(({ parameter, location: { space, offset, k, n } }) => [
        spaces.indexOf(space),
        offset,
        k * n,
        parameter.offset,
      ]),
    ),
  };
}

function portOf({ space, offset, k, n }: Location): number[] {
  return [spaces.indexOf(space), offset, k, n];
}
