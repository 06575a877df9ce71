/** Every model by name, and models from files. */
import { unknownName } from '../errors.ts';
import { refuseUnknown } from '../flow/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';
import { presets } from './presets.ts';
import type { Preset } from './presets.ts';

export { load } from './load.ts';
export { loadVae } from './load-vae.ts';
export type { LoadVaeOptions } from './load-vae.ts';
export type { Preset } from './presets.ts';

/** The models that `createModel` and the command line know. */
export const modelNames: readonly string[] = Object.keys(presets);

/**
 * A model by its name on the command line, with its preset for this dimension.
 *
 * @throws LiouvilleError 'unknown-name' with the nearest name, or what the constructor throws.
 */
export function createModel(name: string, options: ModelOptions): Flow {
  const { create } = modelPreset(name);
  refuseUnknown('option of createModel', options, ['dim', 'contextDim', 'seed']);
  return create(options);
}

/**
 * How the command line makes and trains a model.
 *
 * @throws LiouvilleError 'unknown-name' with the nearest name.
 */
export function modelPreset(name: string): Preset {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset === undefined) throw unknownName('model', name, modelNames);
  return preset;
}
