import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  approximateEarthMoversDistance,
  chamferDistance,
  cloudsOf,
  distancesWithin,
  earthMoversDistance,
  pairwiseDistances,
} from '../../../src/pointcloud/index.ts';
import type { CloudsLike } from '../../../src/pointcloud/index.ts';
import { expectRefused, expectRejected } from '../../support/refused.ts';

type Points = number[][];

/** A point of space; not so fine that differences of squares are lost. */
const point = fc.array(
  fc.integer({ min: -64, max: 64 }).map((x) => x / 16),
  { minLength: 3, maxLength: 3 },
);
const points = (size: number): fc.Arbitrary<Points> => fc.array(point, { minLength: size, maxLength: size });
const twoClouds = fc.integer({ min: 1, max: 12 }).chain((n) => fc.tuple(points(n), points(n)));

const emd = async (x: Points, y: Points): Promise<number> => (await earthMoversDistance(x, y)).distance;

/** All distances by name, with the power of length that they scale with. */
const distances: readonly [
  name: string,
  distance: (x: Points, y: Points) => Promise<number>,
  power: number,
][] = [
  ["Chamfer's", chamferDistance, 2],
  ["the earth mover's", emd, 1],
];

/** A turn about (1, 2, 3) by an angle, after Rodrigues. */
function turned([x = 0, y = 0, z = 0]: number[], angle: number): number[] {
  const [a, b, c] = [1, 2, 3].map((k) => k / Math.sqrt(14)) as [number, number, number];
  const along = (1 - Math.cos(angle)) * (a * x + b * y + c * z);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [
    x * cos + (b * z - c * y) * sin + a * along,
    y * cos + (c * x - a * z) * sin + b * along,
    z * cos + (a * y - b * x) * sin + c * along,
  ];
}

describe('by hand', () => {
  it('Chamfer: squares, means of both directions, added', async () => {
    // From x: 1 and 4; from y: 1, 4 and 5^2 + 3^2 to (0, 0) or 3^2 + 3^2 to (2, 0).
    const x = [
      [0, 0],
      [2, 0],
    ];
    const y = [
      [0, 1],
      [2, 2],
      [5, 3],
    ];
    expect(await chamferDistance(x, y)).toBe((1 + 4) / 2 + (1 + 4 + 18) / 3);
    expect(await chamferDistance(y, x)).toBe(await chamferDistance(x, y));
  });

  it("the earth mover's: lengths, not squares, divided by the number of points", async () => {
    // The greedy pair (0, 1) costs 1 and leaves (3, -4): 7 + 1. The other assignment costs 3 + 4 - 1 = 2 + 4.
    expect(await earthMoversDistance([[0], [3]], [[1], [-4]])).toEqual({ distance: 3, lowerBound: 3 });
    expect(await emd([[0, 0]], [[3, 4]])).toBe(5);
    expect(
      await emd(
        [
          [0, 0],
          [0, 1],
        ],
        [
          [1, 1],
          [1, 0],
        ],
      ),
    ).toBe(1);
  });

  it('approximate: everything is moved in the last round, wherever it lies', () => {
    expect(approximateEarthMoversDistance([[0]], [[1000]])).toBeCloseTo(1000, 9);
    expect(approximateEarthMoversDistance([[0]], [[1000]], { lastRound: false })).toBe(0);
    // Each of two points goes half to each: 2, 4 and 4, 2 far away, where no round but the last reaches.
    expect(
      approximateEarthMoversDistance(
        [
          [0, 0],
          [0, 3],
        ],
        [
          [400, 0],
          [400, 3],
        ],
      ),
    ).toBeCloseTo((400 + Math.hypot(400, 3)) / 2, 9);
  });

  it('duplicates count as often as they are there', async () => {
    expect(await chamferDistance([[0], [0], [1]], [[1]])).toBe(2 / 3 + 0);
    expect(await emd([[0], [0], [1]], [[1], [1], [1]])).toBeCloseTo(2 / 3, 15);
    expect(approximateEarthMoversDistance([[0], [0], [0]], [[0], [0], [0]])).toBe(0);
  });
});

