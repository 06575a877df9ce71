import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { reference } from '../../../src/engine/index.ts';
import type { CloudData } from '../../../src/engine/index.ts';
import type { LiouvilleError } from '../../../src/errors.ts';
import { fillNormal, fillUniform } from '../../../src/random/index.ts';
import { expectRejected } from '../../support/refused.ts';
import type { Subject } from './subject.ts';

/** Clouds of these sizes, normally distributed unless `draw` says otherwise. */
function clouds(sizes: readonly number[], dim: number, stream: number, draw = fillNormal): CloudData {
  const offsets = Uint32Array.of(0, ...sizes);
  for (let i = 1; i < offsets.length; i++) offsets[i]! += offsets[i - 1]!;
  const data = new Float64Array(offsets.at(-1)! * dim);
  draw(data, 5, stream);
  return { data, dim, offsets };
}

/** Every cloud on the left with every one on the right. */
function allPairs(left: CloudData, right: CloudData): Uint32Array {
  const [n, m] = [left.offsets.length - 1, right.offsets.length - 1];
  return Uint32Array.from({ length: 2 * n * m }, (_, k) =>
    k % 2 === 0 ? Math.floor(k / 2 / m) : Math.floor(k / 2) % m,
  );
}

/** What a cloud is made of matters: a corner of space, ties on a grid, one point many times, sizes far apart. */
const shapes: readonly [name: string, of: (points: CloudData) => CloudData][] = [
  ['as drawn', (x) => x],
  ['on a grid', (x) => ({ ...x, data: x.data.map((value) => Math.round(2 * value)) })],
  ['in one point', (x) => ({ ...x, data: x.data.map((_, i) => i % x.dim) })],
  ['far from the origin', (x) => ({ ...x, data: x.data.map((value) => 1e8 + value) })],
  ['tiny', (x) => ({ ...x, data: x.data.map((value) => 1e-160 * value) })],
  ['huge', (x) => ({ ...x, data: x.data.map((value) => 1e140 * value) })],
];

