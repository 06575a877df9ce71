import type { MathNode } from 'mathjs';
import { RowField } from '../engine/reference/row-field.ts';
import { LiouvilleError } from '../errors.ts';
import type { DifferentiableField, Jacobian, OdeField } from '../ode/index.ts';
import { formula, ops, parseFormula, trace } from '../program/index.ts';
import type { Program, Value } from '../program/index.ts';

/** A field dy/dt = f(t, y, parameters) that was given as text. */
export interface TextField {
  readonly text: string;
  /** How many components y has. */
  readonly dim: number;
  /** The names of the parameters, in their order. */
  readonly parameters: readonly string[];
  /** Their values where none are given. */
  readonly values: Float64Array;
  /** The row program: inputs t, y and, where there are any, parameters; output dy. */
  readonly program: Program;
  /** The field as a plain function, for `solve`. */
  readonly field: (values?: ArrayLike<number>) => OdeField;
  /** Its exact Jacobian, by tangents of the program. */
  readonly jacobian: (values?: ArrayLike<number>) => Jacobian;
  /** The field with its exact vector-Jacobian products, for `solveWithPullback`. */
  readonly differentiable: (values?: ArrayLike<number>) => DifferentiableField;
}

const nothing = { trained: new Float64Array(0), state: new Float64Array(0) };

/**
 * A field from a text such as `[y[1], mu*(1-y[0]^2)*y[1]-y[0]]`: one formula for each component, in t, y[0], y[1], ...
 * and the parameters. What a formula may contain is said at `formula`.
 *
 *     const oscillator = await textField('[y[1], mu*(1-y[0]^2)*y[1]-y[0]]', { mu: 5 });
 *     solve(oscillator.field(), [2, 0], 0, 20);
 *
 * @param parameters the value of each parameter, by name.
 * @throws LiouvilleError 'invalid-argument' for a text that is no list of formulas.
 */
export async function textField(
  text: string,
  parameters: Readonly<Record<string, number>> = {},
): Promise<TextField> {
  const names = Object.keys(parameters);
  for (const name of names) checkParameter(name, parameters[name]!);
  const items = await itemsOf(text);
  const dim = items.length;
  const formulas = await Promise.all(
    items.map((item) => formula(fromOne(item, dim, text), ['t', 'y', ...names])),
  );
  const build = (inputs: Readonly<Record<string, Value>>): Value => {
    const named = Object.fromEntries(names.map((name, i) => [name, ops.slice(inputs['parameters']!, i, 1)]));
    const zero = ops.mul(0, ops.slice(inputs['y']!, 0, 1));
    const parts = formulas.map((one) => one({ t: inputs['t']!, y: inputs['y']!, ...named }));
    const wide = parts.findIndex((part) => part.n !== 1);
    if (wide >= 0) {
      throw new LiouvilleError(
        'invalid-argument',
        `field '${text}': expected one number for each component; component ${wide} has ${parts[wide]!.n}.`,
      );
    }
    return ops.concat(parts.map((part) => ops.add(part, zero)));
  };
  const inputs: Readonly<Record<string, number>> = {
    t: 1,
    y: dim,
    ...(names.length > 0 && { parameters: names.length }),
  };
  const program = trace('field', inputs, (values) => ({ dy: build(values) }));
  const defaults = Float64Array.from(names, (name) => parameters[name]!);
  const rowOf = (values: ArrayLike<number>): RowField => {
    if (values.length !== names.length) {
      throw new LiouvilleError(
        'shape-mismatch',
        `values: expected one number for each of ${names.length} parameters; got ${values.length}.`,
      );
    }
    return new RowField(program, nothing, {
      ...(names.length > 0 && { parameters: Float64Array.from(values) }),
    });
  };
  return {
    text,
    dim,
    parameters: names,
    values: defaults,
    program,
    field: (values = defaults) => rowOf(values).f,
    differentiable(values = defaults) {
      const row = rowOf(values);
      return {
        f: row.f,
        parameters: names.length,
        pullback: (t, y, cotangent, cotangentY, cotangentP) => {
          row.pullback(t, y, cotangent, cotangentY, { parameters: cotangentP });
        },
      };
    },
    jacobian: (values = defaults) => rowOf(values).jacobian,
  };
}

function checkParameter(name: string, value: number): void {
  if (!/^[A-Za-z_]\w*$/.test(name) || ['t', 'y', 'pi', 'e'].includes(name)) {
    throw new LiouvilleError(
      'invalid-argument',
      `parameters: expected names other than t, y, pi and e; got '${name}'.`,
    );
  }
  if (Number.isFinite(value)) return;
  throw new LiouvilleError(
    'invalid-argument',
    `parameters.${name}: expected a finite number; got ${String(value)}.`,
  );
}

/** The entries of the list, as texts. */
async function itemsOf(text: string): Promise<string[]> {
  const tree = await parseFormula('field', text);
  const { items } = tree as unknown as { items?: MathNode[] };
  if (tree.type === 'ArrayNode' && items !== undefined && items.length > 0) {
    return items.map((item) => item.toString());
  }
  throw new LiouvilleError(
    'invalid-argument',
    `field '${text}': expected a list of formulas such as [y[1], -y[0]].`,
  );
}

/** Components are counted from 0 here, and from 1 in formulas. */
function fromOne(item: string, dim: number, text: string): string {
  return item.replace(/\by\[(\d+)\]/g, (entry, index: string) => {
    if (Number(index) < dim) return `y[${Number(index) + 1}]`;
    throw new LiouvilleError(
      'invalid-argument',
      `field '${text}': expected y[0] to y[${dim - 1}], one for each of its ${dim} formulas; got ${entry}.`,
    );
  });
}
