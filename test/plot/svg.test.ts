import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { densityFigure, packed, sideBySide, svgOf } from '../../src/plot/index.ts';
import type { Figure } from '../../src/plot/index.ts';

const window = { x: [-1, 1], y: [-1, 1], xTitle: 'x', yTitle: 'y' } as const;

/** The picture inside the frame of the first panel. */
function inside(svg: string): string {
  return /<svg x=[\s\S]*?<\/svg>/.exec(svg)![0];
}

/** Where the dots of a picture lie. */
function dots(svg: string): [number, number][] {
  return [...inside(svg).matchAll(/M(-?[\d.]+) (-?[\d.]+)h0/g)].map(([, x, y]) => [Number(x), Number(y)]);
}

/** The rectangle that cuts the panel off. */
function frame(svg: string): { x: number; y: number; width: number; height: number } {
  const read = (name: string): number =>
    Number(new RegExp(`<svg x=[^>]*? ?${name}="([\\d.]+)"`).exec(svg)![1]);
  return {
    x: Number(/<svg x="([\d.]+)"/.exec(svg)![1]),
    y: read('y'),
    width: read('width'),
    height: read('height'),
  };
}

function scatter(x: unknown, y: unknown, layout: Record<string, unknown> = {}): Figure {
  return { data: [{ type: 'scatter', mode: 'markers', x, y }], layout };
}

describe('svgOf', () => {
  it('puts points where the linear map of the ranges puts them', () => {
    const svg = svgOf(
      scatter(packed([0, 5, 10]), packed([0, 25, 100]), {
        xaxis: { range: [0, 10] },
        yaxis: { range: [0, 100] },
      }),
    );
    const { x, y, width, height } = frame(svg);
    const [low, middle, high] = dots(svg);
    expect(low).toEqual([x, y + height]);
    expect(middle).toEqual([x + width / 2, y + 0.75 * height]);
    expect(high).toEqual([x + width, y]);
  });

  it('keeps every finite point inside where no range is given', () => {
    const values = fc.array(fc.float({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(values, (numbers) => {
        const svg = svgOf(scatter(numbers, numbers.toReversed()));
        const { x, y, width, height } = frame(svg);
        const found = dots(svg);
        expect(found).toHaveLength(numbers.length);
        for (const [px, py] of found) {
          expect(px).toBeGreaterThanOrEqual(x - 0.1);
          expect(px).toBeLessThanOrEqual(x + width + 0.1);
          expect(py).toBeGreaterThanOrEqual(y - 0.1);
          expect(py).toBeLessThanOrEqual(y + height + 0.1);
        }
      }),
    );
  });

  it('gives a decade the same length everywhere on a logarithmic axis', () => {
    const svg = svgOf(scatter([1, 10, 1000], [0, 0, 0], { xaxis: { type: 'log', range: [0, 3] } }));
    const [a, b, c] = dots(svg).map(([x]) => x);
    expect(c! - b!).toBeCloseTo(2 * (b! - a!), 0);
    expect(svg).toContain('>100<');
  });

  it('leaves out what is not finite, and breaks the line there', () => {
    const line = { type: 'scatter', mode: 'lines', x: [0, 1, 2, 3], y: [0, NaN, 1, 2] };
    expect(
      inside(svgOf({ data: [line], layout: {} }))
        .match(/d="([^"]*)"/)![1]!
        .match(/M/g),
    ).toHaveLength(2);
  });

  it('covers the panel of a heat map with cells, joined where they have one colour', () => {
    const [n, m] = [4, 3];
    const density = Array.from({ length: n * m }, (_, i) => (i < 2 * n ? 0 : 1));
    const grid = { x: [-0.75, -0.25, 0.25, 0.75], y: [-2 / 3, 0, 2 / 3], density };
    const svg = svgOf(densityFigure(grid, window, 1));
    const rectangles = [...inside(svg).matchAll(/M([\d.]+) ([\d.]+)H([\d.]+)V([\d.]+)/g)].map((found) =>
      found.slice(1).map(Number),
    );
    expect(rectangles).toHaveLength(m);
    const { width, height } = frame(svg);
    const area = rectangles.reduce((sum, [x0, y0, x1, y1]) => sum + Math.abs((x1! - x0!) * (y1! - y0!)), 0);
    expect(area / (width * height)).toBeCloseTo(1, 2);
    // The highest values are at the top, in the last colour of Viridis.
    const top = rectangles.findIndex(([, y0, , y1]) => Math.min(y0!, y1!) <= frame(svg).y + 0.2);
    expect(top).toBe(2);
    expect(svg).toContain('#fde725');
  });

  it('counts a histogram to a density of mass one', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i % 10) / 10);
    const trace = {
      type: 'histogram',
      histnorm: 'probability density',
      x: packed(values),
      xbins: { start: 0, end: 1, size: 0.25 },
    };
    const svg = svgOf({ data: [trace], layout: { xaxis: { range: [0, 1] }, yaxis: { range: [0, 2] } } });
    const bars = [...inside(svg).matchAll(/M([\d.]+) ([\d.]+)V([\d.]+)H([\d.]+)/g)].map((found) =>
      found.slice(1).map(Number),
    );
    const { width, height } = frame(svg);
    const mass = bars.reduce(
      (sum, [left, floor, top, right]) => sum + ((right! - left!) / width) * ((floor! - top!) / height) * 2,
      0,
    );
    expect(mass).toBeCloseTo(1, 2);
  });

  it('gives units the same length where the axes are anchored, and the height that follows', () => {
    const layout = {
      xaxis: { range: [-2, 2] },
      yaxis: { range: [-1, 1], scaleanchor: 'x' },
    };
    const { width, height } = frame(svgOf(scatter([0], [0], layout)));
    expect(width / height).toBeCloseTo(2, 2);
  });

  it('shows text as text', () => {
    const svg = svgOf(
      scatter([0], [0], { xaxis: { title: { text: 'a < b & "c"' } }, title: { text: '<b>x</b>' } }),
    );
    expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
    expect(svg).not.toContain('<b>');
  });
});

describe('sideBySide', () => {
  const figure = densityFigure({ x: [-1, 1], y: [-1, 1], density: [0, 1, 1, 0] }, window, 1);

  it('gives each figure axes of its own, in its share of the width', () => {
    const row = sideBySide([1, 2, 3].map((i) => ({ title: `panel ${i}`, figure })));
    expect(row.data.map(({ xaxis, yaxis }) => [xaxis, yaxis])).toEqual([
      ['x', 'y'],
      ['x2', 'y2'],
      ['x3', 'y3'],
    ]);
    const domains = ['xaxis', 'xaxis2', 'xaxis3'].map(
      (name) => (row.layout[name] as { domain: [number, number] }).domain,
    );
    expect(domains[0]![0]).toBe(0);
    expect(domains[2]![1]).toBeCloseTo(1, 12);
    expect(domains[0]![1]).toBeLessThan(domains[1]![0]);
    expect((row.layout['yaxis3'] as { scaleanchor: string }).scaleanchor).toBe('x3');
    const svg = svgOf(row);
    expect(svg.match(/<svg x=/g)).toHaveLength(3);
    expect(svg).toContain('>panel 3<');
  });

  it('refuses nothing', () => {
    expect(() => sideBySide([])).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
