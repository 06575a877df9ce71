import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Matrix } from '../../../src/matrix.ts';
import {
  cloudsOf,
  coverage,
  distancesWithin,
  minimumMatchingDistance,
  nearestEarthMoversDistances,
  nearestNeighbourAccuracy,
  pairwiseDistances,
} from '../../../src/pointcloud/index.ts';
import type { Clouds, MetricOptions, NearestDistances } from '../../../src/pointcloud/index.ts';
import { slicedBounds } from '../../../src/pointcloud/metrics/bounds.ts';
import { fillNormal, uniform } from '../../../src/random/index.ts';
import { expectRejected } from '../../support/refused.ts';

type Matrices = Pick<NearestDistances, 'samples' | 'between' | 'reference'>;

async function allDistances(
  samples: Clouds,
  reference: Clouds,
  options: MetricOptions = {},
): Promise<Matrices> {
  const distance = 'earth-mover';
  return {
    samples: await distancesWithin(samples, { ...options, distance }),
    between: await pairwiseDistances(samples, reference, { ...options, distance }),
    reference: await distancesWithin(reference, { ...options, distance }),
  };
}

const metricsOf = ({ samples, between, reference }: Matrices) => ({
  mmd: minimumMatchingDistance(between),
  cov: coverage(between),
  nna: nearestNeighbourAccuracy(samples, between, reference),
});

/** Whatever was computed has the bits of the full matrix; `missing` says how many are not there. */
function expectPart(part: Matrix, full: Matrix): number {
  expect([part.rows, part.cols]).toEqual([full.rows, full.cols]);
  let missing = 0;
  part.data.forEach((value, k) => {
    if (value === Infinity) missing += 1;
    else expect(value).toBe(full.data[k]);
  });
  return missing;
}

/** Clouds of a torus each, thicker or thinner, in two places: some near each other, some far. */
function tori(count: number, points: number, seed: number): Clouds {
  const data = new Float64Array(count * points * 3);
  for (let i = 0; i < count; i++) {
    const [thickness, place] = [0.1 + 0.4 * uniform(seed, 0, i), Math.round(uniform(seed, 1, i))];
    for (let p = 0; p < points; p++) {
      const [around, through] = [
        2 * Math.PI * uniform(seed, 2 + 2 * i, p),
        2 * Math.PI * uniform(seed, 3 + 2 * i, p),
      ];
      const radius = 1 + thickness * Math.cos(through);
      const point = [
        radius * Math.cos(around) + place,
        radius * Math.sin(around),
        thickness * Math.sin(through),
      ];
      data.set(point, (i * points + p) * 3);
    }
  }
  return { data, dim: 3, offsets: Uint32Array.from({ length: count + 1 }, (_, i) => i * points) };
}

/** Two sets of clouds with ties of all kinds: points on a small grid, clouds that are there again, also in another order. */
const twoSets = fc
  .record({
    dim: fc.integer({ min: 1, max: 3 }),
    points: fc.integer({ min: 1, max: 9 }),
    samples: fc.integer({ min: 1, max: 7 }),
    reference: fc.integer({ min: 2, max: 7 }),
    range: fc.constantFrom(1, 3, 40),
    scale: fc.constantFrom(1, 0.1, 1e-160, 1e140),
  })
  .chain(({ dim, points, samples, reference, range, scale }) => {
    const cloud = fc
      .array(fc.integer({ min: -range, max: range }), { minLength: points * dim, maxLength: points * dim })
      .map((numbers) => numbers.map((value) => value * scale));
    const count = samples + reference;
    return fc
      .tuple(
        fc.array(cloud, { minLength: count, maxLength: count }),
        fc.array(fc.nat(count - 1), { minLength: count, maxLength: count }),
      )
      .map(([clouds, copies]) => {
        const some = clouds.map((own, i) => (copies[i]! < i ? clouds[copies[i]!]! : own));
        const set = (part: number[][]): Clouds => ({
          data: Float64Array.from(part.flat()),
          dim,
          offsets: Uint32Array.from({ length: part.length + 1 }, (_, i) => i * points),
        });
        return [set(some.slice(0, samples)), set(some.slice(samples))] as const;
      });
  });

describe.each(['auto', 'reference'] as const)('distances that matter, engine %s', (engine) => {
  it('give the metrics of all distances, to the bit', async () => {
    await fc.assert(
      fc.asyncProperty(twoSets, async ([samples, reference]) => {
        const found = await nearestEarthMoversDistances(samples, reference, { engine });
        const all = await allDistances(samples, reference, { engine });
        expect(metricsOf(found)).toEqual(metricsOf(all));
        for (const name of ['samples', 'between', 'reference'] as const) expectPart(found[name], all[name]);
      }),
      { numRuns: engine === 'auto' ? 150 : 40 },
    );
  });
});

it('clouds that are all one point tie, and all ties are found', async () => {
  const set = (count: number): Clouds =>
    cloudsOf(
      Array.from({ length: count }, () => [
        [1, 2],
        [1, 2],
      ]),
    );
  const found = await nearestEarthMoversDistances(set(3), set(2));
  expect(metricsOf(found)).toEqual(metricsOf(await allDistances(set(3), set(2))));
  expect(found.pairs).toEqual({ all: 10, solved: 10, stopped: 0 });
});

