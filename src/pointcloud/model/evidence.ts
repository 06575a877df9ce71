import { batchOf } from '../../flow/batch.ts';
import { wholeNumber } from '../../flow/index.ts';
import type { EvaluateOptions } from '../../flow/index.ts';
import type { BatchLike, Matrix } from '../../matrix.ts';
import { namedStream, normal } from '../../random/index.ts';
import { cloudAt, cloudCount, cloudsOf } from '../clouds.ts';
import type { Clouds, CloudsLike } from '../clouds.ts';
import { encodeClouds } from './generate.ts';
import { checkDim } from './items.ts';
import type { PointFlow } from './point-flow.ts';
import { repeated, seedFor } from './rows.ts';

/** Options of the evidence lower bound of clouds. */
export interface EvidenceOptions extends Omit<EvaluateOptions, 'context' | 'noise'> {
  /** Latents that are drawn for each cloud, default 1; a deterministic encoder has one. */
  readonly draws?: number;
}

/** Nats, one number for each cloud, means over the draws. */
export interface Evidence {
  /** The bound itself: the sum of the others. For a model of one shape it is the log-likelihood. */
  readonly total: Float64Array;
  /** sum_i log p(x_i | z) over all points of the cloud */
  readonly reconstruction: Float64Array;
  /** log p(z) */
  readonly prior: Float64Array;
  /** H[q(z | X)]; 0 for a deterministic encoder, which makes the total no bound but a score. */
  readonly entropy: Float64Array;
}

/**
 * The evidence lower bound of clouds (Yang et al. 2019, equation 9): an estimate of the mean over q(z | X) of
 *
 *   sum_i log p(x_i | z) + log p(z) - log q(z | X)  <=  log p(X),
 *
 * where the mean of the last term is the entropy, which is known.
 *
 * @throws LiouvilleError what is wrong with the clouds, 'numerical-failure'.
 */
export async function evidence(
  model: PointFlow,
  clouds: CloudsLike,
  options: EvidenceOptions = {},
): Promise<Evidence> {
  const { draws: wanted = 1, ...computed } = options;
  const given = cloudsOf(clouds);
  checkDim(given, model.dim, 'clouds');
  const count = cloudCount(given);
  const draws = model.encoder === null || model.encoder.deterministic ? 1 : wholeNumber('draws', wanted, 1);
  const seed = seedFor(options.seed ?? 0, 'evidence');
  const sums = [0, 1, 2].map(() => new Float64Array(count)) as [Float64Array, Float64Array, Float64Array];
  for (let draw = 0; draw < draws; draw++) {
    const noise = Float64Array.from({ length: count * model.latentDim }, (_, i) =>
      normal(seed, namedStream('evidence', draw), i),
    );
    const found = await evidenceAt(
      model,
      given,
      { data: noise, rows: count, cols: model.latentDim },
      computed,
    );
    [found.reconstruction, found.prior, found.entropy].forEach((terms, which) => {
      terms.forEach((value, i) => (sums[which]![i] = sums[which]![i]! + value / draws));
    });
  }
  return summed(...sums);
}

/** The terms for z = mean + exp(logVariance / 2) noise, one row of noise for each cloud. */
export async function evidenceAt(
  model: PointFlow,
  clouds: Clouds,
  noise: BatchLike,
  options: Omit<EvaluateOptions, 'context' | 'noise'>,
): Promise<Evidence> {
  const count = cloudCount(clouds);
  if (model.encoder === null) {
    const reconstruction = await reconstructionOf(model, clouds, null, options);
    return summed(reconstruction, new Float64Array(count), new Float64Array(count));
  }
  const { mean, logVariance } = await encodeClouds(model, clouds, options);
  const { data: eps } = batchOf(noise, 'noise', { cols: model.latentDim, rows: count });
  const deviation = (i: number): number => (logVariance === null ? 0 : Math.exp(logVariance.data[i]! / 2));
  const data = Float64Array.from(mean.data, (value, i) => value + deviation(i) * eps[i]!);
  const z = { ...mean, data };
  const entropy = Float64Array.from({ length: count }, (_, i) => entropyOf(logVariance, i));
  const prior = await model.prior!.logProb(z, options);
  return summed(await reconstructionOf(model, clouds, z, options), prior, entropy);
}

async function reconstructionOf(
  { decoder }: PointFlow,
  clouds: Clouds,
  z: Matrix | null,
  options: EvaluateOptions,
): Promise<Float64Array> {
  const sums = new Float64Array(cloudCount(clouds));
  for (let i = 0; i < sums.length; i++) {
    const cloud = cloudAt(clouds, i);
    const latent = z && {
      data: z.data.subarray(i * z.cols, (i + 1) * z.cols),
      rows: 1,
      cols: z.cols,
    };
    const context = latent === null ? undefined : { context: repeated(latent, cloud.rows) };
    const logProb = await decoder.logProb(cloud, { ...options, ...context });
    sums[i] = logProb.reduce((a, b) => a + b);
  }
  return sums;
}

function entropyOf(logVariance: Matrix | null, row: number): number {
  if (logVariance === null) return 0;
  const { data, cols } = logVariance;
  const sum = (data as Float64Array).subarray(row * cols, (row + 1) * cols).reduce((a, b) => a + b);
  return 0.5 * (sum + cols * (1 + Math.log(2 * Math.PI)));
}

function summed(reconstruction: Float64Array, prior: Float64Array, entropy: Float64Array): Evidence {
  const total = reconstruction.map((value, i) => value + prior[i]! + entropy[i]!);
  return { total, reconstruction, prior, entropy };
}