/** Distances of clouds: the same bits of Chamfer's on every engine, and an assignment that its own prices prove. */
export function cloudLaws({ engine, options }: Subject): void {
  test.each(shapes)('Chamfer distances of clouds %s have the bits of the definition', async (_, of) => {
    for (const dim of [1, 2, 3, 5]) {
      const [left, right] = [of(clouds([1, 2, 7, 33], dim, 1)), of(clouds([5, 1, 16, 20], dim, 2))];
      const pairs = allPairs(left, right);
      const ours = await engine.cloudDistances('chamfer', left, right, pairs, options);
      expect(ours).toEqual(await reference.cloudDistances('chamfer', left, right, pairs));
    }
  });

  test.each(shapes)("the earth mover's distance of clouds %s is least", async (_, of) => {
    for (const dim of [1, 2, 3, 5]) {
      const sizes = [1, 2, 3, 17, 64];
      const [left, right] = [of(clouds(sizes, dim, 3)), of(clouds(sizes, dim, 4, fillUniform))];
      const pairs = Uint32Array.from({ length: 2 * sizes.length }, (_, i) => Math.floor(i / 2));
      const ours = await engine.cloudDistances('earth-mover', left, right, pairs, options);
      const exact = await reference.cloudDistances('earth-mover', left, right, pairs);
      const largest = Math.max(...left.data.map(Math.abs), ...right.data.map(Math.abs));
      for (let i = 0; i < ours.length; i += 2) {
        const allowed = 1e-12 * largest;
        expect(Math.abs(ours[i]! - exact[i]!), `dimension ${dim}, pair ${i / 2}`).toBeLessThanOrEqual(
          allowed,
        );
        expect(Math.abs(ours[i]! - ours[i + 1]!), `the bound of pair ${i / 2}`).toBeLessThanOrEqual(allowed);
      }
    }
  });

  test.each(shapes)('limits leave out only what is above them, of clouds %s', async (_, of) => {
    for (const dim of [1, 3, 5]) {
      const sizes = [2, 17, 64, 140];
      const [left, right] = [of(clouds(sizes, dim, 3)), of(clouds(sizes, dim, 4, fillUniform))];
      const pairs = Uint32Array.from({ length: 2 * sizes.length }, (_, i) => Math.floor(i / 2));
      const exact = await engine.cloudDistances('earth-mover', left, right, pairs, options);
      for (const factor of [0.5, 0.99, 1, 1.001]) {
        const limits = Float64Array.from(sizes, (_, i) => exact[2 * i]! * factor);
        const found = await engine.cloudDistances('earth-mover', left, right, pairs, { ...options, limits });
        for (const [i, limit] of limits.entries()) {
          const [first, second] = found.subarray(2 * i, 2 * i + 2);
          if (first === Infinity) {
            expect(exact[2 * i], `dimension ${dim}, pair ${i}, times ${factor}`).toBeGreaterThan(limit);
            expect(second).toBeGreaterThan(limit);
            expect(second).toBeLessThanOrEqual(exact[2 * i]!);
          } else {
            expect([first, second]).toEqual([exact[2 * i], exact[2 * i + 1]]);
          }
        }
      }
    }
  });

  test('a cloud is at distance 0 from itself in another order', async () => {
    const left = clouds([50], 3, 6);
    const right = { ...left, data: new Float64Array(150) };
    for (let i = 0; i < 50; i++) right.data.set(left.data.subarray(3 * i, 3 * i + 3), 3 * ((i * 7) % 50));
    for (const kind of ['chamfer', 'earth-mover'] as const) {
      const [first, second] = await engine.cloudDistances(kind, left, right, Uint32Array.of(0, 0), options);
      expect(first).toBe(0);
      expect(Math.abs(second!)).toBeLessThan(1e-14);
    }
  });

  test('random small clouds, by every assignment there is', async () => {
    const cloud = (n: number) =>
      fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 2 * n, maxLength: 2 * n });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }).chain((n) => fc.tuple(cloud(n), cloud(n))),
        async ([x, y]) => {
          const of = (data: number[]): CloudData => ({
            data: Float64Array.from(data),
            dim: 2,
            offsets: Uint32Array.of(0, data.length / 2),
          });
          const pair = Uint32Array.of(0, 0);
          const [least] = await engine.cloudDistances('earth-mover', of(x), of(y), pair, options);
          expect(least).toBeCloseTo(cheapest(x, y) / (x.length / 2), 12);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('results do not depend on threads, nor on what happens to the arrays meanwhile', async () => {
    const [left, right] = [clouds([40, 30], 3, 7), clouds([40, 30], 3, 8)];
    const pairs = Uint32Array.of(0, 0, 1, 1, 0, 0);
    const run = (threads: number) =>
      engine.cloudDistances('earth-mover', left, right, pairs, { ...options, threads });
    const first = await run(1);
    const second = run(2);
    left.data.fill(0);
    pairs.fill(0);
    expect(await second).toEqual(first);
    expect(await engine.cloudDistances('chamfer', left, right, new Uint32Array(0), options)).toHaveLength(0);
  });

  test('a signal that has fired ends a call', async () => {
    const cloud = clouds([10], 3, 9);
    const call = engine.cloudDistances('chamfer', cloud, cloud, Uint32Array.of(0, 0), {
      ...options,
      signal: AbortSignal.abort(),
    });
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
  });

  const cloud = clouds([2, 3], 2, 10);
  const changed = (changes: Partial<CloudData>): CloudData => ({ ...cloud, ...changes });
  const one = Uint32Array.of(0, 0);
  const refused: [
    what: string,
    code: LiouvilleError['code'],
    message: RegExp,
    kind: string,
    left: CloudData,
    pairs: Uint32Array,
  ][] = [
    ['an unknown distance', 'unknown-name', /chamfer, earth-mover/, 'hausdorff', cloud, one],
    [
      'clouds of two sizes',
      'shape-mismatch',
      /one to one.*cloud 1 has 3.*0 has 2/,
      'earth-mover',
      cloud,
      Uint32Array.of(1, 0),
    ],
    [
      'a cloud that is not there',
      'invalid-argument',
      /2 clouds; got 2/,
      'chamfer',
      cloud,
      Uint32Array.of(2, 0),
    ],
    ['half a pair', 'shape-mismatch', /got 3/, 'chamfer', cloud, Uint32Array.of(0, 0, 1)],
    [
      'NaN',
      'invalid-data',
      /left.*point 1 has NaN/,
      'chamfer',
      changed({ data: cloud.data.with(3, Number.NaN) }),
      one,
    ],
    [
      'what is too large',
      'invalid-data',
      /1e\+150; point 0 has -1e\+151/,
      'chamfer',
      changed({ data: cloud.data.with(0, -1e151) }),
      one,
    ],
    [
      'an empty cloud',
      'invalid-data',
      /no cloud is empty/,
      'chamfer',
      changed({ offsets: Uint32Array.of(0, 5, 5) }),
      one,
    ],
    [
      'too few numbers',
      'shape-mismatch',
      /5 points of 2/,
      'chamfer',
      changed({ data: new Float64Array(9) }),
      one,
    ],
    [
      'another dimension',
      'shape-mismatch',
      /got 1 and 2/,
      'chamfer',
      { data: new Float64Array(1), dim: 1, offsets: Uint32Array.of(0, 1) },
      one,
    ],
  ];
  test.each([new Float64Array(2), Float64Array.of(Number.NaN), [1]])(
    'limits %s are refused',
    async (limits) => {
      const given = { ...options, limits: limits as Float64Array };
      const call = async () => engine.cloudDistances('earth-mover', cloud, cloud, one, given);
      await expectRejected(call(), 'invalid-argument', /for each of 1 pairs/);
    },
  );

  test.each(refused)('%s is refused', async (_, code, message, kind, left, pairs) => {
    const call = async () => engine.cloudDistances(kind as 'chamfer', left, cloud, pairs, options);
    await expectRejected(call(), code, message);
  });
}

/** The least sum of distances of two small clouds in the plane. */
function cheapest(x: readonly number[], y: readonly number[], taken = new Set<number>(), i = 0): number {
  if (2 * i === x.length) return 0;
  let least = Infinity;
  for (let j = 0; 2 * j < y.length; j++) {
    if (taken.has(j)) continue;
    const here = Math.hypot(x[2 * i]! - y[2 * j]!, x[2 * i + 1]! - y[2 * j + 1]!);
    least = Math.min(least, here + cheapest(x, y, new Set([...taken, j]), i + 1));
  }
  return least;
}
