import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constant, input, jvp, pullback, pushforward } from '../../src/program/index.ts';
import type { InputValue, Value } from '../../src/program/index.ts';
import { expectClose, expectSameRows } from '../support/close.ts';
import { between, draws, numbers } from '../support/numbers.ts';
import { Oracle, oracleRows, oracleRun } from '../support/oracle.ts';
import type { Data } from '../support/oracle.ts';
import { cook, recipes } from '../support/random-programs.ts';
import { samples } from '../support/vocabulary.ts';
import type { Sample } from '../support/vocabulary.ts';

const smooth = samples.filter((sample) => sample.smooth);
const rows = 2;
const step = 1e-5;

/** An op on row inputs, with numbers for them. */
interface Stage {
  readonly leaves: readonly InputValue[];
  readonly value: Value;
  readonly data: Data;
}

function stage({ operands, make }: Sample, seed = 3): Stage {
  const leaves = operands.map(({ shape: { k, n } }, i) => input(`x${i}`, n, k));
  const random = numbers(seed);
  const columns = operands.map(
    ({ shape, draw }, i) => [`x${i}`, draws(rows * shape.k * shape.n, draw, random)] as const,
  );
  const parameters = { trained: new Float64Array(0), state: new Float64Array(0) };
  return { leaves, value: make(leaves), data: { parameters, rows, inputs: Object.fromEntries(columns) } };
}

/** Tangent leaves for some values, and random numbers for them among the inputs. */
function tangentsFor(
  leaves: readonly InputValue[],
  data: Data,
  seed: number,
): { tangents: InputValue[]; data: Data } {
  const tangents = leaves.map((x) => input(`tangent of ${x.name}`, x.n, x.k));
  const random = numbers(seed);
  const columns = tangents.map((x) => [x.name, draws(rows * x.k * x.n, between(-1, 1), random)] as const);
  return { tangents, data: { ...data, inputs: { ...data.inputs, ...Object.fromEntries(columns) } } };
}

describe.each(smooth)('$name', (sample) => {
  test('tangents are slopes', () => {
    const { leaves, value, data: plain } = stage(sample);
    const { tangents, data } = tangentsFor(leaves, plain, 4);
    for (const moving of [...leaves.map((x) => [x]), leaves]) {
      const along = moving.map((x) => tangents[leaves.indexOf(x)]!);
      const [tangent] = pushforward([value], moving, along) as [Value];
      expect({ k: tangent.k, n: tangent.n }).toEqual({ k: value.k, n: value.n });
      const at = (distance: number): Float64Array => {
        const moved = moving.map((x, i) => {
          const direction = data.inputs[along[i]!.name]!;
          return [
            x.name,
            Float64Array.from(data.inputs[x.name]!, (number, j) => number + distance * direction[j]!),
          ] as const;
        });
        return new Oracle({ ...data, inputs: { ...data.inputs, ...Object.fromEntries(moved) } }).rows(value);
      };
      const [ahead, behind] = [at(step), at(-step)];
      const slopes = ahead.map((x, i) => (x - behind[i]!) / (2 * step));
      expectSlopes(new Oracle(data).rows(tangent), slopes);
    }
  });

  test('cotangents are slopes', () => {
    const { leaves, value, data } = stage(sample);
    expectCotangents(value, leaves, data);
  });

  test('cotangents of tangents are slopes', () => {
    const { leaves, value, data: plain } = stage(sample);
    const { tangents, data } = tangentsFor(leaves, plain, 5);
    const [tangent] = pushforward([value], leaves, tangents) as [Value];
    expectCotangents(tangent, [...leaves, ...tangents], data);
  });

  test('cotangents of cotangents are slopes', () => {
    const { leaves, value, data: plain } = stage(sample);
    if (value.level !== 'row') return;
    const cotangent = input('v', value.n, value.k);
    const v = draws(rows * value.k * value.n, between(-1, 1), numbers(6));
    const data = { ...plain, inputs: { ...plain.inputs, v } };
    for (const x of pullback([value], leaves, [cotangent])) expectCotangents(x, [...leaves, cotangent], data);
  });

  test('several tangents side by side are as good as one after the other', () => {
    const { leaves, value, data: plain } = stage(sample);
    if ([...leaves, value].some((x) => x.k !== 1) || value.level !== 'row') return;
    const [first, second] = [tangentsFor(leaves, plain, 6), tangentsFor(leaves, plain, 7)];
    const pairs = leaves.map((x) => input(`both of ${x.name}`, x.n, 2));
    const columns = leaves.map(
      (x, i) =>
        [
          pairs[i]!.name,
          interleaved(
            first.data.inputs[first.tangents[i]!.name]!,
            second.data.inputs[second.tangents[i]!.name]!,
            x.n,
          ),
        ] as const,
    );
    const data = { ...plain, inputs: { ...plain.inputs, ...Object.fromEntries(columns) } };
    const [both] = pushforward([value], leaves, pairs) as [Value];
    expect({ k: both.k, n: both.n }).toEqual({ k: 2, n: value.n });
    const [one] = pushforward([value], leaves, first.tangents) as [Value];
    const [two] = pushforward([value], leaves, second.tangents) as [Value];
    expectClose(
      new Oracle(data).rows(both),
      interleaved(new Oracle(first.data).rows(one), new Oracle(second.data).rows(two), value.n),
      { relative: 1e-14, precision: 'float64' },
      'both',
    );
  });
});