describe.each(distances)('%s distance', (_, distance, power) => {
  it('is symmetric, not negative, and 0 from a cloud to itself', async () => {
    await fc.assert(
      fc.asyncProperty(twoClouds, async ([x, y]) => {
        const there = await distance(x, y);
        expect(there).toBeGreaterThanOrEqual(0);
        expect(await distance(y, x)).toBeCloseTo(there, 12);
        expect(await distance(x, x)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on the order of points, nor on a common motion, and scales', async () => {
    await fc.assert(
      fc.asyncProperty(
        twoClouds,
        point,
        fc.double({ min: 0, max: 6, noNaN: true }),
        async ([x, y], shift, angle) => {
          const expected = await distance(x, y);
          expect(await distance(x.toReversed(), y)).toBeCloseTo(expected, 12);
          const moved = (cloud: Points) =>
            cloud.map((p) => turned(p, angle).map((value, k) => value + shift[k]!));
          expect(await distance(moved(x), moved(y))).toBeCloseTo(expected, 10);
          const scaled = (cloud: Points) => cloud.map((p) => p.map((value) => 4 * value));
          expect(await distance(scaled(x), scaled(y))).toBeCloseTo(4 ** power * expected, 10);
          const mirrored = (cloud: Points) => cloud.map(([a, ...rest]) => [-a!, ...rest]);
          expect(await distance(mirrored(x), mirrored(y))).toBe(expected);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("the earth mover's distance", () => {
  it('of a moved cloud is the length of the motion, and keeps the triangle inequality', async () => {
    await fc.assert(
      fc.asyncProperty(twoClouds, point, async ([x, y], shift) => {
        const moved = x.map((p) => p.map((value, k) => value + shift[k]!));
        expect(await emd(x, moved)).toBeCloseTo(Math.hypot(...shift), 12);
        expect(await emd(x, y)).toBeLessThanOrEqual((await emd(x, moved)) + (await emd(moved, y)) + 1e-12);
      }),
      { numRuns: 60 },
    );
  });

  it('is never above the approximation', async () => {
    await fc.assert(
      fc.asyncProperty(twoClouds, fc.constantFrom(0.01, 1, 100), async ([x, y], scale) => {
        const scaled = (cloud: Points) => cloud.map((p) => p.map((value) => scale * value));
        const exact = await emd(scaled(x), scaled(y));
        const approximate = approximateEarthMoversDistance(scaled(x), scaled(y));
        expect(exact).toBeLessThanOrEqual(approximate * (1 + 1e-12) + 1e-300);
      }),
      { numRuns: 200 },
    );
  });
});

describe('distances of sets', () => {
  const left = cloudsOf([
    [[0], [1]],
    [[2], [3]],
    [[5], [9]],
  ]);
  const right = cloudsOf([
    [[0], [1]],
    [[4], [4]],
  ]);

  it('have a row for each cloud on the left', async () => {
    const between = await pairwiseDistances(left, right, { distance: 'earth-mover' });
    expect(between).toEqual({ data: Float64Array.of(0, 3.5, 2, 1.5, 6.5, 3), rows: 3, cols: 2 });
  });

  it('within a set are symmetric, with 0 on the diagonal', async () => {
    for (const distance of ['chamfer', 'earth-mover'] as const) {
      const within = await distancesWithin(left, { distance });
      expect(within).toEqual(await pairwiseDistances(left, left, { distance }));
    }
    const approximate = await distancesWithin(left, { distance: 'approximate-earth-mover' });
    expect([0, 4, 8].map((k) => approximate.data[k])).toEqual([0, 0, 0]);
    expect(approximate.data[1]).toBeGreaterThan(0);
    expect(await distancesWithin([[[0], [1]]])).toEqual({ data: Float64Array.of(0), rows: 1, cols: 1 });
  });

  it('do not depend on threads, and tell how far they are', async () => {
    const many = Array.from({ length: 9 }, (_, i) => [
      [i, 0],
      [0, 2 * i],
      [i, i],
    ]);
    const heard: [number, number][] = [];
    const one = await pairwiseDistances(many, many, {
      distance: 'earth-mover',
      threads: 1,
      onProgress: (done, total) => heard.push([done, total]),
    });
    expect(await pairwiseDistances(many, many, { distance: 'earth-mover', threads: 2 })).toEqual(one);
    expect(heard.at(-1)).toEqual([81, 81]);
  });

  it('come from the reference engine in portions, between which a signal is noticed', async () => {
    const cloud = { shape: [2, 500, 1], data: Float32Array.from({ length: 1000 }, (_, i) => i % 17) };
    const controller = new AbortController();
    const call = pairwiseDistances(
      Array.from({ length: 16 }, () => ({ data: cloud.data, rows: 1000, cols: 1 })),
      cloud,
      {
        engine: 'reference',
        signal: controller.signal,
        onProgress: () => controller.abort(),
      },
    );
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
  });

  it('of clouds of different sizes exist for Chamfer only', async () => {
    const sizes: CloudsLike = [[[0]], [[1], [2]]];
    expect((await pairwiseDistances(sizes, sizes)).data[1]).toBe(1 + 2.5);
    await expectRejected(
      pairwiseDistances(sizes, sizes, { distance: 'earth-mover' }),
      'shape-mismatch',
      /one to one.*cloud 0 has 1, cloud 1 has 2.*Draw as many/,
    );
    await expect(
      pairwiseDistances(sizes, sizes, { distance: 'approximate-earth-mover' }),
    ).rejects.toMatchObject({
      code: 'shape-mismatch',
    });
  });

  it('refuse misuse', async () => {
    await expectRejected(
      pairwiseDistances(left, right, { distance: 'emd' as 'chamfer' }),
      'unknown-name',
      /chamfer, earth-mover/,
    );
    await expectRejected(
      pairwiseDistances(left, right, { dist: 'chamfer' } as object),
      'unknown-name',
      /Unknown option 'dist'/,
    );
    await expectRejected(pairwiseDistances(left, [[[0, 1]]]), 'shape-mismatch', /got 1 and 2/);
    await expectRejected(
      chamferDistance([[Number.NaN]], [[0]]),
      'invalid-data',
      /cloud 0, point 0, coordinate 0 is NaN/,
    );
    await expectRejected(chamferDistance([], [[0]]), 'invalid-data', /cloud 0 has no points/);
    expectRefused(
      () => approximateEarthMoversDistance([[0]], [[1], [2]]),
      'shape-mismatch',
      /1 of 1 and 2 of 1/,
    );
  });
});
