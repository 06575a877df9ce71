import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_POINTS, RANGE, decodeLink, encodeLink } from '../../playground/src/link.ts';

const coordinate = fc.double({ min: -RANGE, max: RANGE, noNaN: true });
const points = fc.array(fc.tuple(coordinate, coordinate), { maxLength: 60 });

describe('links', () => {
  it('carry points to within a grid step, and both flows', () => {
    fc.assert(
      fc.property(points, (drawn) => {
        const hash = encodeLink({ points: drawn, flows: ['ffjord', 'maf'] });
        expect(hash).toMatch(/^#[\w=&-]*$/);
        const found = decodeLink(hash);
        expect(found.flows).toEqual(['ffjord', 'maf']);
        expect(found.points).toHaveLength(drawn.length);
        found.points!.forEach(([x, y], i) => {
          expect(Math.abs(x - drawn[i]![0])).toBeLessThanOrEqual(RANGE / 255 + 1e-9);
          expect(Math.abs(y - drawn[i]![1])).toBeLessThanOrEqual(RANGE / 255 + 1e-9);
        });
      }),
    );
  });

  it('carry no more points than there is room for', () => {
    const many = Array.from({ length: MOST_POINTS + 10 }, (): [number, number] => [0, 0]);
    const hash = encodeLink({ points: many, flows: ['maf', 'maf'] });
    expect(decodeLink(hash).points).toHaveLength(MOST_POINTS);
    expect(hash.length).toBeLessThan(4100);
  });

  it.each(['', '#', '#p=%%%', '#a=x', '#p=!!!&a=1&b=2', '#nonsense'])(
    'leave out what cannot be read: %s',
    (hash) => {
      expect(() => decodeLink(hash)).not.toThrow();
      expect(decodeLink(hash).points ?? []).toEqual([]);
    },
  );
});
