import { det } from 'mathjs';
import type { EvaluateOptions, Flow, MapStep, SolveStep, Transform } from '../../src/flow/index.ts';
import { reference } from '../../src/engine/reference/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { tableaus } from '../../src/ode/index.ts';
import { Program, Scope, input, ops, pushforward, scalar, trace } from '../../src/program/index.ts';
import type { InputShape, ModelTables, Value } from '../../src/program/index.ts';

/** Where rows are, and what has become of the unit vectors: the transposed Jacobian so far, [dim, dim] a row. */
interface State {
  readonly x: Float64Array;
  readonly tangents: Float64Array;
}

interface Setting {
  readonly tables: ModelTables;
  readonly rows: number;
  readonly dim: number;
  readonly context: Float64Array | null;
}

/**
 * log|det dz/dx| by differentiation, without the transform's own logDet: closed forms by pushing tangents
 * through the traced program, an ODE by solving its variational equation dV/dt = (df/dx) V beside it.
 */
export async function logDetByDifferentiation(
  transform: Transform,
  tables: ModelTables,
  x: Float64Array,
  context: Float64Array | null,
): Promise<{ z: Float64Array; logDet: number[] }> {
  const { z, jacobians } = await jacobianByDifferentiation(transform, tables, x, context);
  return {
    z,
    logDet: determinants(jacobians, transform.dim).map((value) => Math.log(Math.abs(value))),
  };
}

/** z, and for each row dz_i/dx_j at [j dim + i]. */
export async function jacobianByDifferentiation(
  transform: Transform,
  tables: ModelTables,
  x: Float64Array,
  context: Float64Array | null,
): Promise<{ z: Float64Array; jacobians: Float64Array }> {
  const { dim } = transform;
  const setting: Setting = { tables, rows: x.length / dim, dim, context };
  const tangents = Float64Array.from({ length: x.length * dim }, (_, i) => {
    return Math.floor(i / dim) % dim === i % dim ? 1 : 0;
  });
  let state: State = { x, tangents };
  for (const step of transform.steps('forward', '')) {
    state = step.kind === 'map' ? await pushMap(step, state, setting) : await pushSolve(step, state, setting);
  }
  return { z: state.x, jacobians: state.tangents };
}

async function pushMap(step: MapStep, { x, tangents }: State, setting: Setting): Promise<State> {
  const { tables, rows, dim, context } = setting;
  const shapes: Record<string, InputShape> = { x: dim, tangents: { k: dim, n: dim } };
  if (context !== null) shapes['context'] = context.length / rows;
  const program = trace('pushed map', shapes, (inputs) => {
    const start = inputs['x']!;
    const end = step.apply(new Scope(tables, step.path), start, inputs['context'] ?? null).x;
    return { x: end, tangents: pushedOneByOne(end, start, inputs['tangents']!) };
  });
  const result = await reference.run(program, dataOf(tables), rows, {
    x,
    tangents,
    ...(context && { context }),
  });
  return { x: result['x']!, tangents: result['tangents']! };
}

/** Each tangent by itself: several do not pass side by side through values with k > 1. */
function pushedOneByOne(end: Value, start: Value, tangents: Value): Value {
  const { k, n } = tangents;
  const all = ops.reshape(tangents, { k: 1, n: k * n });
  const pushed = Array.from({ length: k }, (_, i) => pushforward([end], [start], [ops.slice(all, i * n, n)]));
  return ops.reshape(ops.concat(pushed.flat()), { k, n });
}

async function pushSolve(step: SolveStep, { x, tangents }: State, setting: Setting): Promise<State> {
  const { tables, rows, dim, context } = setting;
  const width = dim + dim * dim;
  const scope = new Scope(tables, step.path);
  const leaves = [
    input('t', 1),
    input('y', width),
    ...(context ? [input('context', context.length / rows)] : []),
  ];
  const [t, y, contextValue] = leaves as [Value, Value, Value?];
  const start = ops.slice(y, 0, dim);
  const state = ops.concat([start, scalar(0)]);
  const derivative = step.field(
    scope,
    { t, state, context: contextValue ?? null, noise: null },
    { method: 'none', probes: 0 },
  );
  const dx = ops.slice(derivative, 0, dim);
  const [pushed] = pushforward(
    [dx],
    [start],
    [ops.reshape(ops.slice(y, dim, dim * dim), { k: dim, n: dim })],
  );
  const dy = ops.concat([dx, ops.reshape(pushed!, { k: 1, n: dim * dim })]);
  const endTime = new Program('end time', [], { time: step.endTime(scope) });
  const end = (await reference.run(endTime, dataOf(tables), 1, {}))['time']![0]!;
  const rowsOfBoth = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    rowsOfBoth.set(x.subarray(row * dim, (row + 1) * dim), row * width);
    rowsOfBoth.set(tangents.subarray(row * dim * dim, (row + 1) * dim * dim), row * width + dim);
  }
  const solution = await reference.solve(
    new Program('variational equation', leaves, { dy }),
    dataOf(tables),
    rows,
    { y: rowsOfBoth, ...(context && { context }) },
    {
      tableau: tableaus.dopri5,
      t0: step.reversed ? end : 0,
      t1: step.reversed ? 0 : end,
      rtol: 1e-11,
      atol: 1e-11,
      maxSteps: 10_000,
    },
  );
  const part = (from: number, to: number): number[] =>
    Array.from({ length: rows }, (_, row) => [
      ...solution.y.subarray(row * width + from, row * width + to),
    ]).flat();
  return { x: Float64Array.from(part(0, dim)), tangents: Float64Array.from(part(dim, width)) };
}

/** log|det dz/dx| by central differences with steps h and h / 2, extrapolated. */
export async function logDetByDifferences(
  flow: Flow,
  x: Matrix,
  options: EvaluateOptions,
  h = 1e-3,
): Promise<number[]> {
  const { dim } = flow;
  const transposed = new Float64Array(x.rows * dim * dim);
  for (let i = 0; i < dim; i++) {
    const moved = async (by: number): Promise<ArrayLike<number>> => {
      const data = Float64Array.from(x.data, (value, j) => (j % dim === i ? value + by : value));
      return (await flow.transform({ ...x, data }, options)).z.data;
    };
    const [a, b, c, d] = [await moved(h), await moved(-h), await moved(h / 2), await moved(-h / 2)];
    for (let j = 0; j < x.rows * dim; j++) {
      const place = (Math.floor(j / dim) * dim + i) * dim + (j % dim);
      transposed[place] = (4 * ((c[j]! - d[j]!) / h) - (a[j]! - b[j]!) / (2 * h)) / 3;
    }
  }
  return determinants(transposed, dim).map((value) => Math.log(Math.abs(value)));
}

/** The determinant of each row's [dim, dim] matrix. */
function determinants(matrices: Float64Array, dim: number): number[] {
  return Array.from({ length: matrices.length / (dim * dim) }, (_, row) =>
    det(
      Array.from({ length: dim }, (_, i) => [
        ...matrices.subarray((row * dim + i) * dim, (row * dim + i + 1) * dim),
      ]),
    ),
  );
}

function dataOf(tables: ModelTables): { trained: Float64Array; state: Float64Array } {
  return { trained: tables.trained.flat, state: tables.state.flat };
}
