import type { Found, Missing } from '../found.ts';
import type { TfjsDetails } from './details.ts';
import { TfjsEngine } from './engine.ts';
import { corePackage, installation, mayLoad, startRuntime } from './load.ts';

export { useTfjs } from './load.ts';

const engine = new TfjsEngine();

/** The engine on tensors of tfjs. Whether a backend runs shows when it is first called, or by `inspect`. */
export function tfjsEngine(): Found {
  if (!mayLoad()) return { reason: `The package ${corePackage} is not installed.`, remedy: installation };
  return { engine, inspect };
}

async function inspect(): Promise<{ readonly details: TfjsDetails } | Missing> {
  try {
    const { tf, backend } = await startRuntime();
    const slow = 'process' in globalThis && backend !== 'tensorflow';
    return {
      details: {
        backend,
        version: tf.version_core,
        ...(slow && { faster: `'tensorflow': ${installation}` }),
      },
    };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error), remedy: installation };
  }
}
