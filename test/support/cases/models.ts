import {
  affine,
  constant,
  identity,
  ops,
  pullback,
  pushforward,
  scalar,
  trace,
} from '../../../src/program/index.ts';
import type { Program, Scope, Value } from '../../../src/program/index.ts';
import { between } from '../numbers.ts';
import { drawn, withDerivatives } from './case.ts';
import type { ProgramCase } from './case.ts';

const weights = drawn(between(-0.8, 0.8));

/** x W^T + b. */
export function dense(scope: Scope, name: string, x: Value, outputs: number): Value {
  const at = scope.at(name);
  const weight = at.parameter('weight', { k: outputs, n: x.n }, weights);
  return affine(x, weight, at.parameter('bias', { k: 1, n: outputs }, weights));
}

/** A field with time gates: (W x + b) sigmoid(g t + c) + h t, then tanh, but for the last layer. */
export function gatedNetwork(scope: Scope, t: Value, x: Value, widths: readonly number[]): Value {
  let h = x;
  widths.forEach((width, i) => {
    const gate = ops.sigmoid(dense(scope, `gate${i}`, t, width));
    const shift = ops.mul(t, scope.parameter(`shift${i}`, { k: 1, n: width }, weights));
    const layer = ops.add(ops.mul(dense(scope, `layer${i}`, h, width), gate), shift);
    h = i < widths.length - 1 ? ops.tanh(layer) : layer;
  });
  return h;
}

/** tr(df/dx) by as many tangents as there are features. */
export function exactTrace(f: Value, x: Value): Value {
  const basis = identity(x.n);
  const [jacobian] = pushforward([f], [x], [basis]) as [Value];
  return everything(ops.mul(jacobian, basis));
}

/** The mean of e . df/dx e over the probes e, the rows of `probes`. */
export function probedTrace(f: Value, x: Value, probes: Value): Value {
  const [image] = pushforward([f], [x], [probes]) as [Value];
  return ops.mul(1 / probes.k, everything(ops.mul(image, probes)));
}

function everything(x: Value): Value {
  return ops.sum(ops.sum(x, 'n'), 'k');
}

