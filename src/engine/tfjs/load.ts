import { LiouvilleError } from '../../errors.ts';
import { isInstalled, requireHere } from '../optional.ts';
import { numericsOf } from './numerics.ts';
import { rulesOf } from './operations.ts';
import { residents } from './residents.ts';
import type { Tf } from './tensors.ts';

/** tfjs with a backend that runs, and the ops for it. */
export interface Runtime {
  readonly tf: Tf;
  readonly backend: string;
  readonly rules: ReturnType<typeof rulesOf>;
}

export const corePackage = '@tensorflow/tfjs-core';

/** Where the application has registered no backend, these are tried in Node, the fastest first. */
const backendPackages = [
  '@tensorflow/tfjs-node-gpu',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-cpu',
];

/** What to install, for every message that needs it. */
export const installation =
  'Install tfjs and a backend: `npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm`, or, for an NVIDIA card ' +
  'under Linux or Windows, `npm install @tensorflow/tfjs-node-gpu`. The latter downloads libtensorflow, which many places ' +
  'refuse (tensorflow/tfjs#8742): docs/gpu.md says how to bring the file along. In Node an installed backend is found; ' +
  'elsewhere import it in the application.';

let handed: Tf | null = null;
/** Once it is known: to import again what is loaded takes as long as some ops. */
let imported: Tf | null = null;
let starting: Promise<void> | null = null;
const runtimes = new Map<string, Promise<Runtime>>();

/**
 * Hands over the tfjs that the engine 'tfjs' and the tensors that are returned belong to. Needed only where
 * `import('@tensorflow/tfjs-core')` does not find the one that the application uses: a page that loads tfjs by a script, or
 * two versions in one project.
 *
 * @param tf the module @tensorflow/tfjs-core, or @tensorflow/tfjs, which contains it.
 */
export function useTfjs(tf: object): void {
  if (!isTfjs(tf)) {
    throw new LiouvilleError(
      'invalid-argument',
      `tf: expected the module @tensorflow/tfjs-core; got ${typeof tf} without 'tidy' and 'ready'.`,
    );
  }
  handed = tf;
  runtimes.clear();
  residents.clear();
}

function isTfjs(tf: object | null): tf is Tf {
  return tf !== null && ['tidy', 'ready', 'keep', 'matMul'].every((name) => name in tf);
}

/** Whether there is a tfjs to load, as far as can be told without loading it. */
export function mayLoad(): boolean {
  return handed !== null || isInstalled(corePackage) !== false;
}

/** tfjs with the backend that is in use now; rejected with 'engine-unavailable' and what helps. */
export async function runtime(): Promise<Runtime> {
  try {
    return await startRuntime();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    throw new LiouvilleError(
      'engine-unavailable',
      `The engine 'tfjs' is not available: ${error.message} ${installation}`,
      { cause: error.cause },
    );
  }
}

/** Why there is none, in the message. */
export class Unavailable extends Error {}

/** As `runtime`, rejected with `Unavailable`. */
export async function startRuntime(): Promise<Runtime> {
  const tf = handed ?? imported ?? (await importCore());
  // One at a time: the name of a backend that another call is starting is not known yet.
  starting ??= startBackend(tf).finally(() => (starting = null));
  await starting;
  const backend = tf.getBackend();
  let found = runtimes.get(backend);
  if (found === undefined) {
    found = numericsOf(tf).then((numerics) => ({ tf, backend, rules: rulesOf(numerics) }));
    // Whoever asks next may have more luck.
    found.catch(() => runtimes.delete(backend));
    runtimes.set(backend, found);
  }
  return found;
}

/** In a `try`, so that bundlers take it for a package that may be missing. */
async function importCore(): Promise<Tf> {
  try {
    imported = await import('@tensorflow/tfjs-core');
    return imported;
  } catch (error) {
    throw new Unavailable(`${corePackage} could not be loaded (${firstLine(error)}).`, { cause: error });
  }
}

/** The backend of the application; where it has none, the first of the installed ones that starts. */
async function startBackend(tf: Tf): Promise<void> {
  const troubles: string[] = [];
  try {
    await tf.ready();
    return;
  } catch (error) {
    if (registered(tf))
      throw new Unavailable(`No backend of tfjs starts (${firstLine(error)}).`, { cause: error });
  }
  for (const name of backendPackages) {
    if (isInstalled(name) !== true) continue;
    try {
      requireHere()!(name);
      await tf.ready();
      return;
    } catch (error) {
      troubles.push(`${name}: ${firstLine(error)}`);
    }
  }
  const tried = troubles.length === 0 ? '' : ` What is installed does not start: ${troubles.join('; ')}.`;
  throw new Unavailable(`No backend of tfjs is registered.${tried}`);
}

function registered(tf: Tf): boolean {
  return Object.keys(tf.engine().registryFactory).length > 0;
}

function firstLine(error: unknown): string {
  return String((error as { message?: unknown } | null)?.message ?? error).split('\n')[0]!;
}
