import { activationAt, uniformWithin, zeros } from '../nn/index.ts';
import type { Activation } from '../nn/index.ts';
import { affine, constant, ops } from '../program/index.ts';
import type { Scope, Shape, Value } from '../program/index.ts';
import { namedStream, uniform } from '../random/index.ts';
import { inverseOf } from './check.ts';

/**
 * Which features hidden units may see: 'equal' shares of units in the order of their degrees, 'cyclic' (1, 2, ..., 1, 2, ...), or
 * drawn with a seed.
 */
export type HiddenDegrees = 'equal' | 'cyclic' | number;

export interface MadeOptions {
  readonly dim: number;
  readonly contextDim: number;
  /** order[i] = j: feature j is the i-th in the order, and depends on those before it. */
  readonly order: readonly number[];
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  /** Outputs of each kind for a feature; those of one kind stand together, feature by feature. */
  readonly groups: readonly number[];
  readonly degrees: HiddenDegrees;
}

/**
 * How a MADE (Germain, Gregor, Murray, Larochelle: Masked Autoencoder for Distribution Estimation, ICML 2015)
 * is wired. Feature j has the degree of its place in the order, from 1; a hidden unit of degree d sees what has
 * degree up to d, an output for a feature of degree d sees hidden units below d (equations 12 and 13).
 */
export interface Wiring {
  /** degreesOf[0] of the features, then of each hidden layer's units, then of the outputs. */
  readonly degrees: readonly (readonly number[])[];
}

export function wiringOf(options: MadeOptions): Wiring {
  const { dim, contextDim, order, hidden, groups } = options;
  const place = inverseOf(order).map((i) => i + 1);
  // With context there is something to say about the first feature, by units that see the context only.
  const [least, count] = contextDim > 0 ? [0, dim] : [1, dim - 1];
  const layers = hidden.map((width, layer) => {
    const degreeOf = drawing(options.degrees, layer, width, count);
    return Array.from({ length: width }, (_, i) => (count < 1 ? 0 : least + degreeOf(i)));
  });
  const outputs = groups.flatMap((size) => place.flatMap((degree) => Array<number>(size).fill(degree)));
  return { degrees: [place, ...layers, outputs] };
}

/** Whole numbers below `count` for the units of a layer. */
function drawing(degrees: HiddenDegrees, layer: number, width: number, count: number): (i: number) => number {
  if (degrees === 'equal') return (i) => Math.floor((i / width) * count);
  if (degrees === 'cyclic') return (i) => i % count;
  const stream = namedStream(`degrees of layer ${layer}`);
  return (i) => Math.floor(uniform(degrees, stream, i) * count);
}

/** The parameters of one layer, the weight masked already; `context` is for the first one. */
export interface MaskedLayer {
  readonly weight: Value;
  readonly bias: Value;
  readonly context: Value | null;
  readonly activate: (x: Value) => Value;
}

/** Declares the network's parameters. The last layer starts at zero. */
export function maskedLayers(scope: Scope, options: MadeOptions, { degrees }: Wiring): MaskedLayer[] {
  const last = degrees.length - 2;
  const activate = activationAt(options.activation, scope.at('activation'));
  return degrees.slice(1).map((outputs, i) => {
    const inputs = degrees[i]!;
    const at = scope.at(`layers.${i}`);
    const shape: Shape = { k: outputs.length, n: inputs.length };
    const fanIn = inputs.length + (i === 0 ? options.contextDim : 0);
    const initialise = i === last ? zeros : uniformWithin(1 / Math.sqrt(fanIn));
    const mask = outputs.flatMap((d) => inputs.map((e) => Number(i === last ? e < d : e <= d)));
    const hasContext = i === 0 && options.contextDim > 0;
    return {
      weight: ops.mul(at.parameter('weight', shape, initialise), constant(mask, shape)),
      bias: at.parameter('bias', { k: 1, n: shape.k }, initialise),
      activate,
      context: hasContext ? at.parameter('context', { k: shape.k, n: options.contextDim }, initialise) : null,
    };
  });
}

