import { Instance, Refusal } from './instance.ts';
import type { Reply, Request } from './messages.ts';
import type { WasmModule } from './platform.ts';

/** The arrays of a reply, which move to whoever gets it. */
export function transfersOf(reply: Reply): ArrayBuffer[] {
  return 'arrays' in reply ? reply.arrays.flatMap((array) => (array === null ? [] : [array.buffer])) : [];
}

/** Answers requests with one instance of the module. */
export async function server(module: WasmModule): Promise<(request: Request) => Reply> {
  const instance = await Instance.create(module);
  return ({ name, programs, forget, arrays }) => {
    try {
      for (const number of forget) instance.dropProgram(number);
      for (const [number, code] of programs) instance.createProgram(number, code);
      return { arrays: instance.call(name, arrays) };
    } catch (error) {
      if (!(error instanceof Refusal)) return { broken: String(error) };
      return { refused: { code: error.code, message: error.message } };
    }
  };
}
