import { gaussLegendre } from '../ode/index.ts';
import { Program, input, ops, pullback } from '../program/index.ts';
import { substitute } from '../program/substitute.ts';
import { add, columnsOf, noteFailures } from './evaluate.ts';
import type { Call } from './evaluate.ts';
import type { SolveSegment } from './segments.ts';

/** What is kept of a solve for the continuous adjoint: where it ended, not how it came there. */
export interface SolveEnd {
  /** [rows, n]: all states at the end. */
  readonly y: Float64Array;
  readonly t0: number;
  readonly t1: number;
  /** The most steps that a row took. */
  readonly steps: number;
  /** The columns that stay the same during the solve: context and probes. */
  readonly constants: Readonly<Record<string, Float64Array>>;
}

export interface SolveEndCotangents {
  readonly start: Float64Array;
  /** Of the conditioning rows; null without them. */
  readonly context: Float64Array | null;
  /** Of the begin and end times, summed over the rows. */
  readonly t0: number;
  readonly t1: number;
}

/** Exact up to degree 5, as accurate as the solver between two steps. */
const { nodes, weights } = gaussLegendre(3);

const adjoints = new WeakMap<Program, Program>();

/**
 * The continuous adjoint (Pontryagin; Chen et al. 2018, algorithm 1): from the end back to the start, y and
 * a = dL/dy are solved together,
 *
 *   dy/dt = f(t, y),   da/dt = -a df/dy,
 *
 * each row with its own steps, and dL/dtheta = integral of a df/dtheta dt, as that of the context, is added up by
 * Gauss's rule on as many equal pieces as the longest row took steps on its way there. Nothing of the way there is kept,
 * so memory does not grow with the steps; the price is that y is not found again exactly. Adds to `gradient`.
 */
export async function backsolve(
  { field }: SolveSegment,
  end: SolveEnd,
  call: Call,
  cotangents: Float64Array,
  gradient: Float64Array,
): Promise<SolveEndCotangents> {
  const { rows, parameters, settings } = call;
  const { engine } = settings;
  const n = cotangents.length / rows;
  const adjoint = adjointOf(field);
  const strict = { ...settings, onFailure: 'throw' } as const;
  let state = joined(end.y, cotangents, rows);
  let time = end.t1;
  const parts = (): [y: Float64Array, a: Float64Array] => [
    columnsOf(state, 2 * n, 0, n),
    columnsOf(state, 2 * n, n, n),
  ];
  const moveTo = async (t: number): Promise<void> => {
    if (t === time) return;
    const options = { ...settings, t0: time, t1: t, tape: false };
    const solution = await engine.solve(adjoint, parameters, rows, { ...end.constants, y: state }, options);
    noteFailures(solution, solution.status.slice(), strict);
    state = solution.y;
    time = t;
  };
  /** The sum over rows of a . f, which is what a time is worth. */
  const power = async (): Promise<number> => {
    const [y, a] = parts();
    const t = new Float64Array(rows).fill(time);
    const { dy } = await engine.run(field, parameters, rows, { ...end.constants, t, y }, settings);
    return a.reduce((sum, value, i) => sum + value * dy![i]!, 0);
  };

  const ofContext = end.constants['context'];
  const context = ofContext === undefined ? null : new Float64Array(ofContext.length);
  const t1 = await power();
  const pieces = Math.max(1, end.steps);
  const width = (end.t1 - end.t0) / pieces;
  for (let piece = pieces - 1; piece >= 0; piece--) {
    for (let i = nodes.length - 1; i >= 0; i--) {
      await moveTo(end.t0 + width * (piece + (1 + nodes[i]!) / 2));
      const [y, a] = parts();
      const share = (width / 2) * weights[i]!;
      const t = new Float64Array(rows).fill(time);
      const dy = a.map((value) => share * value);
      const found = await engine.pullback(
        field,
        parameters,
        rows,
        { ...end.constants, t, y },
        { dy },
        settings,
      );
      add(gradient, found.gradient);
      if (context !== null) add(context, found.cotangents['context']!);
    }
  }
  await moveTo(end.t0);
  return { start: parts()[1], context, t0: -(await power()), t1 };
}

/** The field of (y, a), traced once. */
function adjointOf(field: Program): Program {
  const known = adjoints.get(field);
  if (known !== undefined) return known;
  const y = field.inputs.find((x) => x.name === 'y')!;
  const a = input('cotangent', y.n);
  const dy = field.outputs['dy']!;
  const [pulled] = pullback([dy], [y], [a]) as [typeof dy];
  const both = input('y', 2 * y.n);
  const results = substitute(
    [dy, ops.neg(pulled)],
    new Map([
      [y, ops.slice(both, 0, y.n)],
      [a, ops.slice(both, y.n, y.n)],
    ]),
  );
  const inputs = field.inputs.map((x) => (x === y ? both : x));
  const adjoint = new Program(`adjoint of ${field.name}`, inputs, { dy: ops.concat(results) });
  adjoints.set(field, adjoint);
  return adjoint;
}

function joined(y: Float64Array, a: Float64Array, rows: number): Float64Array {
  const n = y.length / rows;
  const result = new Float64Array(2 * y.length);
  for (let row = 0; row < rows; row++) {
    result.set(y.subarray(row * n, (row + 1) * n), 2 * row * n);
    result.set(a.subarray(row * n, (row + 1) * n), (2 * row + 1) * n);
  }
  return result;
}
