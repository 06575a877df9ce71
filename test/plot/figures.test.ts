import { describe, expect, it } from 'vitest';
import {
  costFigure,
  densityFigure,
  evaluationsFigure,
  lossFigure,
  marginalsFigure,
  packed,
  pointsFigure,
  signedFigure,
} from '../../src/plot/index.ts';
import type { NumberArray } from '../../src/plot/index.ts';

/** The numbers of a packed array. */
function numbers(array: unknown): number[] {
  const bytes = Buffer.from((array as NumberArray).bdata, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

const window = { x: [-1, 3], y: [0, 2], xTitle: 'a', yTitle: 'b' } as const;

describe('figures', () => {
  it('place the density: one row of z for each y, x along it', () => {
    const grid = { x: [0, 1, 2], y: [10, 20], density: [1, 2, 3, 4, 5, 6] };
    const { data, layout } = densityFigure(grid, window, 4.5678);
    expect(data[0]).toMatchObject({ type: 'heatmap', zmin: 0, zmax: 4.57, z: { dtype: 'f4', shape: '2,3' } });
    expect(numbers(data[0]!['x'])).toEqual([0, 1, 2]);
    expect(numbers(data[0]!['y'])).toEqual([10, 20]);
    expect(numbers(data[0]!['z'])).toEqual([1, 2, 3, 4, 5, 6]);
    expect(layout).toMatchObject({ xaxis: { range: [-1, 3] }, yaxis: { range: [0, 2], scaleanchor: 'x' } });
  });

  it('leave out lines of a grid that is finer than can be seen', () => {
    const side = Array.from({ length: 321 }, (_, i) => i);
    const density = side.flatMap((y) => side.map((x) => x + y / 1000));
    const [map] = signedFigure({ x: side, y: side, density }, window, 2).data;
    expect(map).toMatchObject({ zmin: -2, zmax: 2, z: { shape: '107,107' } });
    expect(numbers(map!['x']).slice(0, 3)).toEqual([0, 3, 6]);
    expect(numbers(map!['z']).at(-1)).toBeCloseTo(318.318, 3);
  });

  it('show rows as points by their first two columns', () => {
    const rows = { data: Float64Array.of(1, 2, 9, 3, 4, 9, 5, 6, 9), rows: 3, cols: 3 };
    const [trace] = pointsFigure(rows, window, '#000').data;
    expect([numbers(trace!['x']), numbers(trace!['y'])]).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
  });

  it('show columns in pairs, data below samples', () => {
    const data = { data: Float64Array.of(1, 2, 3, 4, 5, 6), rows: 2, cols: 3 };
    const samples = { data: Float64Array.of(7, 8, 9), rows: 1, cols: 3 };
    const columns = [0, 2].map((index) => ({ index, title: `c${index}`, range: [0, 10] as const }));
    const { data: traces, layout } = marginalsFigure(data, samples, columns, '#123456');
    expect(traces.map(({ type, name, xaxis }) => [type, name, xaxis])).toEqual([
      ['histogram', 'data', 'x'],
      ['histogram', 'samples', 'x'],
      ['scatter', 'data', 'x2'],
      ['scatter', 'samples', 'x2'],
      ['histogram', 'data', 'x3'],
      ['histogram', 'samples', 'x3'],
    ]);
    expect(numbers(traces[2]!['x'])).toEqual([1, 4]);
    expect(numbers(traces[2]!['y'])).toEqual([3, 6]);
    expect(numbers(traces[5]!['x'])).toEqual([9]);
    expect(layout['xaxis2']).toMatchObject({ title: { text: 'c0' }, range: [0, 10] });
    expect(layout['yaxis2']).toMatchObject({ title: { text: 'c2' } });
  });

  it('pack numbers as float32, and what is not finite as NaN', () => {
    const array = packed([1.5, NaN, -Infinity, 3], [2, 2]);
    expect(array).toMatchObject({ dtype: 'f4', shape: '2,2' });
    expect(numbers(array)).toEqual([1.5, NaN, NaN, 3]);
    expect(numbers(packed(Array.from({ length: 5000 }, (_, i) => i)))).toHaveLength(5000);
  });

  it('put costs on a logarithmic axis with room around them', () => {
    const point = { name: 'ffjord', colour: '#000', cost: 10, quality: -2, error: 0.1 };
    const { data, layout } = costFigure([point, { ...point, cost: 1000, quality: -3 }], 'seconds', 'nats');
    expect(layout['xaxis']).toMatchObject({ type: 'log', range: [0.6, 3.4] });
    expect(data[0]).toMatchObject({ x: [10], y: [-2], error_y: { array: [0.2] } });
  });
});

describe('lossFigure', () => {
  const points = Array.from({ length: 4000 }, (_, i) => ({
    step: i + 1,
    seconds: (i + 1) / 10,
    loss: i === 0 ? 1e9 : 3 - i / 4000,
    ...((i + 1) % 1000 === 0 ? { validation: 2.5 - i / 8000 } : {}),
  }));
  const curve = { name: 'ffjord', colour: '#123456', points };

  it('draws training and validation against steps or seconds', () => {
    const [training, validation] = lossFigure([curve], 'step').data;
    expect(training).toMatchObject({ name: 'ffjord, training', line: { color: '#123456' } });
    expect(validation).toMatchObject({ name: 'ffjord, validation' });
    expect(numbers(validation!['x'])).toEqual([1000, 2000, 3000, 4000]);
    expect(numbers(lossFigure([curve], 'seconds').data[1]!['x'])).toEqual([100, 200, 300, 400]);
  });

  it('thins long curves and keeps their end', () => {
    const x = numbers(lossFigure([curve], 'step').data[0]!['x']);
    expect(x.length).toBeLessThanOrEqual(1500);
    expect(x.at(-1)).toBe(4000);
  });

  it('is not flattened by a first loss far above the rest', () => {
    const { yaxis } = lossFigure([curve], 'step').layout as { yaxis: { range: [number, number] } };
    expect(yaxis.range[1]).toBeLessThan(4);
    expect(yaxis.range[0]).toBeLessThan(2);
  });

  it('draws evaluations where there are some', () => {
    const some = points.slice(0, 3).map((point, i) => (i === 1 ? point : { ...point, nfe: 14 + i }));
    const { data } = evaluationsFigure([{ ...curve, points: some }]);
    expect([numbers(data[0]!['x']), numbers(data[0]!['y'])]).toEqual([
      [1, 3],
      [14, 16],
    ]);
  });
});