const models: Readonly<Record<string, (scope: Scope) => Program>> = {
  'tanh network': (scope) =>
    trace('network', { x: 3 }, ({ x }) => {
      const h = ops.tanh(dense(scope, 'first', x, 8));
      return { y: dense(scope, 'last', ops.tanh(dense(scope, 'middle', h, 8)), 2) };
    }),

  'wide network': (scope) =>
    trace('wide', { x: 70 }, ({ x }) => ({
      y: dense(scope, 'last', ops.softplus(ops.mul(0.2, dense(scope, 'first', x, 33))), 70),
    })),

  'deep chain': () =>
    trace('deep', { x: 3 }, ({ x }) => {
      let y = x;
      for (let i = 0; i < 60; i++) y = ops.add(ops.mul(0.9, ops.sin(y)), ops.mul(0.1, x));
      return { y };
    }),

  'field with exact trace': (scope) =>
    trace('exact', { t: 1, x: 3 }, ({ t, x }) => {
      const f = gatedNetwork(scope, t, x, [8, 8, 3]);
      return { f, trace: exactTrace(f, x) };
    }),

  'field with two probes': (scope) =>
    trace('hutchinson', { t: 1, x: 4, noise: { k: 2, n: 4 } }, ({ t, x, noise }) => {
      const f = gatedNetwork(scope, t, x, [7, 4]);
      return { f, trace: probedTrace(f, x, noise) };
    }),

  'gradient of an energy': (scope) =>
    trace('gradient field', { x: 4 }, ({ x }) => {
      const energy = dense(scope, 'energy', ops.softplus(dense(scope, 'first', x, 6)), 1);
      const [force] = pullback([energy], [x], [scalar(1)]) as [Value];
      return { energy, force, laplacian: exactTrace(force, x) };
    }),

  'tangent of a tangent': () =>
    trace('second', { x: 3, u: 3, v: 3 }, ({ x, u, v }) => {
      const y = ops.concat([ops.mul(ops.sin(x), ops.sum(x, 'n')), ops.exp(ops.cumsum(x))]);
      const [first] = pushforward([y], [x], [u]) as [Value];
      const [second] = pushforward([first], [x], [v]) as [Value];
      return { y, first, second };
    }),

  'masked weight': (scope) =>
    trace('masked', { x: 3 }, ({ x }) => {
      const mask = constant([0, 0, 0, 1, 0, 0, 1, 1, 0], { k: 3, n: 3 });
      const weight = ops.mul(mask, scope.parameter('weight', { k: 3, n: 3 }, weights));
      return { y: ops.tanh(affine(x, weight, scope.parameter('bias', { k: 1, n: 3 }, weights))) };
    }),

  'triangular factors': (scope) =>
    trace('factors', { x: 3 }, ({ x }) => {
      const raw = scope.parameter('raw', { k: 3, n: 3 }, drawn(between(-0.4, 0.4)));
      const raised = ops.add(raw, ops.mul(1.4, identity(3)));
      const lower = ops.mul(raised, constant([1, 0, 0, 1, 1, 0, 1, 1, 1], { k: 3, n: 3 }));
      const weight = ops.matmul(lower, ops.transpose(raised), 'nn');
      const y = ops.matmul(x, weight, 'nt');
      const back = ops.triangularSolve(lower, y, { upper: false });
      return { y, x: ops.triangularSolve(raised, back, { upper: false, transposed: true }) };
    }),

  'normalised weight': (scope) =>
    trace('normalised', { x: 4 }, ({ x }) => {
      const weight = scope.parameter('weight', { k: 3, n: 4 }, weights);
      const norm = ops.sqrt(everything(ops.square(weight)));
      return { y: ops.matmul(x, ops.div(weight, norm), 'nt') };
    }),

  'matrix made of the context': (scope) =>
    trace('hypernetwork', { x: 4, context: 2 }, ({ x, context }) => {
      const weight = ops.reshape(dense(scope, 'weight', context, 12), { k: 3, n: 4 });
      const square = ops.reshape(ops.mul(0.3, dense(scope, 'square', context, 16)), { k: 4, n: 4 });
      const solved = ops.triangularSolve(square, x, { upper: true, unit: true });
      return {
        y: ops.tanh(ops.matmul(x, weight, 'nt')),
        outer: ops.matmul(x, context, 'tn'),
        solved,
      };
    }),

  'affine coupling': (scope) =>
    trace('coupling', { x: 5 }, ({ x }) => {
      const [a, b] = [ops.take(x, [0, 2, 4]), ops.take(x, [1, 3])];
      const h = ops.relu(ops.add(dense(scope, 'first', a, 6), 3));
      const scale = ops.tanh(dense(scope, 'scale', h, 2));
      const moved = ops.add(ops.mul(b, ops.exp(scale)), dense(scope, 'shift', h, 2));
      return { z: ops.take(ops.concat([a, moved]), [0, 3, 1, 4, 2]), logDet: ops.sum(scale, 'n') };
    }),

  'coupling of one feature': (scope) =>
    trace('coupling', { x: 1 }, ({ x }) => {
      const kept = ops.take(x, []);
      const moved = ops.add(ops.take(x, [0]), dense(scope, 'shift', constant([1], { k: 1, n: 1 }), 1));
      return { z: ops.take(ops.concat([kept, ops.mul(kept, 2), moved]), [0]), nothing: ops.sum(kept, 'n') };
    }),

  'monotone steps': (scope) =>
    trace('softmax', { x: 2 }, ({ x }) => {
      const raised = ops.exp(dense(scope, 'widths', x, 6));
      const shares = ops.div(raised, ops.sum(raised, 'n'));
      const ends = ops.cumsum(shares);
      const inside = ops.less(ends, 0.5);
      return { ends, mean: ops.sum(ops.where(inside, ops.square(ends), ends), 'n') };
    }),

  'numbers that are not trained': (scope) =>
    trace('running', { x: 3 }, ({ x }) => {
      const mean = scope.state('mean', { k: 1, n: 3 }, weights);
      const variance = scope.state('variance', { k: 1, n: 3 }, drawn(between(0.5, 2)));
      const scale = scope.parameter('scale', { k: 1, n: 3 }, weights);
      return { y: ops.mul(scale, ops.div(ops.sub(x, mean), ops.sqrt(variance))) };
    }),
};

/** Programs as flows have them. */
export const modelCases: readonly ProgramCase[] = Object.entries(models)
  .map(([name, build]): ProgramCase => ({ name, trace: build, rows: 7, smooth: true, condition: 10 }))
  .flatMap(withDerivatives);
