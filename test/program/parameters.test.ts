import { describe, expect, test } from 'vitest';
import { ParameterTable, Scope, modelTables, within } from '../../src/program/index.ts';
import type { Initialiser } from '../../src/program/index.ts';
import { expectRefused } from '../support/refused.ts';

const uniform: Initialiser = (draws, { k, n }) => Float64Array.from({ length: k * n }, () => draws.uniform());
const normal: Initialiser = (draws, { k, n }) => Float64Array.from({ length: k * n }, () => draws.normal());

function tableOf(names: readonly string[]): ParameterTable {
  const table = new ParameterTable('trained');
  for (const name of names) table.declare(name, { k: 2, n: 3 }, uniform);
  return table;
}

describe('a table', () => {
  test('puts arrays one after the other in the order of their declaration', () => {
    const table = new ParameterTable('trained');
    const weight = table.declare('weight', { k: 2, n: 3 }, () => [1, 2, 3, 4, 5, 6]);
    const bias = table.declare('bias', { k: 1, n: 2 }, () => [7, 8]);
    expect(weight).toMatchObject({
      kind: 'parameter',
      store: 'trained',
      offset: 0,
      k: 2,
      n: 3,
      level: 'parameter',
    });
    expect(bias).toMatchObject({ offset: 6, k: 1, n: 2 });
    expect(table.count).toBe(8);
    expect(table.names()).toEqual(['weight', 'bias']);
    expect(table.flat).toEqual(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(table.get('bias')).toEqual({ data: Float64Array.of(7, 8), rows: 1, cols: 2 });
    expect(table.get('weight')).toMatchObject({ rows: 2, cols: 3 });
  });

  test('gives views, so that writing to one changes the model', () => {
    const table = tableOf(['a', 'b']);
    const { data } = table.get('b');
    data.fill(9);
    expect([...table.flat.subarray(6)]).toEqual([9, 9, 9, 9, 9, 9]);
    table.flat[6] = -1;
    expect(data[0]).toBe(-1);
    expect(table.get('b').data[0]).toBe(-1);
  });

  test('sets copies', () => {
    const table = tableOf(['a', 'b']);
    const before = table.get('a').data.slice();
    const numbers = [1, 2, 3, 4, 5, 6];
    table.set('b', numbers);
    numbers[0] = 100;
    expect([...table.get('b').data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(table.get('a').data).toEqual(before);
  });

  test('gives the same value when it is asked again', () => {
    const table = tableOf(['a']);
    const again = table.declare('a', { k: 2, n: 3 }, uniform);
    expect(table.declare('a', { k: 2, n: 3 }, normal)).toBe(again);
    expect(table.count).toBe(6);
  });
});

describe('first values', () => {
  test('depend on the seed and the name, not on the order or on other arrays', () => {
    const [few, many] = [tableOf(['b']), tableOf(['a', 'c', 'b'])];
    const valuesOf = (table: ParameterTable, seed: number): number[] => {
      const at = table.names().indexOf('b') * 6;
      return [...table.initial(seed).subarray(at, at + 6)];
    };
    expect(valuesOf(many, 4)).toEqual(valuesOf(few, 4));
    expect(valuesOf(many, 5)).not.toEqual(valuesOf(few, 4));
    expect(new Set(tableOf(['a', 'b', 'c']).initial(1)).size).toBe(18);
  });

  test('are those of seed 0 until something else is set', () => {
    const table = tableOf(['a']);
    expect(table.flat).toEqual(table.initial(0));
    expect(table.flat).toBe(table.flat);
    // Asking for first values does not change the model.
    table.set('a', [1, 2, 3, 4, 5, 6]);
    table.initial(7);
    expect([...table.flat]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('may be uniform or normal', () => {
    const table = new ParameterTable('trained');
    table.declare('u', { k: 20, n: 50 }, uniform);
    table.declare('n', { k: 20, n: 50 }, normal);
    const [u, n] = [table.get('u').data, table.get('n').data] as [Float64Array, Float64Array];
    const mean = (x: Float64Array): number => x.reduce((sum, value) => sum + value, 0) / x.length;
    expect(u.every((x) => x > 0 && x < 1)).toBe(true);
    expect(mean(u)).toBeCloseTo(0.5, 1);
    expect(mean(n)).toBeCloseTo(0, 0);
    expect(mean(n.map((x) => x * x))).toBeCloseTo(1, 0);
  });

  test('must be as many as the array holds', () => {
    const table = new ParameterTable('trained');
    table.declare('w', { k: 2, n: 2 }, () => [1, 2, 3]);
    table.declare('b', { k: 1, n: 2 }, () => [1, 2]);
    expectRefused(() => table.flat, 'shape-mismatch', /'w' holds \[2, 2\] = 4 numbers; got 3/);
  });
});

describe('misuse', () => {
  test('names that are not there', () => {
    const table = tableOf(['layer.0.weight', 'layer.0.bias']);
    const message =
      /Unknown parameter 'layer\.0\.weigth'\. Did you mean 'layer\.0\.weight'\? Known: layer\.0\.weight, layer\.0\.bias\./;
    expectRefused(() => table.get('layer.0.weigth'), 'unknown-name', message);
    expectRefused(() => table.set('layer.0.weigth', []), 'unknown-name', message);
  });

  test('another number of values', () => {
    const table = tableOf(['a']);
    expectRefused(
      () => table.set('a', [1, 2]),
      'shape-mismatch',
      /^Parameter 'a' holds \[2, 3\] = 6 numbers; got 2\.$/,
    );
  });

  test('another shape', () => {
    const table = tableOf(['a']);
    const ask = () => within('block.2', () => table.declare('a', { k: 3, n: 2 }, uniform));
    expectRefused(
      ask,
      'shape-mismatch',
      /^Parameter 'a' in block\.2 is \[2, 3\]; it was asked for as \[3, 2\]\.$/,
    );
  });

  test('an array that comes after the values', () => {
    const table = tableOf(['a']);
    expect(table.flat).toHaveLength(6);
    expectRefused(
      () => table.declare('b', { k: 1, n: 1 }, uniform),
      'unknown-name',
      /^Parameter 'b' was not there when the model was made\.$/,
    );
    // What was there still is.
    expect(table.declare('a', { k: 2, n: 3 }, uniform).offset).toBe(0);
  });
});

describe('scopes', () => {
  test('put their path before names, in the table of what is trained or not', () => {
    const tables = modelTables();
    const scope = new Scope(tables).at('cnf.0').at('').at('layer');
    expect(scope.path).toBe('cnf.0.layer');
    scope.parameter('weight', { k: 2, n: 2 }, uniform);
    scope.state('mean', { k: 1, n: 2 }, () => [0, 0]);
    new Scope(tables).parameter('scale', { k: 1, n: 1 }, () => [1]);
    expect(tables.trained.names()).toEqual(['cnf.0.layer.weight', 'scale']);
    expect(tables.state.names()).toEqual(['cnf.0.layer.mean']);
    expect(scope.parameter('weight', { k: 2, n: 2 }, uniform)).toMatchObject({ store: 'trained', offset: 0 });
    expect(scope.state('mean', { k: 1, n: 2 }, uniform)).toMatchObject({ store: 'state', offset: 0 });
  });
});

describe('a part of a table', () => {
  const whole = new ParameterTable('trained', 3);
  const parts = {
    left: whole.part('left'),
    inner: whole.part('left').part('inner'),
    right: whole.part('right'),
  };
  for (const part of Object.values(parts)) part.declare('weight', { k: 1, n: 2 }, normal);
  whole.declare('leftover', { k: 1, n: 1 }, normal);

  test('puts its name before those of its arrays', () => {
    expect(whole.names()).toEqual(['left.weight', 'left.inner.weight', 'right.weight', 'leftover']);
    expect(parts.left.names()).toEqual(['weight', 'inner.weight']);
    expect(parts.inner.names()).toEqual(['weight']);
    expect(parts.left.declare('weight', { k: 1, n: 2 }, normal)).toBe(
      whole.declare('left.weight', { k: 1, n: 2 }, normal),
    );
  });

  test('lies in the flat array of the whole', () => {
    expect(parts.right.flat).toBe(whole.flat);
    expect(parts.right.count).toBe(7);
    parts.right.set('weight', [5, 6]);
    expect(whole.get('right.weight').data).toEqual(Float64Array.of(5, 6));
    expect(parts.right.viewIn(whole.flat, 'weight')).toEqual(Float64Array.of(5, 6));
    expect(parts.right.shape('weight')).toEqual({ k: 1, n: 2 });
  });

  test('has first values of its own', () => {
    const first = whole.initial(3);
    expect(first.slice(0, 2)).not.toEqual(first.slice(2, 4));
  });

  test('refuses a name of another part', () => {
    expectRefused(() => parts.right.get('inner.weight'), 'unknown-name', /Unknown parameter 'inner.weight'/);
  });
});
