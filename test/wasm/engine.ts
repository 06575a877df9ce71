import { wasmEngine } from '../../src/engine/wasm/index.ts';
import { WasmKernels } from '../../src/engine/wasm/kernels.ts';
import { programOf } from '../../src/engine/wasm/module.ts';
import { Workers } from '../../src/engine/wasm/workers.ts';

const found = wasmEngine('simd');
if ('reason' in found) throw new Error(`${found.reason} ${found.remedy}`);

/** The engine on the plain build. */
export const engine = found.engine;

/** What stands below the checks of the engine, with workers of its own. */
export function kernels(): WasmKernels {
  return new WasmKernels(new Workers(() => programOf('simd')));
}

/** Every bit of a result, as text. */
export function bits(value: unknown): string {
  return JSON.stringify(value, (_key, x: unknown) =>
    ArrayBuffer.isView(x)
      ? Buffer.from(x.buffer as ArrayBuffer, x.byteOffset, x.byteLength).toString('hex')
      : x,
  );
}
