import { LiouvilleError } from '../errors.ts';
import type { Flow, FlowConfiguration, Transform } from '../flow/index.ts';
import { vae } from '../vae/index.ts';
import type { Vae, VaeOptions } from '../vae/index.ts';
import { badConfiguration, badFile, flowOf, isObject, loadModel } from './load.ts';

/** Options of `loadVae`. */
export interface LoadVaeOptions {
  /**
   * The transform that the saved model had as its posterior, made again; a file cannot hold one.
   * Only models without one go without.
   */
  readonly posterior?: Transform;
}

/**
 * A variational autoencoder from the file that `save` wrote, with the same bits. A posterior that was given as a flow is made
 * again; one that was given as a transform has to be handed over.
 *
 * @param source a path, or the bytes of the file.
 * @throws LiouvilleError 'io', 'bad-file' for anything that is not such a file, 'incompatible-version', and
 * 'invalid-argument' when `posterior` is missing, or given where the file has its own.
 *
 * @example
 * const model = vae({ dim: 784, latentDim: 32, contextDim: 64, posterior: iaf({ dim: 32, contextDim: 64 }) });
 * await save(model, 'vae.safetensors');
 * const again = await loadVae('vae.safetensors');
 */
export async function loadVae(
  source: string | Uint8Array,
  { posterior: given }: LoadVaeOptions = {},
): Promise<Vae> {
  return loadModel(source, async ({ model, options }, name) => {
    if (model !== 'vae') throw badFile(name, `it holds a model '${model}'; expected 'vae'`);
    const posterior = await posteriorOf(options, given, name);
    const { posterior: _described, ...shape } = options as unknown as VaeOptions;
    try {
      return vae({ ...shape, ...(posterior && { posterior }) });
    } catch (error) {
      // What is wrong with a transform that was handed over is not the file's fault.
      throw given === undefined ? badConfiguration(name, error) : error;
    }
  });
}

async function posteriorOf(
  { latentDim, posterior }: FlowConfiguration['options'],
  given: Transform | undefined,
  source: string,
): Promise<Transform | Flow | undefined> {
  if (posterior === 'given') {
    if (given !== undefined) return given;
    throw new LiouvilleError(
      'invalid-argument',
      `posterior: ${source} was saved with a transform as its posterior; expected the same transform again.`,
    );
  }
  if (given !== undefined) {
    throw new LiouvilleError('invalid-argument', `posterior: expected none, since ${source} has its own.`);
  }
  if (posterior === null) return undefined;
  const { model, options } = isObject(posterior) ? posterior : {};
  if (typeof model !== 'string' || !isObject(options)) {
    throw badFile(source, "expected null, 'given' or {model, options} as its posterior");
  }
  // Before it is made: a width that the file cannot hold may take all memory.
  if (options['dim'] !== latentDim) {
    throw badFile(
      source,
      `expected a posterior of ${String(latentDim)} features; got ${String(options['dim'])}`,
    );
  }
  return flowOf({ model, options }, source);
}
