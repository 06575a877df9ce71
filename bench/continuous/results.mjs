// What the runs of toys.mjs leave behind.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const resultsFile = fileURLToPath(new URL('../results/toys.json', import.meta.url));

/**
 * @typedef {object} ToyResult
 * @property {string} recipe
 * @property {number} steps
 * @property {number} seconds of one processor, those of the recipe before included
 * @property {number[]} evaluationsInTraining means of parts of the training
 * @property {{ seconds: number, kl: number, nfe: number }[]} curve
 * @property {number} kl nats
 * @property {number} error its standard error
 * @property {number} nfe
 * @property {number} nfeMax
 * @property {number} [integral] of the density over the box
 * @property {number} [integralChange] by the last doubling of the grid
 * @property {number} [outside] the share of samples outside of the box
 * @property {{ tolerance: number, median: number, max: number }[]} [inverse] errors of the inverse
 */
/** @typedef {Record<string, Record<string, ToyResult>>} ToyResults by toy and recipe */

/**
 * @param {string} file
 * @returns {ToyResults}
 */
export function readResults(file) {
  if (!existsSync(file)) return {};
  return /** @type {ToyResults} */ (JSON.parse(readFileSync(file, 'utf8')));
}

/**
 * @param {string} file
 * @param {string} toy
 * @param {string} recipe
 * @param {ToyResult} result
 */
export function addResult(file, toy, recipe, result) {
  const all = readResults(file);
  all[toy] = { ...all[toy], [recipe]: result };
  writeFileSync(file, `${JSON.stringify(all, null, 1)}\n`);
}
