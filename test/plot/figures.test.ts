import { describe, expect, it } from 'vitest';
import { densityFigure, lossFigure, pointsFigure, shortened } from '../../src/plot/index.ts';

const window = { x: [-1, 3], y: [0, 2], xTitle: 'a', yTitle: 'b' } as const;

describe('figures', () => {
  it('place the density: one row of z for each y, x along it', () => {
    const grid = { x: [0, 1, 2], y: [10, 20], density: [1, 2, 3, 4, 5, 6] };
    const { data, layout } = densityFigure(grid, window, 4.5678);
    expect(data[0]).toMatchObject({
      type: 'heatmap',
      x: [0, 1, 2],
      y: [10, 20],
      z: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      zmin: 0,
      zmax: 4.57,
    });
    expect(layout).toMatchObject({ xaxis: { range: [-1, 3] }, yaxis: { range: [0, 2], scaleanchor: 'x' } });
  });

  it('show the first rows as points, two columns of any number', () => {
    const rows = { data: Float64Array.of(1, 2, 9, 3, 4, 9, 5, 6, 9), rows: 3, cols: 3 };
    expect(pointsFigure(rows, window, '#000', 2).data[0]).toMatchObject({ x: [1, 3], y: [2, 4] });
  });

  it('are plain JSON: numbers that are not finite are null', () => {
    expect(shortened([1.23456789, NaN, -Infinity])).toEqual([1.2346, null, null]);
    const grid = { x: [0, 1], y: [0, 1], density: [NaN, 1, 2, 3] };
    const figure = densityFigure(grid, window, 1);
    expect(JSON.parse(JSON.stringify(figure))).toEqual(figure);
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
    expect(validation).toMatchObject({ name: 'ffjord, validation', x: [1000, 2000, 3000, 4000] });
    expect(lossFigure([curve], 'seconds').data[1]).toMatchObject({ x: [100, 200, 300, 400] });
  });

  it('thins long curves and keeps their end', () => {
    const x = lossFigure([curve], 'step').data[0]!['x'] as number[];
    expect(x.length).toBeLessThanOrEqual(1500);
    expect(x.at(-1)).toBe(4000);
  });

  it('is not flattened by a first loss far above the rest', () => {
    const { yaxis } = lossFigure([curve], 'step').layout as { yaxis: { range: [number, number] } };
    expect(yaxis.range[1]).toBeLessThan(4);
    expect(yaxis.range[0]).toBeLessThan(2);
  });
});