it('a near twin in its own set does not keep a cloud from its nearest in the other', async () => {
  const [points, count] = [6, 8];
  const random = (seed: number): Float64Array => {
    const data = new Float64Array(count * points * 3);
    fillNormal(data, seed, 1);
    return data;
  };
  const set = (data: Float64Array): Clouds => ({
    data,
    dim: 3,
    offsets: Uint32Array.from({ length: data.length / points / 3 + 1 }, (_, i) => i * points),
  });
  const twins = (data: Float64Array): Float64Array =>
    Float64Array.of(...data, ...data.map((value) => value + 1e-3));
  const [samples, reference] = [set(twins(random(1))), set(twins(random(2)))];
  const { between } = await nearestEarthMoversDistances(samples, reference);
  const all = await pairwiseDistances(samples, reference, { distance: 'earth-mover' });
  const rowMinima = ({ data, rows, cols }: Matrix): number[] =>
    Array.from({ length: rows }, (_, i) => Math.min(...data.subarray(i * cols, (i + 1) * cols)));
  expect(rowMinima(between)).toEqual(rowMinima(all));
});

describe('of larger clouds', () => {
  const [samples, reference] = [tori(14, 150, 1), tori(12, 150, 2)];

  it('few are computed, and give the same', async () => {
    const found = await nearestEarthMoversDistances(samples, reference);
    const all = await allDistances(samples, reference);
    expect(metricsOf(found)).toEqual(metricsOf(all));
    const missing = [
      expectPart(found.between, all.between),
      expectPart(found.samples, all.samples) / 2,
      expectPart(found.reference, all.reference) / 2,
    ].reduce((sum, count) => sum + count);
    const { pairs } = found;
    expect(pairs.all).toBe((26 * 25) / 2);
    expect(pairs.solved).toBe(pairs.all - missing);
    expect(pairs.solved).toBeLessThan(pairs.all / 2);
    expect(pairs.solved + pairs.stopped).toBeLessThan(pairs.all);
    expect(pairs.stopped).toBeGreaterThan(0);
  });

  it('nothing depends on the threads', async () => {
    const one = await nearestEarthMoversDistances(samples, reference, { threads: 1 });
    expect(await nearestEarthMoversDistances(samples, reference, { threads: 3 })).toEqual(one);
  });

  it('progress never goes back, and ends with all pairs', async () => {
    const heard: (readonly [number, number])[] = [];
    await nearestEarthMoversDistances(samples, reference, {
      onProgress: (done, total) => heard.push([done, total]),
    });
    const done = heard.map(([count]) => count);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(heard.at(-1)).toEqual([325, 325]);
  });

  it('a signal is noticed on the way', async () => {
    const controller = new AbortController();
    const call = nearestEarthMoversDistances(samples, reference, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
  });

  it('misuse is refused', async () => {
    const few = tori(2, 149, 3);
    await expectRejected(
      nearestEarthMoversDistances(samples, few),
      'shape-mismatch',
      /one to one.*cloud 0 has 150, cloud 0 has 149/,
    );
    const mixed = cloudsOf([[[0], [1]], [[2]]]);
    await expectRejected(
      nearestEarthMoversDistances(mixed, [[[0], [1]]]),
      'shape-mismatch',
      /cloud 1 has 1, cloud 0 has 2/,
    );
    await expectRejected(
      nearestEarthMoversDistances([[[0, 1]]], [[[0]], [[1]]]),
      'shape-mismatch',
      /got 2 and 1/,
    );
    await expectRejected(
      nearestEarthMoversDistances(samples, reference, { distance: 'earth-mover' } as object),
      'unknown-name',
      /'distance'/,
    );
  });
});

describe('bounds by sorted projections', () => {
  it('are below the distance, wherever and however large clouds are', async () => {
    for (const dim of [1, 2, 3, 5, 30]) {
      for (const points of [1, 3, 50]) {
        for (const [scale, shift] of [
          [1, 0],
          [1, 1e8],
          [1e-160, 0],
          [1e-310, 0],
          [1e140, 0],
        ] as const) {
          const data = new Float64Array(4 * points * dim);
          fillNormal(data, 3, points);
          const clouds = {
            data: data.map((value) => scale * value + shift),
            dim,
            offsets: Uint32Array.from({ length: 5 }, (_, i) => i * points),
          };
          const bound = await slicedBounds(clouds);
          const all = await distancesWithin(clouds, { distance: 'earth-mover' });
          for (let k = 0; k < 16; k++) {
            expect(bound(Math.floor(k / 4), k % 4), `dimension ${dim}, ${points} points`).toBeLessThanOrEqual(
              all.data[k]!,
            );
          }
        }
      }
    }
  });

  it('are the distance of a cloud that is moved', async () => {
    for (const dim of [1, 2, 3, 5, 30]) {
      const points = new Float64Array(40 * dim);
      fillNormal(points, 4, dim);
      const move = new Float64Array(dim);
      fillNormal(move, 5, dim);
      const moved = points.map((value, k) => value + move[k % dim]!);
      const bound = await slicedBounds({
        data: Float64Array.of(...points, ...moved),
        dim,
        offsets: Uint32Array.of(0, 40, 80),
      });
      expect(bound(0, 1)).toBeCloseTo(Math.hypot(...move), 8);
    }
  });

  it('see more than the move: clouds with one centre', async () => {
    const bound = await slicedBounds(
      cloudsOf([
        [
          [-1, 0],
          [1, 0],
        ],
        [
          [-3, 0],
          [3, 0],
        ],
      ]),
    );
    expect(bound(0, 1)).toBeCloseTo(2, 9);
  });
});
