import type { Precision, SolveOptions } from '../../src/engine/index.ts';
import { tableaus } from '../../src/ode/index.ts';
import { ops, trace } from '../../src/program/index.ts';
import type { InputShape, Program, Scope, Value } from '../../src/program/index.ts';
import { drawn } from './cases/case.ts';
import { exactTrace, gatedNetwork, probedTrace } from './cases/models.ts';
import { awayFromZero, between } from './numbers.ts';
import type { Draw } from './numbers.ts';

/** One row of the inputs of a field, by name. */
export type OdeRow = Readonly<Record<string, readonly number[]>>;

export interface FieldCase {
  readonly name: string;
  readonly trace: (scope: Scope) => Program;
  readonly draws: Readonly<Record<string, Draw>>;
  /** The solution at t1 where it is known in closed form. `trained` are the flat parameters. */
  readonly exact?: (row: OdeRow, t0: number, t1: number, trained: readonly number[]) => number[];
}

export interface OdeCase {
  readonly name: string;
  readonly field: FieldCase;
  readonly options: SolveOptions;
  /** How far from the exact solution the result may be. */
  readonly error: number;
}

const nonzero = awayFromZero(0.3, 1);

export const fieldCases: readonly FieldCase[] = [
  {
    name: 'a decaying rotation',
    trace: (scope) =>
      field({ t: 1, y: 2 }, ({ y }) => {
        const [decay, speed] = [number(scope, 'decay'), number(scope, 'speed')];
        const turned = ops.mul(speed, ops.concat([ops.neg(ops.slice(y, 1, 1)), ops.slice(y, 0, 1)]));
        return ops.sub(turned, ops.mul(decay, y));
      }),
    draws: { y: between(-1, 1) },
    exact({ y }, t0, t1, [decay, speed]) {
      const [u, v] = y as [number, number];
      const size = Math.exp(-decay! * (t1 - t0));
      const [c, s] = [Math.cos(speed! * (t1 - t0)), Math.sin(speed! * (t1 - t0))];
      return [size * (c * u - s * v), size * (s * u + c * v)];
    },
  },
  {
    name: "y' = y^2 cos t",
    trace: () => field({ t: 1, y: 1 }, ({ t, y }) => ops.mul(ops.square(y), ops.cos(t))),
    draws: { y: between(0.2, 0.6) },
    exact: ({ y }, t0, t1) => [1 / (1 / y![0]! - Math.sin(t1) + Math.sin(t0))],
  },
  {
    name: 'affine in the context',
    trace: () =>
      field({ t: 1, y: 2, context: 4 }, ({ y, context }) =>
        ops.add(ops.mul(ops.slice(context, 0, 2), y), ops.slice(context, 2, 2)),
      ),
    draws: { y: between(-1, 1), context: nonzero },
    exact: ({ y, context }, t0, t1) =>
      y!.map((y0, i) => {
        const [a, b] = [context![i]!, context![2 + i]!];
        return (y0 + b / a) * Math.exp(a * (t1 - t0)) - b / a;
      }),
  },
  {
    name: 'a function of the time alone',
    trace: () => field({ t: 1, y: 2 }, ({ t, y }) => ops.broadcast(ops.mul(3, ops.square(t)), y)),
    draws: { y: between(-1, 1) },
    exact: ({ y }, t0, t1) => y!.map((y0) => y0 + t1 ** 3 - t0 ** 3),
  },
  {
    name: 'a function of the parameters alone',
    trace: (scope) =>
      field({ t: 1, y: 2 }, () => ops.square(scope.parameter('p', { k: 1, n: 2 }, drawn(nonzero)))),
    draws: { y: between(-1, 1) },
    exact: ({ y }, t0, t1, trained) => y!.map((y0, i) => y0 + trained[i]! ** 2 * (t1 - t0)),
  },
  {
    name: 'rest',
    trace: () => field({ t: 1, y: 3 }, ({ y }) => ops.mul(0, y)),
    draws: { y: between(-1, 1) },
    exact: ({ y }) => [...y!],
  },
  {
    name: 'a network with its exact trace',
    trace: (scope) =>
      field({ t: 1, y: 3, context: 1 }, ({ t, y, context }) => {
        const x = ops.slice(y, 0, 2);
        const dx = gatedNetwork(scope, t, ops.concat([x, context]), [4, 2]);
        return ops.concat([dx, exactTrace(dx, x)]);
      }),
    draws: { y: between(-1.5, 1.5), context: between(-1, 1) },
  },
  {
    name: 'a network with probes of its trace',
    trace: (scope) =>
      field({ t: 1, y: 4, noise: { k: 2, n: 3 } }, ({ t, y, noise }) => {
        const x = ops.slice(y, 0, 3);
        const dx = gatedNetwork(scope, t, x, [4, 3]);
        return ops.concat([dx, probedTrace(dx, x, noise)]);
      }),
    draws: { y: between(-1.5, 1.5), noise: between(-2, 2) },
  },
];

