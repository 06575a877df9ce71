import { Program, constant, input, ops, pullback } from '../program/index.ts';
import { substitute } from '../program/substitute.ts';
import type { InputValue, Value } from '../program/value.ts';

/**
 * Programs on one piece of the way, in a time s of its own from 0 to 1: t = start + width s, where each row brings its own `start` and
 * `width` as inputs. So rows whose pieces differ are solved in one call.
 */
interface Piece {
  readonly s: InputValue;
  readonly start: InputValue;
  readonly width: InputValue;
  readonly t: Value;
}

const fields = new WeakMap<Program, Program>();
const backward = new WeakMap<Program, Program>();
const along = new WeakMap<Program, Map<string, Program>>();

function newPiece(): Piece {
  const [s, start, width] = [input('t', 1), input('start', 1), input('width', 1)];
  return { s, start, width, t: ops.add(start, ops.mul(width, s)) };
}

/** dy/ds = width f(t, y). */
export function fieldOnPiece(field: Program): Program {
  return known(fields, field, () => {
    const piece = newPiece();
    const dy = field.outputs['dy']!;
    return onPiece(field, piece, [], null, new Map(), [dy]);
  });
}

/** Of the state (y, a): dy/ds = width f, da/ds = -width a df/dy. */
export function backsolveOnPiece(field: Program): Program {
  return known(backward, field, () => {
    const piece = newPiece();
    const y = inputOf(field, 'y');
    const both = input('y', 2 * y.n);
    const dy = field.outputs['dy']!;
    const a = input('cotangent', y.n);
    const parts = new Map<Value, Value>([
      [y, ops.slice(both, 0, y.n)],
      [a, ops.slice(both, y.n, y.n)],
    ]);
    return onPiece(field, piece, [], both, parts, [dy, adjointOf(field, a)]);
  });
}

/**
 * Of the state a: da/ds = -width a df/dy along y(s) = p(s), where p is the polynomial in Newton's form at these knots:
 *
 *   p(s) = c_0 + (s - z_0) (c_1 + (s - z_1) (c_2 + ...)),   the input `polynomial` being c_0, c_1, ... one after the other.
 */
export function adjointAlong(field: Program, knots: Float64Array): Program {
  const ofKnots = along.get(field) ?? new Map<string, Program>();
  along.set(field, ofKnots);
  const key = knots.join();
  let program = ofKnots.get(key);
  if (program === undefined) {
    const piece = newPiece();
    const y = inputOf(field, 'y');
    const polynomial = input('polynomial', knots.length * y.n);
    const a = input('y', y.n);
    let value: Value = ops.slice(polynomial, (knots.length - 1) * y.n, y.n);
    for (let k = knots.length - 2; k >= 0; k--) {
      const distance = ops.sub(piece.s, constant([knots[k]!], { k: 1, n: 1 }));
      value = ops.add(ops.slice(polynomial, k * y.n, y.n), ops.mul(distance, value));
    }
    program = onPiece(field, piece, [polynomial], a, new Map([[y, value]]), [adjointOf(field, a)]);
    ofKnots.set(key, program);
  }
  return program;
}

/** -a df/dy, at the field's own t and y. */
function adjointOf(field: Program, a: Value): Value {
  const [pulled] = pullback([field.outputs['dy']!], [inputOf(field, 'y')], [a]) as [Value];
  return ops.neg(pulled);
}

function onPiece(
  field: Program,
  { s, start, width, t }: Piece,
  more: readonly InputValue[],
  state: InputValue | null,
  replaced: ReadonlyMap<Value, Value>,
  rates: readonly Value[],
): Program {
  const results = substitute(rates, new Map([...replaced, [inputOf(field, 't'), t]]));
  const kept = field.inputs.filter(({ name }) => name !== 't' && (state === null || name !== 'y'));
  return new Program(
    `${field.name} on a piece`,
    [s, start, width, ...more, ...(state === null ? [] : [state]), ...kept],
    { dy: ops.mul(width, ops.concat(results)) },
  );
}

function inputOf(field: Program, name: string): InputValue {
  return field.inputs.find((x) => x.name === name)!;
}

function known(programs: WeakMap<Program, Program>, field: Program, make: () => Program): Program {
  let program = programs.get(field);
  if (program === undefined) {
    program = make();
    programs.set(field, program);
  }
  return program;
}
