import { pointFlow } from '../../../src/pointcloud/index.ts';
import type { Clouds, PointFlow, PointFlowOptions } from '../../../src/pointcloud/index.ts';
import { normalRows } from '../../flow/rows.ts';
import { namedStream, normal } from '../../../src/random/index.ts';

const small = { encoder: { features: [5, 4], head: [4] } } as const;

/** Models of few parameters: each kind of decoder and prior, with and without a distribution of the latents. */
export const models: Readonly<Record<string, PointFlowOptions>> = {
  'continuous, gates that see the latent': {
    ...small,
    latentDim: 2,
    decoder: { model: 'ffjord', options: { hidden: [5], conditioning: 'layers' } },
    prior: { model: 'ffjord', options: { hidden: [4] } },
  },
  'couplings, deterministic': {
    ...small,
    latentDim: 3,
    deterministic: true,
    decoder: { model: 'realnvp', options: { hidden: [6], layers: 3 } },
    prior: { model: 'maf', options: { hidden: [5], layers: 2 } },
  },
  'autoregressive, with softplus': {
    latentDim: 2,
    encoder: { features: [4], head: [], activation: 'softplus' },
    decoder: { model: 'maf', options: { hidden: [8], layers: 2 } },
    prior: { model: 'gaussian', options: {} },
  },
  'splines, in the plane': {
    ...small,
    dim: 2,
    latentDim: 2,
    decoder: { model: 'nsf', options: { hidden: [5], layers: 2, bins: 4 } },
    prior: { model: 'realnvp', options: { hidden: [4], layers: 2 } },
  },
  'one shape': { latentDim: 0, decoder: { model: 'ffjord', options: { hidden: [6] } } },
};

/** A model whose parameters have all been moved, since some layers begin at zero. */
export function modelOf(options: PointFlowOptions, seed = 1): PointFlow {
  const model = pointFlow(options);
  const { flat } = model.parameters;
  flat.forEach((value, i) => (flat[i] = value + 0.2 * normal(seed, namedStream('moved'), i)));
  return model;
}

/** Clouds with these numbers of points. */
export function cloudsFor({ dim }: { readonly dim: number }, sizes: readonly number[], seed = 1): Clouds {
  const offsets = Uint32Array.from([
    0,
    ...sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b)),
  ]);
  const { data } = normalRows(offsets.at(-1)!, dim, seed, 0.7);
  return { data, dim, offsets };
}
