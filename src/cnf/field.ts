import { LiouvilleError } from '../errors.ts';
import { activationAt } from '../nn/index.ts';
import type { Activation } from '../nn/index.ts';
import { constant, ops, pushforward, within } from '../program/index.ts';
import type { Scope, Value } from '../program/index.ts';
import { layers } from './layers.ts';
import type { Layer } from './layers.ts';
import { jacobian } from './trace.ts';
import type { LinearOperator } from './trace.ts';

/** dx/dt = f(t, x): what a continuous flow integrates. x and the result are [1, dim]. */
export type Field = (scope: Scope, t: Value, x: Value, context: Value | null) => Value;

/** Where a field is asked: time, row, context. */
export interface FieldPoint {
  /** The time, [1, 1]. */
  readonly t: Value;
  /** The row, [1, dim]. */
  readonly x: Value;
  /** Its conditioning row, [1, contextDim]; null without one. */
  readonly context: Value | null;
}

/**
 * A field dx/dt = f(t, x) that knows more than its value: an operator with the trace of df/dx, or the potential that it is
 * the gradient of. `continuous` takes it in the place of a plain field.
 */
export interface Dynamics {
  readonly velocity: Field;
  /** An operator with the trace of df/dx, where there is a better one than the Jacobian itself. */
  readonly operator?: (scope: Scope, point: FieldPoint) => LinearOperator;
  /** Width of that operator, and so of the probes; default: the dim of the rows. */
  readonly probeDim?: number;
  /** Phi(t, x), [1, 1], of a field that is -grad Phi. */
  readonly potential?: Field;
  /** Does `velocity` take several rows x [k, dim] that share t and context, too? See `packed`. Default false. */
  readonly sideBySide?: boolean;
}

/** The same with everything in its place. */
export function dynamicsOf(field: Field | Dynamics): Dynamics {
  return typeof field === 'function' ? { velocity: field } : field;
}

/** The operator whose trace is that of df/dx. */
export function operatorOf(dynamics: Dynamics, scope: Scope, point: FieldPoint): LinearOperator {
  const { velocity, operator } = dynamics;
  if (operator !== undefined) return operator(scope, point);
  return jacobian(velocity(scope, point.t, point.x, point.context), point.x);
}

/**
 * Where a network sees the context: 'input' joins it to what the first layer sees, 'layers' to the time that every layer
 * sees, so that gates and shifts depend on it (Yang et al., PointFlow, ICCV 2019, B.1).
 */
export const conditionings = { input: true, layers: true } as const;

/** Where a field sees the conditioning row: 'input' or 'layers'; see `conditionings`. */
export type Conditioning = keyof typeof conditionings;

/** Options of `networkField`. */
export interface NetworkFieldOptions {
  /** Widths of the hidden layers; the last layer has as many outputs as the row has features. */
  readonly hidden: readonly number[];
  /** How the layers see the time; see `layers`. */
  readonly layer: Layer;
  /** Between the layers; none follows the last one. */
  readonly activation: Activation;
  /** How many pairs of a sine and a cosine of the time the layers see beside it; default 0. */
  readonly timeFrequencies?: number;
  /** Where the context comes in; default 'input'. */
  readonly conditioning?: Conditioning;
  /** How many sines and cosines of each feature the first layer sees beside the row; default 0. */
  readonly rowFrequencies?: number;
  /** Where in the model the activations keep what they learn, one for all layers; default `activation_fns.0`. */
  readonly activationPath?: string;
}

/**
 * The field of FFJORD: x [k, n] -> layers of these widths, an activation after each, and a last layer of n numbers without one
 * (Grathwohl et al. 2019, B.1). Every layer sees the time, as its kind says. It takes rows side by side.
 */
export function networkField(options: NetworkFieldOptions): Field {
  const { hidden } = options;
  return (scope, t, x, context) => {
    const { layer, activate, first } = partsOf(options, scope, t, context);
    let h = first(x);
    [...hidden, x.n].forEach((width, i) => {
      const linear = layer(`layers.${i}`, h, width);
      h = i < hidden.length ? activate(linear) : linear;
    });
    return h;
  };
}

/**
 * A network with a bottleneck: an encoder h = g(t, x) and a decoder f = d(t, h). The first half of the widths, the
 * middle one included, belongs to the encoder, all of whose layers have an activation. Since
 * tr(df/dx) = tr(dd/dh dg/dx) = tr(dg/dx dd/dh), the trace is taken in the space of h, with fewer products or less
 * variance where that is narrower (Grathwohl et al. 2019, section 3.1.1).
 *
 * @throws LiouvilleError 'invalid-argument' without a hidden layer.
 */