/** The outputs for all features at once, [1, sum of groups x dim]. */
export function made(layers: readonly MaskedLayer[], x: Value, context: Value | null): Value {
  return layers.reduce((h, { weight, bias, context: ofContext, activate }, i) => {
    const sum = affine(h, weight, bias);
    const all = ofContext === null ? sum : ops.add(sum, affine(context!, ofContext));
    return i === layers.length - 1 ? all : activate(all);
  }, x);
}

/**
 * Takes the features in their order: `feature(i, raw)` gets the outputs of the network for feature order[i], by
 * group, and gives the feature's number, [1, 1]. Every hidden unit is computed once, as soon as the features that it
 * sees are known, so that the whole way costs about one evaluation of the network and not one for each feature.
 * Returns the features in their usual places.
 */
export function madeInOrder(
  layers: readonly MaskedLayer[],
  { degrees }: Wiring,
  context: Value | null,
  options: MadeOptions,
  feature: (j: number, raw: readonly Value[]) => Value,
): Value {
  const { activate } = layers[0]!;
  const { dim, order, groups } = options;
  const last = layers.length - 1;
  const sources = layers.map(({ weight }, i) => new Rows(weight, degrees[i]!));
  const biases = layers.map(({ bias, context: ofContext }) =>
    ofContext === null ? bias : ops.add(affine(context!, ofContext), bias),
  );
  // What is known of the features and of each hidden layer: those of the lowest degrees.
  const known: (Value | null)[] = layers.map(() => null);
  const units = (layer: number, rows: readonly number[], before: number): Value => {
    const bias = pick(biases[layer]!, rows);
    const h = known[layer];
    if (h == null) return bias;
    return ops.add(ops.matmul(h, sources[layer]!.weight(rows, before), 'nt'), bias);
  };
  const learn = (layer: number, found: Value): void => {
    const before = known[layer];
    known[layer] = before == null ? found : ops.concat([before, found]);
  };
  for (let degree = 0; degree <= dim; degree++) {
    if (degree > 0) {
      const j = order[degree - 1]!;
      const rows = rowsOfFeature(j, groups, dim);
      const raw = units(last, rows.flat(), degree - 1);
      let start = 0;
      const parts = groups.map((count) => ops.slice(raw, (start += count) - count, count));
      learn(0, feature(j, parts));
    }
    for (let layer = 0; layer < last; layer++) {
      const rows = placesOf(degrees[layer + 1]!, degree);
      if (rows.length > 0 && degree < dim) learn(layer + 1, activate(units(layer, rows, degree)));
    }
  }
  return ops.take(known[0]!, inverseOf(order));
}

/** A weight's rows, with the columns in order of their degrees, so that what is known is a prefix. */
class Rows {
  readonly #weight: Value;
  readonly #sorted: readonly number[];
  readonly #inputDegrees: readonly number[];

  constructor(weight: Value, inputs: readonly number[]) {
    // Stable, so that units of one degree stay in the order in which they are learned.
    this.#sorted = inputs.map((_, i) => i).toSorted((a, b) => inputs[a]! - inputs[b]!);
    this.#inputDegrees = inputs;
    this.#weight = ops.transpose(weight);
  }

  /** Rows of the weight, and the columns of degree up to `degree`, [rows, columns]. */
  weight(rows: readonly number[], degree: number): Value {
    const columns = this.#sorted.filter((i) => this.#inputDegrees[i]! <= degree);
    return pick(ops.transpose(pick(this.#weight, rows)), columns);
  }
}

/** Features by number: a view where they follow each other. */
function pick(x: Value, indices: readonly number[]): Value {
  const [first = 0] = indices;
  const follow = indices.every((index, i) => index === first + i);
  return follow ? ops.slice(x, first, indices.length) : ops.take(x, indices);
}

/** The outputs that belong to feature j, by group. */
function rowsOfFeature(j: number, groups: readonly number[], dim: number): number[][] {
  let start = 0;
  return groups.map((count) => {
    const rows = Array.from({ length: count }, (_, i) => start + j * count + i);
    start += dim * count;
    return rows;
  });
}

function placesOf(degrees: readonly number[], degree: number): number[] {
  return degrees.flatMap((d, i) => (d === degree ? [i] : []));
}
