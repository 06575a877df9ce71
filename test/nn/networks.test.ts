import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../src/engine/index.ts';
import { activations, filled, linear, mlp, ones, uniformWithin, zeros } from '../../src/nn/index.ts';
import type { Activate } from '../../src/nn/index.ts';
import { Program, Scope, input, modelTables } from '../../src/program/index.ts';
import type { ModelTables, Value } from '../../src/program/index.ts';
import { normal, uniform } from '../../src/random/index.ts';
import { expectClose, normalRows } from '../flow/rows.ts';

async function outputsOf(
  tables: ModelTables,
  build: (x: Value) => Value,
  rows: number[][],
): Promise<Float64Array> {
  const x = input('x', rows[0]!.length);
  const program = new Program('network', [x], { y: build(x) });
  const parameters = { trained: tables.trained.flat, state: tables.state.flat };
  const engine = chooseEngine('reference');
  return (await engine.run(program, parameters, rows.length, { x: Float64Array.from(rows.flat()) }))['y']!;
}

describe('linear', () => {
  it('is x W^T + b, with W [outputs, inputs]', async () => {
    const tables = modelTables();
    const build = (x: Value): Value => linear(new Scope(tables, 'net'), x, 2);
    const x = input('x', 3);
    build(x);
    tables.trained.set('net.weight', [1, 2, 3, 4, 5, 6]);
    tables.trained.set('net.bias', [0.5, -0.5]);
    expect([
      ...(await outputsOf(tables, build, [
        [1, 0, 0],
        [1, 1, 1],
      ])),
    ]).toEqual([1.5, 3.5, 6.5, 14.5]);
    expect(tables.trained.names()).toEqual(['net.weight', 'net.bias']);
  });

  it('has no bias when none is wanted', async () => {
    const tables = modelTables();
    const y = await outputsOf(tables, (x) => linear(new Scope(tables), x, 2, { bias: false }), [[0, 0]]);
    expect([...y]).toEqual([0, 0]);
    expect(tables.trained.names()).toEqual(['weight']);
  });

  it('begins uniform within 1 / sqrt(inputs)', () => {
    const tables = modelTables(5);
    linear(new Scope(tables), input('x', 16), 100);
    for (const name of ['weight', 'bias']) {
      const values = [...tables.trained.get(name).data];
      expect(Math.max(...values.map(Math.abs))).toBeLessThan(0.25);
      expect(Math.max(...values)).toBeGreaterThan(0.2);
      expect(Math.min(...values)).toBeLessThan(-0.2);
    }
  });
});

describe('mlp', () => {
  it('puts the activation between the layers, not after the last', async () => {
    const tables = modelTables(1);
    const build = (x: Value): Value =>
      mlp(new Scope(tables, 'm'), x, { hidden: [3, 2], outputs: 2, activation: 'relu' });
    const rows = [
      [0.3, -0.8],
      [2, 1],
      [-1, -1],
    ];
    const y = await outputsOf(tables, build, rows);
    const names = tables.trained.names();
    expect(names).toEqual([0, 1, 2].flatMap((i) => [`m.layers.${i}.weight`, `m.layers.${i}.bias`]));
    const get = (name: string): ArrayLike<number> => tables.trained.get(name).data;
    const layer = (i: number, h: number[]): number[] =>
      Array.from(get(`m.layers.${i}.bias`), (bias, j) =>
        h.reduce((sum, value, k) => sum + value * get(`m.layers.${i}.weight`)[j * h.length + k]!, bias),
      );
    const relu = (value: number): number => Math.max(0, value);
    const expected = rows.flatMap((row) => layer(2, layer(1, layer(0, row).map(relu)).map(relu)));
    expectClose(y, expected, 1e-15);
    expect(Math.min(...y)).toBeLessThan(0);
  });

  it('gives its last layer what it is told', () => {
    const tables = modelTables();
    const last = { initialise: zeros, bias: false };
    mlp(new Scope(tables), input('x', 2), { hidden: [3], outputs: 2, activation: 'tanh', last });
    expect(tables.trained.names()).toEqual(['layers.0.weight', 'layers.0.bias', 'layers.1.weight']);
    expect(tables.trained.get('layers.1.weight').data).toEqual(new Float64Array(6));
  });

  it('without hidden layers is one linear layer', () => {
    const tables = modelTables();
    mlp(new Scope(tables), input('x', 2), { hidden: [], outputs: 2, activation: 'tanh' });
    expect(tables.trained.names()).toEqual(['layers.0.weight', 'layers.0.bias']);
  });
});

describe('activations', () => {
  it.each([
    ['tanh', Math.tanh],
    ['softplus', (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
    ['relu', (x: number) => Math.max(x, 0)],
    ['elu', (x: number) => (x > 0 ? x : Math.expm1(x))],
    ['square', (x: number) => x * x],
    ['sin', Math.sin],
    ['identity', (x: number) => x],
    // beta is 1 at first
    ['swish', (x: number) => x / (1 + Math.exp(-x))],
  ] as const)('%s', async (name, expected) => {
    const values = [...normalRows(50, 1, 1, 3).data, 0, 40, -40, 800, -800];
    const tables = modelTables();
    const activate: Activate = activations[name];
    const build = (x: Value): Value => activate(x, new Scope(tables));
    build(input('x', 1));
    const y = await outputsOf(
      tables,
      build,
      values.map((value) => [value]),
    );
    expectClose(y, values.map(expected), 1e-14);
  });

  it('gelu is x times the normal distribution function', async () => {
    const tables = modelTables();
    const build = (x: Value): Value => activations.gelu(x);
    const y = await outputsOf(tables, build, [[0], [1], [-1], [2.5], [40], [-40]]);
    const expected = [0, 0.8413447460685429, -0.15865525393145707, 2.4844758366855087, 40, 0];
    expectClose(y, expected, 1e-12);
  });

  it('swish learns its beta', async () => {
    const tables = modelTables();
    const build = (x: Value): Value => activations.swish(x, new Scope(tables, 'a'));
    build(input('x', 1));
    expect(tables.trained.names()).toEqual(['a.beta']);
    tables.trained.set('a.beta', [-2]);
    expectClose(
      await outputsOf(tables, build, [[0.5], [-3]]),
      [0.5 / (1 + Math.E), -3 / (1 + Math.exp(-6))],
      1e-14,
    );
  });

  it('are those', () => {
    expect(Object.keys(activations)).toEqual([
      'tanh',
      'softplus',
      'elu',
      'relu',
      'swish',
      'square',
      'sin',
      'gelu',
      'identity',
    ]);
  });
});

describe('initialisers', () => {
  let index = 0;
  const draws = { uniform: () => uniform(1, 2, index++), normal: () => normal(1, 2, index++) };
  const shape = { k: 3, n: 2 };

  it.each([
    [zeros, 0],
    [ones, 1],
    [filled(0.3), 0.3],
  ])('fill the shape (%#)', (initialise, value) => {
    expect(initialise(draws, shape)).toEqual(new Float64Array(6).fill(value));
  });

  it('uniformWithin fills (-bound, bound)', () => {
    const values = Array.from(uniformWithin(2)(draws, { k: 100, n: 20 }));
    expect(values).toHaveLength(2000);
    expect(Math.max(...values.map(Math.abs))).toBeLessThan(2);
    expect(Math.abs(values.reduce((a, b) => a + b) / 2000)).toBeLessThan(4 * Math.sqrt(4 / 3 / 2000));
    expect(Math.abs(values.reduce((a, b) => a + b * b, 0) / 2000 - 4 / 3)).toBeLessThan(0.12);
  });
});
