import { buildNative } from '../../scripts/build-native.mjs';
import { buildWasm } from '../../scripts/build-wasm.mjs';
import { build } from '../../scripts/build.mjs';

/**
 * Runs once before the tests: none meets an old program or an old engine. Type errors are left to
 * `npm run typecheck`, an engine that does not compile to the test that asks for it.
 */
export async function setup(): Promise<void> {
  const native = await buildNative();
  if (!native.built) process.stderr.write(`native engine: ${native.reason}\n`);
  const wasm = await buildWasm();
  if (!wasm.built) process.stderr.write(`WebAssembly engine: ${wasm.reason}\n`);
  if (!build({ quiet: true })) {
    process.stderr.write('src/ has type errors (npm run typecheck lists them); the tests run nevertheless\n');
  }
}
