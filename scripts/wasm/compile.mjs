// Compiles one unit, on the thread that scripts/build-wasm.mjs starts for it.

import { parentPort, workerData } from 'node:worker_threads';
import { compileUnit } from './units.mjs';

const { unit, sources } = /** @type {{ unit: string, sources: Record<string, string> }} */ (workerData);
try {
  parentPort?.postMessage({ object: await compileUnit(unit, sources) });
} catch (error) {
  parentPort?.postMessage({ error: /** @type {Error} */ (error).message });
}
