import { LiouvilleError, unknownName } from '../errors.ts';
import { nativeEngine } from './native/index.ts';
import type { NativeDetails } from './native/index.ts';
import { reference } from './reference/index.ts';
import type { Engine, EngineName } from './types.ts';
import { wasmEngine } from './wasm/index.ts';
import type { WasmDetails } from './wasm/index.ts';

/** The names of all engines, here or not. */
export const engineNames: readonly EngineName[] = ['reference', 'native', 'wasm', 'tfjs', 'webgpu'];

/** The order in which 'auto' looks for an engine. */
const preferred: readonly EngineName[] = ['native', 'wasm', 'reference'];

/** Whether an engine can be used here, and if not, why not and what would help. */
export interface EngineReport {
  readonly name: EngineName;
  readonly available: boolean;
  readonly reason?: string;
  readonly remedy?: string;
  /** What an engine that is there runs on. */
  readonly details?: NativeDetails | WasmDetails;
}

/** What `diagnose` finds. */
export interface Diagnosis {
  readonly engines: readonly EngineReport[];
  /** What 'auto' means here; null where the environment asks for what is not there, as `problem` says. */
  readonly chosen: EngineName | null;
  readonly problem?: string;
}

type Found =
  | { readonly engine: Engine; readonly details?: NativeDetails | WasmDetails }
  | { readonly reason: string; readonly remedy: string; readonly asked?: LiouvilleError };

function find(name: EngineName): Found {
  if (name === 'reference') return { engine: reference };
  if (name === 'native') return nativeEngine();
  if (name === 'wasm') return wasmEngine();
  return {
    reason: `This version of Liouville does not contain the engine '${name}'.`,
    remedy: "Use the engine 'reference' or 'auto'.",
  };
}

/** The engine of that name; 'auto' is LIOUVILLE_ENGINE, else the first of native, wasm, reference. */
export function chooseEngine(name: EngineName | 'auto' = 'auto'): Engine {
  const wanted = name === 'auto' ? (requested() ?? firstAvailable()) : name;
  if (!engineNames.includes(wanted as EngineName))
    throw unknownName('engine', wanted, ['auto', ...engineNames]);
  const found = find(wanted as EngineName);
  if ('engine' in found) return found.engine;
  throw new LiouvilleError(
    'engine-unavailable',
    `The engine '${wanted}' is not available: ${found.reason} ${found.remedy}`,
  );
}

/** Which engines there are here, which one `auto` takes, and why others are missing. Loads what it asks about, never throws. */
export function diagnose(): Diagnosis {
  const engines = engineNames.map((name): EngineReport => {
    const found = find(name);
    if (!('engine' in found)) {
      const { reason, remedy } = found;
      return { name, available: false, reason, remedy };
    }
    return { name, available: true, ...(found.details && { details: found.details }) };
  });
  try {
    return { engines, chosen: chooseEngine().name };
  } catch (error) {
    if (!(error instanceof LiouvilleError)) throw error;
    return { engines, chosen: null, problem: error.message };
  }
}

function firstAvailable(): EngineName {
  for (const name of preferred) {
    const found = find(name);
    if ('engine' in found) return name;
    // The environment asks for what this engine has not got: another engine is not what was meant.
    if (found.asked !== undefined) throw found.asked;
  }
  return 'reference';
}

/** The environment's wish, where there is an environment. */
function requested(): string | undefined {
  const environment = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env;
  const value = environment?.['LIOUVILLE_ENGINE'];
  return value === undefined || value === '' || value === 'auto' ? undefined : value;
}
