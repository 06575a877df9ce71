import { Instance, Refusal } from './instance.ts';
import type { Reply, Request } from './messages.ts';
import type { WasmModule } from './platform.ts';

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
