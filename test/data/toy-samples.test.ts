import { describe, expect, it } from 'vitest';
import { LiouvilleError } from '../../src/errors.ts';
import { toy, toyEntropy, toyLogDensity, toyNames } from '../../src/data/index.ts';
import type { Matrix } from '../../src/matrix.ts';

const COUNT = 20_000;
/** The densities that take tens of microseconds a point are asked for fewer of them. */
const SLOW = new Set(['pinwheel', '2spirals']);

describe.each(toyNames)('samples of %s', (name) => {
  const sample = toy[name]!(COUNT, { seed: 3 });

  it('are rows of two finite doubles', () => {
    expect(sample.data).toBeInstanceOf(Float64Array);
    expect([sample.rows, sample.cols, sample.data.length]).toEqual([COUNT, 2, 2 * COUNT]);
    expect(sample.data.every(Number.isFinite)).toBe(true);
  });

  it('have the entropy of their density', () => {
    const rows = SLOW.has(name) ? 5000 : COUNT;
    const losses = Array.from({ length: rows }, (_, i) => -toyLogDensity[name]!(...point(sample, i)));
    const mean = losses.reduce((a, b) => a + b) / rows;
    const variance = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / rows;
    // Where all points are equally likely nothing is left but rounding.
    expect(Math.abs(mean - toyEntropy[name]!)).toBeLessThan(3.3 * Math.sqrt(variance / rows) + 1e-9);
  });

  it('fall into the cells of a grid as often as their density says', () => {
    const observed = countCells(sample);
    let chiSquare = 0;
    let cells = 0;
    let expectedInside = 0;
    for (let cell = 0; cell < CELLS * CELLS; cell++) {
      const expected = COUNT * massOfCell(toyLogDensity[name]!, cell, fineOf(name));
      if (expected < 10) continue;
      chiSquare += (observed[cell]! - expected) ** 2 / expected;
      expectedInside += expected;
      cells += 1;
    }
    // The cells that are compared hold nearly all of the mass; their statistic is nearly normal.
    expect(expectedInside).toBeGreaterThan(0.9 * COUNT);
    expect(Math.abs(chiSquare - cells) / Math.sqrt(2 * cells)).toBeLessThan(3.5);
  });

  it('are fixed by the seed, row by row', () => {
    expect(toy[name]!(100, { seed: 3 }).data).toEqual(sample.data.slice(0, 200));
    expect(toy[name]!(2).data).toEqual(toy[name]!(2, { seed: 0 }).data);
    expect(toy[name]!(2, { seed: 4 }).data).not.toEqual(sample.data.slice(0, 4));
  });
});

describe('toy', () => {
  it('knows the names of the FFJORD code, and the word', () => {
    expect(toyNames.toSorted()).toEqual([
      '2spirals',
      '8gaussians',
      'checkerboard',
      'circles',
      'moons',
      'pinwheel',
      'rings',
      'siggraph',
      'swissroll',
    ]);
    for (const table of [toy, toyEntropy, toyLogDensity]) expect(Object.keys(table)).toEqual(toyNames);
  });

  it('draws no rows when asked for none', () => {
    expect(toy['moons']!(0)).toEqual({ data: new Float64Array(0), rows: 0, cols: 2 });
  });

  it.each([-1, 1.5, NaN])('refuses to draw %d rows', (count) => {
    expect(() => toy['moons']!(count)).toThrow(LiouvilleError);
    expect(() => toy['moons']!(count)).toThrow(/^count must be a non-negative integer; got/);
  });

  it('refuses a seed that is none', () => {
    expect(() => toy['moons']!(1, { seed: -1 })).toThrow(
      /^seed must be an integer from 0 to 2\^53 - 1; got -1\.$/,
    );
  });
});

/** The grid covers [-4.5, 4.5] in both directions. */
const CELLS = 18;
const CELL = 0.5;
const EDGE = 4.5;
/** Midpoints per cell and direction: about as far apart as the blur is wide, 0.05 for the word and 0.08 for rings. */
const fineOf = (name: string) => (name === 'siggraph' ? 10 : 6);

function countCells(sample: Matrix): Float64Array {
  const counts = new Float64Array(CELLS * CELLS);
  for (let i = 0; i < sample.rows; i++) {
    const [column, row] = point(sample, i).map((value) => Math.floor((value + EDGE) / CELL)) as [
      number,
      number,
    ];
    if (column >= 0 && column < CELLS && row >= 0 && row < CELLS) counts[row * CELLS + column]! += 1;
  }
  return counts;
}

function massOfCell(logDensity: (x: number, y: number) => number, cell: number, fine: number): number {
  const left = (cell % CELLS) * CELL - EDGE;
  const lower = Math.floor(cell / CELLS) * CELL - EDGE;
  const step = CELL / fine;
  let sum = 0;
  for (let i = 0; i < fine; i++) {
    for (let j = 0; j < fine; j++) {
      sum += Math.exp(logDensity(left + (i + 0.5) * step, lower + (j + 0.5) * step));
    }
  }
  return sum * step * step;
}

function point(sample: Matrix, i: number): [number, number] {
  return [sample.data[2 * i]!, sample.data[2 * i + 1]!];
}