type Way = Pick<SolveOptions, 'tableau' | 't0' | 't1' | 'rtol' | 'atol' | 'stepSize'>;

const { dopri5, tsit5, bosh3, rk4, euler } = tableaus;

/** Methods, directions and tolerances, with the error that they may have. */
const ways: Readonly<Record<string, Way & { error: number }>> = {
  'dopri5 forward': { ...adaptive(1e-6), tableau: dopri5, t0: 0, t1: 1 },
  'tsit5 backward': { ...adaptive(1e-3), tableau: tsit5, t0: 0.75, t1: -0.25 },
  'bosh3 forward': { ...adaptive(1e-5), tableau: bosh3, t0: -0.5, t1: 0.5 },
  'dopri5 backward, finely': { ...adaptive(1e-10), tableau: dopri5, t0: 1, t1: 0 },
  'rk4 in fixed steps': { ...adaptive(1), error: 1e-4, tableau: rk4, stepSize: 0.11, t0: 0, t1: 1 },
  'euler in fixed steps, backward': {
    ...adaptive(1),
    error: 0.3,
    tableau: euler,
    stepSize: 0.05,
    t0: 1,
    t1: 0,
  },
  'dopri5 in fixed steps': { ...adaptive(1), error: 1e-5, tableau: dopri5, stepSize: 0.3, t0: 0, t1: 1 },
  'no time at all': { ...adaptive(1e-6), tableau: dopri5, t0: 0.5, t1: 0.5 },
};

/** Fields and ways of solving them; single precision is spared tolerances that it cannot meet. */
export function odeCases(precision: Precision): OdeCase[] {
  return fieldCases.flatMap((field) =>
    Object.entries(ways)
      .filter(([, { rtol }]) => precision === 'float64' || rtol >= 1e-6)
      .map(([way, { error, ...options }]) => ({
        name: `${field.name}, ${way}`,
        field,
        options: { ...options, maxSteps: 2000 },
        error,
      })),
  );
}

function adaptive(tolerance: number): { rtol: number; atol: number; error: number } {
  return { rtol: tolerance, atol: tolerance, error: 100 * tolerance };
}

function field<N extends string>(
  inputs: Readonly<Record<N, InputShape>>,
  build: (inputs: Readonly<Record<N, Value>>) => Value,
): Program {
  return trace('field', inputs, (values) => ({ dy: build(values) }));
}

function number(scope: Scope, name: string): Value {
  return scope.parameter(name, { k: 1, n: 1 }, drawn(between(0.5, 1.5)));
}

/** What happens to a row of `troubledField`, by the number that its input `kind` brings. */
export const troubles = { none: 0, explodes: 1, nanAtOnce: 2, nanLater: 3, tooManySteps: 4 } as const;

/** dy/dt of [1, 2] states, well-behaved or not as each row wishes. */
export function troubledField(scope: Scope): Program {
  const rate = number(scope, 'rate');
  return field({ t: 1, y: 2, kind: 1 }, ({ t, y, kind }) => {
    const is = (wanted: number, value: Value, other: Value): Value =>
      ops.where(ops.less(ops.abs(ops.sub(kind, wanted)), 0.5), value, other);
    const calm = ops.mul(rate, ops.neg(y));
    return [
      [troubles.explodes, ops.exp(ops.mul(4, y))] as const,
      [troubles.nanAtOnce, ops.log(ops.sub(-3, ops.square(y)))] as const,
      [troubles.nanLater, ops.add(y, ops.sqrt(ops.sub(0.43, t)))] as const,
      [troubles.tooManySteps, ops.mul(500, ops.broadcast(ops.cos(ops.mul(500, t)), y))] as const,
    ].reduce<Value>((other, [wanted, value]) => is(wanted, value, other), calm);
  });
}