/** Of all rows: those of `a` and of `b` in turn, `width` numbers each. */
function interleaved(
  a: Float32Array | Float64Array,
  b: Float32Array | Float64Array,
  width: number,
): Float64Array {
  return Float64Array.from({ length: 2 * a.length }, (_, i) => {
    const [row, place] = [Math.floor(i / (2 * width)), i % (2 * width)];
    return place < width ? a[row * width + place]! : b[row * width + place - width]!;
  });
}

/** The cotangents of each leaf against central differences, number by number. */
function expectCotangents(value: Value, leaves: readonly InputValue[], data: Data): void {
  const weights = draws(value.k * value.n, between(0.5, 1.5), numbers(8));
  const found = pullback([value], leaves, [constant(weights, value)]);
  const oracle = new Oracle(data);
  const instances = isSum(value) ? 1 : rows;
  const loss = (inputs: Data['inputs']): number => {
    const moved = new Oracle({ ...data, inputs });
    let sum = 0;
    for (let row = 0; row < instances; row++) {
      moved
        .at(value, row)
        .flat()
        .forEach((x, i) => (sum += x * weights[i]!));
    }
    return sum;
  };
  leaves.forEach((leaf, i) => {
    const numbersOf = data.inputs[leaf.name]!;
    const slopes = Float64Array.from(numbersOf, (_, at) => {
      const moved = (distance: number): Data['inputs'] => ({
        ...data.inputs,
        [leaf.name]: Float64Array.from(numbersOf, (x, j) => (j === at ? x + distance : x)),
      });
      return (loss(moved(step)) - loss(moved(-step))) / (2 * step);
    });
    expect({ k: found[i]!.k, n: found[i]!.n }).toEqual({ k: leaf.k, n: leaf.n });
    expectSlopes(oracle.rows(found[i]!), slopes);
  });
}

function isSum(value: Value): boolean {
  return value.level === 'total';
}

function expectSlopes(actual: Float64Array, slopes: Float64Array): void {
  const largest = slopes.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-3);
  const wrong = [...actual].filter((x, i) => !(Math.abs(x - slopes[i]!) <= 1e-6 * largest));
  expect(actual.length).toBe(slopes.length);
  expect(wrong, `found ${actual.join(' ')}, slopes ${slopes.join(' ')}`).toEqual([]);
}

describe('any program', () => {
  test('<v, J u> = <J^T v, u>', () => {
    let nonzero = 0;
    fc.assert(
      fc.property(recipes, fc.nat(999), (recipe, seed) => {
        const { inputs, parameters, outputs, data } = cook(recipe);
        const values = Object.values(outputs);
        const random = numbers(seed);
        const moving: Value[] = [...inputs, ...parameters];
        // Directions of the parameters are the same for all rows.
        const columns: Record<string, Float64Array> = {};
        const leaf = (name: string, x: Value, shared: boolean): Value => {
          const array = draws((shared ? 1 : data.rows) * x.k * x.n, between(-1, 1), random);
          if (shared) return constant(array, x);
          columns[name] = array;
          return input(name, x.n, x.k);
        };
        const u = moving.map((x, i) => leaf(`u${i}`, x, x.kind === 'parameter'));
        const v = values.map((y, i) => leaf(`v${i}`, y, false));
        const oracle = new Oracle({ ...data, inputs: { ...data.inputs, ...columns } });
        const sum = (pairs: readonly (readonly [Value, Value])[], one: boolean): [number, number] => {
          const terms = Array.from({ length: one ? 1 : data.rows }, (_, row) =>
            pairs.flatMap(([a, b]) => {
              const other = oracle.at(b, row).flat();
              return oracle
                .at(a, row)
                .flat()
                .map((x, i) => x * other[i]!);
            }),
          ).flat();
          return [terms.reduce((s, x) => s + x, 0), terms.reduce((s, x) => s + Math.abs(x), 0)];
        };
        const pushed = pushforward(values, moving, u);
        const pulled = pullback(values, moving, v);
        const [left, size] = sum(
          pushed.map((x, i) => [x, v[i]!] as const),
          false,
        );
        const pairs = pulled.map((x, i) => [x, u[i]!] as const);
        const [ofRows] = sum(pairs.slice(0, inputs.length), false);
        const [ofParameters] = sum(pairs.slice(inputs.length), true);
        if (left !== 0) nonzero++;
        expect(Math.abs(left - ofRows - ofParameters)).toBeLessThanOrEqual(1e-10 * size);
      }),
      { numRuns: 150, seed: 30 },
    );
    expect(nonzero).toBeGreaterThan(100);
  });

  test('jvp of the program is what pushing its traced values forward gives', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { program, inputs, outputs, data: plain } = cook(recipe);
        const random = numbers(recipe.seed);
        const tangents = inputs.map((x) => input(`tangent/${x.name}`, x.n, x.k));
        const columns = tangents.map(
          (x) => [x.name, draws(plain.rows * x.k * x.n, between(-1, 1), random)] as const,
        );
        const data = { ...plain, inputs: { ...plain.inputs, ...Object.fromEntries(columns) } };
        const pushed = pushforward(Object.values(outputs), inputs, tangents);
        const named = Object.keys(outputs).map((name, i) => [`tangent/${name}`, pushed[i]!] as const);
        const all = oracleRows({ ...outputs, ...Object.fromEntries(named) }, data);
        const derived = jvp(
          program,
          inputs.map((x) => x.name),
        );
        expectSameRows(oracleRun(derived, data), all, { relative: 1e-10, precision: 'float64' });
      }),
      { numRuns: 60, seed: 31 },
    );
  });
});
