import { describe, expect, test } from 'vitest';

import {
  findTableau,
  isExplicit,
  interpolantConditions,
  orderConditions,
  solverNames,
  tableau,
  tableaus,
} from '../../src/ode/index.ts';
import type { Tableau, TableauData } from '../../src/ode/index.ts';
import { rootedTrees } from '../../src/ode/rooted-trees.ts';

/** Two units in the last place of the sum of absolute terms. */
const ROUNDING = 2 * Number.EPSILON;

const REFUSED = /row sum|condition of order|does not end in/;

/** A condition that is missed in earnest. Relative to large terms that cancel, it may be a small number. */
const MISSED = 1e-9;

const list = Object.values(tableaus);

/** The data from which a tableau can be made again. */
function dataOf(method: Tableau): TableauData {
  const { name, order, stages, reference } = method;
  const row = (i: number) => Array.from(method.a.slice(i * stages, (i + 1) * stages));
  const { interpolant } = method;
  const data: TableauData = {
    name,
    order,
    c: Array.from(method.c),
    a: Array.from({ length: stages }, (_, i) => row(i)),
    b: Array.from(method.b),
    interpolant: {
      order: interpolant.order,
      c: Array.from(interpolant.c),
      a: interpolant.a.map((further) => Array.from(further)),
      weights: Array.from(interpolant.weights[0]!, (_, i) => interpolant.weights.map((power) => power[i]!)),
    },
    reference,
  };
  if (method.bError === null || method.embeddedOrder === null) return data;
  const bEmbedded = data.b.map((weight, i) => weight - method.bError![i]!);
  const pair = { ...data, embeddedOrder: method.embeddedOrder, bEmbedded };
  if (method.bCorrection === null) return pair;
  const weights = data.b.map((weight, i) => weight - method.bCorrection![i]!);
  return { ...pair, correction: { order: 3, b: weights } };
}

function largestResidual(method: Tableau, weights: ArrayLike<number>, order: number): number {
  return Math.max(...orderConditions(method.a, weights, method.c, order).map((one) => one.residual));
}

describe('rooted trees', () => {
  const trees = rootedTrees(8);

  test('as many of each order as there are (OEIS A000081)', () => {
    const counts = Array.from({ length: 8 }, (_, i) => trees.filter((tree) => tree.order === i + 1).length);
    expect(counts).toEqual([1, 1, 2, 4, 9, 20, 48, 115]);
  });

  test('densities of the trees up to order 5 (Hairer, Norsett, Wanner I, table II.2.1)', () => {
    const densities = [1, 2, 3, 4, 5].map((order) =>
      trees
        .filter((tree) => tree.order === order)
        .map((tree) => tree.density)
        .sort((p, q) => p - q),
    );
    expect(densities).toEqual([[1], [2], [3, 6], [4, 8, 12, 24], [5, 10, 15, 20, 20, 30, 40, 60, 120]]);
  });

  test('the formulas name the sums', () => {
    const { a, b, c } = tableaus.dopri5;
    const formulas = orderConditions(a, b, c, 4).map((condition) => condition.text);
    expect(new Set(formulas)).toEqual(
      new Set([
        'sum of b_i = 1',
        'sum of b_i c_i = 1/2',
        'sum of b_i c_i^2 = 1/3',
        'sum of b_i a_ij c_j = 1/6',
        'sum of b_i c_i^3 = 1/4',
        'sum of b_i c_i a_ij c_j = 1/8',
        'sum of b_i a_ij c_j^2 = 1/12',
        'sum of b_i a_ij a_jk c_k = 1/24',
      ]),
    );
  });
});

