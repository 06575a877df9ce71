import { LiouvilleError } from '../../errors.ts';
import { seedOf } from '../../flow/index.ts';
import type { Flow, FlowConfiguration } from '../../flow/index.ts';
import { modelTables, partOf } from '../../program/index.ts';
import type { ModelTables, ParameterTable } from '../../program/index.ts';
import { createEncoder } from './encoder.ts';
import type { Encoder } from './encoder.ts';
import { pointFlowSettings } from './options.ts';
import type { PointFlowOptions } from './options.ts';
import { createPart } from './part.ts';

/**
 * A distribution over shapes, each of which is a distribution over points. Encoder, prior and decoder are its parts:
 * their parameters lie in one table, under 'encoder.', 'prior.' and 'decoder.'. What it does are functions of it:
 * `fitPointFlow`, `sampleClouds`, `reconstructClouds`, `encodeClouds`, `decodeLatents`, `interpolateLatents`, `evidence`,
 * and `save` and `loadPointFlow` for its file.
 */
export interface PointFlow {
  readonly name: 'pointflow';
  /** Coordinates of a point. */
  readonly dim: number;
  /** 0 for a model of one shape, which has neither encoder nor prior. */
  readonly latentDim: number;
  readonly encoder: Encoder | null;
  /** p(latent), a flow of `latentDim` features. */
  readonly prior: Flow | null;
  /** p(point | latent), a flow of `dim` features whose context is the latent. */
  readonly decoder: Flow;
  readonly parameters: ParameterTable;
  readonly state: ParameterTable;
  readonly tables: ModelTables;
  readonly configuration: FlowConfiguration;
}

/**
 * PointFlow (Yang, Huang, Hao, Liu, Belongie, Hariharan: PointFlow, ICCV 2019): a cloud X with the latent z has
 *
 *   p(X) = integral of p(z) prod_i p(x_i | z) dz,
 *
 * p(z) and p(x | z) both flows, and q(z | X) = N(mean(X), diag exp(logVariance(X))) an encoder that does not depend on
 * the order of the points. Unlike the published code, encoder and flows have no batch normalisation by default.
 *
 * @throws LiouvilleError 'invalid-argument', 'unknown-name' and 'shape-mismatch', naming the option.
 * @example
 * const model = pointFlow({ latentDim: 32, decoder: { model: 'realnvp', options: { layers: 8 } } });
 */
export function pointFlow(options: PointFlowOptions = {}): PointFlow {
  const settings = pointFlowSettings(options);
  const { dim, latentDim, deterministic } = settings;
  const tables = modelTables(seedOf(settings.seed));
  if (latentDim === 0 && (options.prior ?? options.encoder ?? options.deterministic) !== undefined) {
    throw new LiouvilleError(
      'invalid-argument',
      'latentDim: 0 is a model of one shape, without encoder and prior; one was given.',
    );
  }
  const encoder =
    latentDim === 0
      ? null
      : createEncoder(partOf(tables, 'encoder'), dim, latentDim, deterministic, settings.encoder);
  const prior =
    latentDim === 0 ? null : createPart('prior', settings.prior, { dim: latentDim, contextDim: 0 }, tables);
  const decoder = createPart('decoder', settings.decoder, { dim, contextDim: latentDim }, tables);
  prior?.fill();
  decoder.fill();
  return {
    name: 'pointflow',
    dim,
    latentDim,
    encoder,
    prior: prior?.flow ?? null,
    decoder: decoder.flow,
    parameters: tables.trained,
    state: tables.state,
    tables,
    configuration: {
      model: 'pointflow',
      options: structuredClone({
        ...options,
        decoder: decoder.configuration,
        ...(prior !== null && { prior: prior.configuration }),
      }),
    },
  };
}