export function autoencoderField(options: NetworkFieldOptions): Dynamics {
  const { hidden } = options;
  const half = Math.floor(hidden.length / 2) + 1;
  const [encoder, decoder] = [hidden.slice(0, half), hidden.slice(half)];
  const bottleneck = encoder.at(-1);
  if (bottleneck === undefined) {
    throw new LiouvilleError('invalid-argument', 'hidden: an autoencoder field needs at least one width.');
  }
  const encode: Field = (scope, t, x, context) => {
    const { layer, activate, first } = partsOf(options, scope, t, context);
    let h = first(x);
    encoder.forEach((width, i) => (h = activate(layer(`encoder_layers.${i}`, h, width))));
    return h;
  };
  const decode = (scope: Scope, { t, context }: Omit<FieldPoint, 'x'>, h: Value, dim: number): Value => {
    const { layer, activate } = partsOf(options, scope, t, context);
    let f = h;
    decoder.forEach((width, i) => (f = activate(layer(`decoder_layers.${i}`, f, width))));
    return layer(`decoder_layers.${decoder.length}`, f, dim);
  };
  return {
    probeDim: bottleneck,
    velocity: (scope, t, x, context) => decode(scope, { t, context }, encode(scope, t, x, context), x.n),
    operator(scope, { t, x, context }) {
      const h = encode(scope, t, x, context);
      const f = decode(scope, { t, context }, h, x.n);
      return {
        dim: bottleneck,
        apply(vectors) {
          const [images] = pushforward([f], [h], [vectors]) as [Value];
          return pushforward([h], [x], [images])[0]!;
        },
      };
    },
  };
}

/** f(t, x) - x: its trace is that of f less dim, which is known and not estimated. */
export function residualField(field: Field | Dynamics): Dynamics {
  const inner = dynamicsOf(field);
  return {
    velocity: (scope, t, x, context) => ops.sub(inner.velocity(scope, t, x, context), x),
    ...(inner.probeDim !== undefined && { probeDim: inner.probeDim }),
    ...(inner.sideBySide !== undefined && { sideBySide: inner.sideBySide }),
    operator(scope, point) {
      const A = operatorOf(inner, scope, point);
      return { ...A, shift: (A.shift ?? 0) - point.x.n };
    },
  };
}

/** [t, sin(2 pi t), cos(2 pi t), sin(4 pi t), ...]: `count` pairs beside the time itself. */
export function fourierTime(t: Value, count: number): Value {
  if (count === 0) return t;
  const rates = Array.from({ length: count }, (_, i) => 2 * Math.PI * (i + 1));
  const angles = ops.mul(t, constant(rates, { k: 1, n: count }));
  return ops.concat([t, ops.sin(angles), ops.cos(angles)]);
}

/**
 * [x, sin x, cos x, sin 2x, cos 2x, sin 4x, ...]: `count` pairs for each feature, each of twice the rate of the one before.
 * A network that sees them learns thin and sharp densities many times faster (Tancik et al.: Fourier features let networks
 * learn high frequency functions, NeurIPS 2020; the rates are those of Mildenhall et al.: NeRF, ECCV 2020, equation 4).
 */
export function fourierRow(x: Value, count: number): Value {
  const pairs = Array.from({ length: count }, (_, k) => {
    const angles = ops.mul(2 ** k, x);
    return [ops.sin(angles), ops.cos(angles)];
  });
  return count === 0 ? x : ops.concat([x, ...pairs.flat()]);
}

interface NetworkParts {
  readonly layer: (name: string, x: Value, outputs: number) => Value;
  readonly activate: (x: Value) => Value;
  /** What the first layer sees of a row. */
  readonly first: (x: Value) => Value;
}

function partsOf(options: NetworkFieldOptions, scope: Scope, t: Value, context: Value | null): NetworkParts {
  const { timeFrequencies = 0, rowFrequencies = 0, activationPath, conditioning = 'input' } = options;
  const learned = activationPath === undefined ? scope.at('activation_fns.0') : scope.shared(activationPath);
  const ofLayers = conditioning === 'layers';
  const time = joined(fourierTime(t, timeFrequencies), ofLayers ? context : null);
  return {
    layer: (name, x, outputs) =>
      within(`${scope.path}.${name}`, () => layers[options.layer](scope.at(name), time, x, outputs)),
    activate: activationAt(options.activation, learned),
    first: (x) => joined(fourierRow(x, rowFrequencies), ofLayers ? null : context),
  };
}

function joined(x: Value, context: Value | null): Value {
  return context === null ? x : ops.concat([x, ops.broadcast(context, { k: x.k, n: context.n })]);
}