describe.each(list)('$name', (method) => {
  const { name, order, stages, a, b, c, bError } = method;
  const A = (i: number, j: number) => a[i * stages + j]!;
  const sum = (term: (i: number) => number) => {
    let total = 0;
    for (let i = 0; i < stages; i++) total += term(i);
    return total;
  };
  const bEmbedded = bError?.map((weight, i) => b[i]! - weight);

  test('is listed under its name and cites its source', () => {
    expect(tableaus[name]).toBe(method);
    expect(findTableau(name)).toBe(method);
    expect(method.reference).toMatch(/\d{4}/);
  });

  test('row sums', () => {
    for (let i = 0; i < stages; i++) {
      const size = sum((j) => Math.abs(A(i, j))) + Math.abs(c[i]!);
      expect(Math.abs(sum((j) => A(i, j)) - c[i]!)).toBeLessThanOrEqual(ROUNDING * size);
    }
  });

  test('fulfils the order conditions of its order, and not those of the next', () => {
    expect(largestResidual(method, b, order)).toBeLessThan(ROUNDING);
    expect(largestResidual(method, b, order + 1)).toBeGreaterThan(MISSED);
  });

  // Written out by hand, as a witness for the trees.
  test('fulfils the seventeen conditions up to order 5 as the books print them', () => {
    const ac = (power: number) => (i: number) => sum((j) => A(i, j) * c[j]! ** power);
    const aac = (power: number) => (i: number) => sum((j) => A(i, j) * ac(power)(j));
    const conditions: [order: number, expected: number, term: (i: number) => number][] = [
      [1, 1, () => 1],
      [2, 1 / 2, (i) => c[i]!],
      [3, 1 / 3, (i) => c[i]! ** 2],
      [3, 1 / 6, ac(1)],
      [4, 1 / 4, (i) => c[i]! ** 3],
      [4, 1 / 8, (i) => c[i]! * ac(1)(i)],
      [4, 1 / 12, ac(2)],
      [4, 1 / 24, aac(1)],
      [5, 1 / 5, (i) => c[i]! ** 4],
      [5, 1 / 10, (i) => c[i]! ** 2 * ac(1)(i)],
      [5, 1 / 15, (i) => c[i]! * ac(2)(i)],
      [5, 1 / 30, (i) => c[i]! * aac(1)(i)],
      [5, 1 / 20, (i) => ac(1)(i) ** 2],
      [5, 1 / 20, ac(3)],
      [5, 1 / 40, (i) => sum((j) => A(i, j) * c[j]! * ac(1)(j))],
      [5, 1 / 60, aac(2)],
      [5, 1 / 120, (i) => sum((j) => A(i, j) * aac(1)(j))],
    ];
    const residuals = conditions
      .filter(([level]) => level <= order)
      .map(([, expected, term]) => Math.abs(sum((i) => b[i]! * term(i)) - expected));
    expect(residuals).toHaveLength([1, 2, 4, 8, 17][Math.min(order, 5) - 1]!);
    // Weights as large as 2e3 round by as much more.
    const size = Math.max(1, ...b.map(Math.abs)) * Math.max(1, ...a.map(Math.abs));
    expect(Math.max(...residuals)).toBeLessThan(1e-14 * size);
  });

  test('made again from its own data it is the same', () => {
    const again = tableau(dataOf(method));
    expect(again.fsal).toBe(method.fsal);
    expect(again.a).toEqual(a);
    expect(again.b).toEqual(b);
  });

  test('any coefficient that is wrong by 1e-9 is refused', () => {
    const mutants: TableauData[] = [];
    const mutate = (change: (data: TableauData) => void) => {
      const data = structuredClone(dataOf(method));
      change(data);
      mutants.push(data);
    };
    for (const wrong of [1e-9, -1e-9]) {
      for (let i = 0; i < stages; i++) {
        mutate((data) => (data.c[i]! += wrong));
        mutate((data) => (data.b[i]! += wrong));
        if (bEmbedded !== undefined) mutate((data) => (data.bEmbedded![i]! += wrong));
        for (let j = 0; j < i; j++) mutate((data) => (data.a[i]![j]! += wrong));
        if (method.bCorrection !== null) mutate((data) => (data.correction!.b[i]! += wrong));
      }
      method.interpolant.c.forEach((_, i) => mutate((data) => (data.interpolant!.c[i]! += wrong)));
      method.interpolant.a.forEach((row, i) =>
        row.forEach((_, j) => mutate((data) => (data.interpolant!.a[i]![j]! += wrong))),
      );
      // One digit: relative to the number where that is large.
      method.interpolant.weights.forEach((weights, power) =>
        weights.forEach((weight, i) =>
          mutate((data) => (data.interpolant!.weights[i]![power]! += wrong * Math.max(1, Math.abs(weight)))),
        ),
      );
    }
    expect(mutants.length).toBeGreaterThanOrEqual(4 * stages);
    for (const mutant of mutants) expect(() => tableau(mutant)).toThrow(REFUSED);
  });

  // The row sums stay right, so that nothing but the conditions can tell.
  test('two coefficients of a row that are wrong by 1e-9 each are refused', () => {
    for (let i = 2; i < stages; i++) {
      const used = Array.from({ length: i }, (_, j) => j).filter((j) => A(i, j) !== 0);
      const [first, second] = [used.at(0)!, used.at(-1)!];
      if (first === second) continue;
      const data = structuredClone(dataOf(method));
      data.a[i]![first]! += 1e-9;
      data.a[i]![second]! -= 1e-9;
      expect(() => tableau(data), `row ${i}`).toThrow(/condition of order/);
    }
  });

  test('the interpolant fulfils the conditions of its order in every power, and not those of the next', () => {
    const { interpolant } = method;
    const data = dataOf(method);
    const rows = [...data.a, ...data.interpolant!.a];
    const total = rows.length;
    const square = new Float64Array(total * total);
    rows.forEach((row, i) => square.set(row, i * total));
    const nodes = [...data.c, ...data.interpolant!.c];
    const worst = (upTo: number) =>
      Math.max(...interpolantConditions(square, interpolant.weights, nodes, upTo).map((one) => one.residual));
    expect(worst(interpolant.order)).toBeLessThan(ROUNDING);
    expect(worst(interpolant.order + 1)).toBeGreaterThan(MISSED);
  });
});

