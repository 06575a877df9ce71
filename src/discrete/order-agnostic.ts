import { createFlow, standardNormal } from '../flow/index.ts';
import type { Flow, MapStep } from '../flow/index.ts';
import { ops, scalar } from '../program/index.ts';
import type { Value } from '../program/index.ts';
import { autoregressive } from './autoregressive.ts';
import { maskSetsOf, mixture, tablesOf } from './mask-sets.ts';
import type { MadeModelOptions, MaskSet, MaskSetModel } from './mask-sets.ts';
import { affine } from './univariate.ts';

/** A MADE of real numbers with several sets of masks; see `made`. */
export interface Made extends MaskSetModel {
  /**
   * The models of one set of masks each, with the same parameters: Gaussian autoregressive in their orders. Conditional
   * densities, or anything else that one order is good for, are theirs.
   */
  readonly flows: readonly Flow[];
}

/**
 * A masked autoencoder for distribution estimation (Germain, Gregor, Murray, Larochelle: MADE, ICML 2015) of real numbers
 * whose weights are shared by several sets of masks (sections 4.2 and 4.3). Set k says p_k(x) = prod_i N(x_i; m_i, s_i^2) with
 * m_i and s_i of the features before i in its order. A step of `fit` trains one set, drawn by the step's seed; the model is
 * their mixture,
 *
 *   log p(x) = log 1/K sum_k p_k(x),
 *
 * one row program. It is no flow: a mixture has no map to one latent space; each of its `flows` has. `bernoulliMade` is the one
 * for zeros and ones.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 * @example
 * const model = made({ dim: 5, masks: 16, hidden: [128], degrees: 0 });
 * await fit(model, rows, { steps: 2000 });
 * const density = await model.logProb(rows);
 */
export function made(options: MadeModelOptions): Made {
  const masks = maskSetsOf('made', options);
  const { dim, sets, ...network } = masks;
  const tables = tablesOf(options);
  const base = standardNormal(dim);
  const configuration = { model: 'made', options: { ...options } };
  const flows = sets.map((set) => {
    const transform = autoregressive({ dim, ...network, ...set, univariate: affine() });
    return createFlow({ name: 'made', transform, base, configuration, tables });
  });
  const model = mixture({
    name: 'made',
    options,
    masks,
    tables,
    sets: flows.map(setOf),
    noise: 'normal',
  });
  return { ...model, flows };
}

function setOf({ parts }: Flow): MaskSet {
  const { transform, base } = parts!;
  const steps = (way: 'forward' | 'inverse'): MapStep[] =>
    transform.steps(way, '').filter((step) => step.kind === 'map');
  return {
    draw: steps('inverse'),
    logDensity(scope, x, context) {
      let z: Value = x;
      let logDensity: Value = scalar(0);
      for (const step of steps('forward')) {
        const passed = step.apply(scope, z, context);
        [z, logDensity] = [passed.x, ops.add(logDensity, passed.logDet)];
      }
      return ops.add(logDensity, base.logDensity(scope, z, context));
    },
  };
}
