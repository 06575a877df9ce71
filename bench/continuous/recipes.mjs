// How a continuous flow is trained on the toys: each recipe is a model and what it goes through, in steps.

import { library } from '../library.mjs';

const { cnfFm, ffjord, flowMatching, regularised } = library;

/**
 * @typedef {object} Stage
 * @property {import('../../src/flow/index.ts').Objective} [objective] default: likelihood
 * @property {number} steps
 * @property {number} batchSize
 * @property {number} learningRate
 * @property {number} [warmUp]
 * @property {number} [clipNorm]
 * @property {number} [rtol]
 * @property {number} [atol]
 */
/**
 * @typedef {object} Recipe
 * @property {string} label
 * @property {() => import('../../src/flow/index.ts').Flow} model
 * @property {string} [after] the recipe whose end is the beginning
 * @property {Stage} stage
 * @property {boolean} isMeasuredFully its integral and inverse too
 */

// Doubling rates up to 8 on standardised rows reach the width of the thinnest toy.
const features = { dim: 2, hidden: [64, 64, 64], rowFrequencies: 4, seed: 1 };

/** @returns {import('../../src/flow/index.ts').Flow} */
const forMatching = () => cnfFm({ ...features, activation: 'swish', timeFrequencies: 3 });

/** @type {Readonly<Record<string, Recipe>>} */
export const recipes = {
  matching: {
    label: 'flow matching',
    model: forMatching,
    stage: {
      objective: flowMatching({ coupling: 'independent' }),
      steps: 30_000,
      batchSize: 256,
      learningRate: 5e-3,
    },
    isMeasuredFully: true,
  },
  both: {
    label: 'flow matching, then likelihood',
    model: forMatching,
    after: 'matching',
    stage: { steps: 150, batchSize: 512, learningRate: 1e-3 },
    isMeasuredFully: true,
  },
  likelihood: {
    label: 'likelihood',
    model: () => ffjord(features),
    stage: { steps: 800, batchSize: 256, learningRate: 5e-3 },
    isMeasuredFully: true,
  },
  // What `liouville compare` does with the model ffjord, in a fifth of the steps: a rate above that at which other code diverged.
  defaults: {
    label: 'likelihood, defaults',
    model: () => ffjord({ dim: 2, seed: 1 }),
    stage: {
      steps: 400,
      batchSize: 400,
      learningRate: 2e-2,
      warmUp: 20,
      clipNorm: 2,
      rtol: 1e-3,
      atol: 1e-3,
    },
    isMeasuredFully: false,
  },
};

/** The weights of |f|^2 and of |df/dx|^2 (both), beside the likelihood. */
export const weights = [0, 0.003, 0.03, 0.3];

/** @type {readonly string[]} */
export const regularisedToys = ['moons', 'pinwheel'];

/**
 * @param {number} weight
 * @returns {Recipe}
 */
export function regularisedBy(weight) {
  return {
    label: `likelihood, penalties ${weight}`,
    model: recipes['likelihood']?.model ?? forMatching,
    stage: {
      ...(weight > 0 && { objective: regularised({ kinetic: weight, jacobian: weight }) }),
      steps: 250,
      batchSize: 256,
      learningRate: 5e-3,
    },
    isMeasuredFully: false,
  };
}