const pairs = list.filter((method) => method.bError !== null);

test.each(pairs)(
  '$name: the embedded solution fulfils the conditions of its order, and not the next',
  (method) => {
    const bEmbedded = method.b.map((weight, i) => weight - method.bError![i]!);
    const order = method.embeddedOrder!;
    expect(largestResidual(method, bEmbedded, order)).toBeLessThan(ROUNDING);
    expect(largestResidual(method, bEmbedded, order + 1)).toBeGreaterThan(MISSED);
  },
);

test('stages and first same as last are derived', () => {
  expect(list.map(({ name, stages, fsal }) => [name, stages, fsal])).toEqual([
    ['dopri5', 7, true],
    ['tsit5', 7, true],
    ['bosh3', 4, true],
    ['fehlberg45', 6, false],
    ['cashkarp', 6, false],
    ['vern6', 9, true],
    ['vern7', 10, false],
    ['dop853', 12, false],
    ['vern8', 13, false],
    ['vern9', 16, false],
    ['heun2', 2, false],
    ['ralston', 2, false],
    ['rk4', 4, false],
    ['kutta38', 4, false],
    ['heun3', 3, false],
    ['midpoint', 2, false],
    ['euler', 1, false],
  ]);
});

describe('what is not a tableau is refused with the reason', () => {
  const heun: TableauData = {
    name: 'heun',
    order: 2,
    embeddedOrder: 1,
    c: [0, 1],
    a: [[], [1]],
    b: [1 / 2, 1 / 2],
    bEmbedded: [1, 0],
    reference: 'K. Heun, 1900',
  };

  test('the sound one passes', () => {
    expect(tableau(heun)).toMatchObject({ name: 'heun', stages: 2, fsal: false, embeddedOrder: 1 });
  });

  const cases: [what: string, change: Partial<TableauData>, message: RegExp][] = [
    ['too high an order', { order: 3 }, /'heun'.*condition of order 3 'sum of b_i c_i\^2 = 1\/3' fails/],
    ['too high an embedded order', { embeddedOrder: 2 }, /order 2 'sum of bEmbedded_i c_i = 1\/2' fails/],
    ['an implicit method', { a: [[], [1 / 2, 1 / 2]] }, /a\[1\]\[1\] = 0\.5 is not below the diagonal/],
    ['a wrong row sum', { c: [0, 0.9] }, /row sum 1 of a is 1; expected c\[1\] = 0\.9/],
    ['a first node other than zero', { c: [0.1, 1] }, /row sum 0 of a is 0/],
    ['a missing row', { a: [[1]] }, /a has 1 rows/],
    ['a row that is too long', { a: [[], [1, 0, 0]] }, /row 1 of a has 3 entries/],
    ['a missing weight', { b: [1] }, /b has 1 entries; expected one for each of 2 stages/],
    ['a weight that is NaN', { b: [1, NaN] }, /b has an entry that is not a finite number/],
    ['no stages', { c: [], a: [], b: [], bEmbedded: [] }, /c is empty/],
    ['equal solutions', { bEmbedded: [1 / 2, 1 / 2] }, /every error estimate would be zero/],
    ['a correction of as high an order', { correction: { order: 1, b: [1, 0] } }, /less than embeddedOrder/],
    [
      'an interpolant that ends elsewhere',
      { interpolant: { order: 1, c: [], a: [], weights: [[1], []] } },
      /does not end in y_\{n\+1\}/,
    ],
    [
      'an interpolant of too high an order',
      { interpolant: { order: 2, c: [], a: [], weights: [[0.5], [0.5]] } },
      /condition of order 2 'sum of \[theta\^1\] b_i c_i = 0' fails/,
    ],
    ['order 0', { order: 0 }, /order = 0; expected an integer >= 1/],
  ];
  test.each(cases)('%s', (_what, change, message) => {
    expect(() => tableau({ ...heun, ...change })).toThrow(message);
    expect(() => tableau({ ...heun, ...change })).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  });

  test('an embedded solution without its order', () => {
    const { embeddedOrder: _, ...rest } = heun;
    expect(() => tableau(rest)).toThrow(/must be given together/);
  });
});

test('an unknown name is answered with the nearest', () => {
  expect(() => findTableau('dopri')).toThrow(/Unknown explicit solver 'dopri'. Did you mean 'dopri5'\?/);
  expect(() => findTableau('constructor')).toThrow(expect.objectContaining({ code: 'unknown-name' }));
});

test.each(['odex', 'adams', 'rodas5p', 'kvaerno5'])('%s has no tableau, and that is said', (name) => {
  expect(() => findTableau(name)).toThrow(/^Unknown explicit solver '.*'\. Known: dopri5/);
  expect(isExplicit(name)).toBe(false);
  expect(solverNames).toContain(name);
});
