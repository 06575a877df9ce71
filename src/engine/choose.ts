import { LiouvilleError, unknownName } from '../errors.ts';
import type { EngineDetails, Found } from './found.ts';
import { nativeEngine } from './native/index.ts';
import { reference } from './reference/index.ts';
import { tfjsEngine } from './tfjs/index.ts';
import type { Engine, EngineName } from './types.ts';
import { wasmEngine } from './wasm/index.ts';
import { webgpuEngine } from './webgpu/index.ts';

/** Where each engine is looked for. Nothing is loaded that takes time: who asks does not wait. */
const finders: { readonly [P in EngineName]: () => Found } = {
  reference: () => ({ engine: reference }),
  native: nativeEngine,
  wasm: wasmEngine,
  tfjs: tfjsEngine,
  webgpu: webgpuEngine,
};

/** The names of all engines, here or not. */
export const engineNames = Object.keys(finders) as readonly EngineName[];

/** The order in which 'auto' looks for an engine. */
const preferred: readonly EngineName[] = ['native', 'wasm', 'reference'];

/** Whether an engine can be used here, and if not, why not and what would help. */
export interface EngineReport {
  readonly name: EngineName;
  readonly available: boolean;
  /**
   * It is used where it is named only, and what it runs on is known after it was tried: `inspectEngines` does.
   * Absent for the others.
   */
  readonly onRequest?: true;
  readonly reason?: string;
  readonly remedy?: string;
  /** What an engine that is there runs on. */
  readonly details?: EngineDetails;
}

/** What `diagnose` finds: each engine, whether it is here and if not why and what would help, and which one 'auto' means. */
export interface Diagnosis {
  readonly engines: readonly EngineReport[];
  /** What 'auto' means here; null where the environment asks for what is not there, as `problem` says. */
  readonly chosen: EngineName | null;
  readonly problem?: string;
}

/**
 * The engine of that name; 'auto' is LIOUVILLE_ENGINE, else the first of native, wasm, reference.
 *
 * @throws LiouvilleError 'unknown-name' for no such engine, 'engine-unavailable' for one that is not here, with what would help.
 */
export function chooseEngine(name: EngineName | 'auto' = 'auto'): Engine {
  const wanted = name === 'auto' ? (requested() ?? firstAvailable()) : name;
  if (!Object.hasOwn(finders, wanted)) throw unknownName('engine', wanted, ['auto', ...engineNames]);
  const found = finders[wanted as EngineName]();
  if ('engine' in found) return found.engine;
  throw new LiouvilleError(
    'engine-unavailable',
    `The engine '${wanted}' is not available: ${found.reason} ${found.remedy}`,
  );
}

/**
 * Which engines there are here, which one `auto` takes, and why others are missing. Loads what it asks about, never
 * throws. 'tfjs' and 'webgpu' are available when what they need is installed; `inspectEngines` tries them.
 */
export function diagnose(): Diagnosis {
  const engines = engineNames.map((name) => reportOf(name, finders[name]()));
  try {
    return { engines, chosen: chooseEngine().name };
  } catch (error) {
    if (!(error instanceof LiouvilleError)) throw error;
    return { engines, chosen: null, problem: error.message };
  }
}

/**
 * As `diagnose`, after the engines that run on a package or a device which has to be asked first have been tried: what
 * 'tfjs' and 'webgpu' run on, or why they do not. Never throws.
 */
export async function inspectEngines(): Promise<Diagnosis> {
  const { engines, ...rest } = diagnose();
  const tried = engines.map(async (report) => {
    const found = finders[report.name]();
    if (!('engine' in found) || found.inspect === undefined) return report;
    return reportOf(report.name, { ...found, ...(await found.inspect()) });
  });
  return { engines: await Promise.all(tried), ...rest };
}

function reportOf(name: EngineName, found: Found): EngineReport {
  const onRequest = 'engine' in found && found.inspect !== undefined && ({ onRequest: true } as const);
  if ('reason' in found) {
    const { reason, remedy } = found;
    return { name, available: false, ...onRequest, reason, remedy };
  }
  return { name, available: true, ...onRequest, ...(found.details && { details: found.details }) };
}

function firstAvailable(): EngineName {
  for (const name of preferred) {
    const found = finders[name]();
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
