/** Every model by name, and models from files. */
import { unknownName } from '../errors.ts';
import { refuseUnknown } from '../flow/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';
import { paperPresets } from './paper-presets.ts';
import { presets } from './presets.ts';
import type { Preset } from './presets.ts';

export { load } from './load.ts';
export { loadBernoulliMade, loadMade } from './load-made.ts';
export { loadVae } from './load-vae.ts';
export type { LoadVaeOptions } from './load-vae.ts';
export type { PaperPreset } from './paper-presets.ts';
export type { Preset } from './presets.ts';

/** The models that `createModel` and the command line know, each with a preset that is trained in minutes. */
export const modelNames: readonly string[] = Object.keys(presets);

/** The same models with the sizes of papers, as MODEL-DATASET; wherever a model is named, these names hold too. */
export const paperModelNames: readonly string[] = Object.keys(paperPresets);

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
  const known: Readonly<Record<string, Preset>> = { ...presets, ...paperPresets };
  const preset = Object.hasOwn(known, name) ? known[name] : undefined;
  if (preset === undefined) throw unknownName('model', name, [...modelNames, ...paperModelNames]);
  return preset;
}
