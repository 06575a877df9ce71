import type { Estimate, MapStep } from '../flow/index.ts';
import { activationAt, linear, uniformWithin, zeros } from '../nn/index.ts';
import type { Activation } from '../nn/index.ts';
import { Program, Scope, input, ops, scalar } from '../program/index.ts';
import type { ModelTables, Value } from '../program/index.ts';

/** What the networks of a variational autoencoder are made of, checked. */
export interface NetworkShape {
  readonly dim: number;
  readonly latentDim: number;
  /** Width of what the encoder says of a row. */
  readonly contextDim: number;
  /** Widths of the hidden layers of the encoder; the decoder has them the other way round. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
}

export interface Networks {
  /** x -> context. */
  readonly encoder: Program;
  /** z and x -> logDensity = log p(x|z) + log p(z). */
  readonly joint: Program;
  /** z -> mean, the probabilities of ones. */
  readonly decoder: Program;
}

/** Traces the networks, which declares their parameters. */
export function networksOf(shape: NetworkShape, tables: ModelTables): Networks {
  const { dim, latentDim } = shape;
  const x = input('x', dim);
  const z = input('z', latentDim);
  const logits = logitsOf(shape, new Scope(tables, 'decoder'), z);
  // Nobody asks how the loss changes with the data, and the first layer is the widest.
  const fixed = ops.stopGradient(x);
  return {
    encoder: new Program('encoder', [x], { context: encoded(shape, new Scope(tables, 'encoder'), fixed) }),
    joint: new Program('joint density', [z, x], {
      logDensity: ops.add(bernoulli(logits, fixed), standardNormal(z)),
    }),
    decoder: new Program('decoder', [z], { mean: ops.sigmoid(logits) }),
  };
}

/**
 * The first step of a draw from q(z|x): z_0 = mean + exp(log_variance / 2) noise, both linear in the context. Its logDet is
 * -log q_0(z_0|x), as the log-density of the noise is known.
 */
export function posteriorDraw(latentDim: number, path: string): MapStep {
  return {
    kind: 'map',
    path,
    inputDim: latentDim,
    apply(scope, noise, context, _estimate?: Estimate) {
      const mean = linear(scope.at('mean'), context!, latentDim);
      const logVariance = linear(scope.at('log_variance'), context!, latentDim);
      return {
        x: ops.add(mean, ops.mul(ops.exp(ops.mul(0.5, logVariance)), noise)),
        logDet: ops.sub(ops.mul(0.5, ops.sum(logVariance, 'n')), standardNormal(noise)),
      };
    },
  };
}

function encoded({ hidden, contextDim, activation }: NetworkShape, scope: Scope, x: Value): Value {
  return hiddenLayers(scope, x, [...hidden, contextDim], activation);
}

function logitsOf({ hidden, dim, activation }: NetworkShape, scope: Scope, z: Value): Value {
  const last = hiddenLayers(scope, z, hidden.toReversed(), activation);
  return linear(scope.at(`layers.${hidden.length}`), last, dim);
}

/**
 * Layers with an activation each. Weights have the variance 2 / inputs (He et al., 2015), so that what tells one row from
 * another comes through all of them: else training begins with codes that say nothing, and stays there for long.
 */
function hiddenLayers(scope: Scope, x: Value, outputs: readonly number[], activation: Activation): Value {
  const activate = activationAt(activation, scope.at('activation'));
  return outputs.reduce((h, width, i) => {
    const initialise = uniformWithin(Math.sqrt(6 / h.n));
    return activate(linear(scope.at(`layers.${i}`), h, width, { initialise, initialiseBias: zeros }));
  }, x);
}

/** sum of x l - log(1 + exp l), the log-probability of zeros and ones by their logits. */
function bernoulli(logits: Value, x: Value): Value {
  return ops.sum(ops.sub(ops.mul(x, logits), ops.softplus(logits)), 'n');
}

function standardNormal(z: Value): Value {
  const normaliser = scalar(-0.5 * z.n * Math.log(2 * Math.PI));
  return ops.add(ops.mul(-0.5, ops.sum(ops.square(z), 'n')), normaliser);
}
