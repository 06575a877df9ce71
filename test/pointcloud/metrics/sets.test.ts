import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Matrix } from '../../../src/matrix.ts';
import {
  coverage,
  drawPoints,
  evaluateClouds,
  jensenShannonDivergence,
  minimumMatchingDistance,
  nearestNeighbourAccuracy,
} from '../../../src/pointcloud/index.ts';
import { fillNormal } from '../../../src/random/index.ts';
import { expectRefused, expectRejected } from '../../support/refused.ts';

const matrix = (rows: readonly (readonly number[])[]): Matrix => ({
  data: Float64Array.from(rows.flat()),
  rows: rows.length,
  cols: rows[0]!.length,
});

/** Distances of numbers on a line. */
const apart = (x: readonly number[], y: readonly number[]): Matrix =>
  matrix(x.map((a) => y.map((b) => Math.abs(a - b))));

describe('of samples 0, 1, 9 and the reference 2, 10', () => {
  const [samples, reference] = [
    [0, 1, 9],
    [2, 10],
  ];
  const between = apart(samples, reference);

  it('MMD is the mean over the reference: 1 from 2 to 1, 1 from 10 to 9', () => {
    expect(minimumMatchingDistance(between)).toBe(1);
    // The other way round it would be the mean over the samples of 2, 1 and 1.
    expect(minimumMatchingDistance(apart(reference, samples))).toBe(4 / 3);
  });

  it('COV is the share of the reference that is nearest to a sample', () => {
    expect(coverage(between)).toBe(1);
    expect(coverage(apart([0, 1], reference))).toBe(1 / 2);
    // The other way round it would be a share of the samples.
    expect(coverage(apart(reference, samples))).toBe(2 / 3);
  });

  it('COV counts the first of reference clouds that are equally near', () => {
    expect(coverage(apart([5, 2], [4, 6, 7]))).toBe(1 / 3);
    expect(coverage(apart([5, 6], [4, 6, 7]))).toBe(2 / 3);
  });

  it('1-NNA counts who has a neighbour of its own kind, and halves a tie', () => {
    // 0: 1, own. 1: 0 and 2, a tie. 9: 10, other. 2: 1, other. 10: 9, other.
    const accuracy = nearestNeighbourAccuracy(apart(samples, samples), between, apart(reference, reference));
    expect(accuracy).toEqual({ all: 1.5 / 5, samples: 1.5 / 3, reference: 0 });
  });
});

describe('1-NNA', () => {
  it('is 1 for sets that are far apart, 0 for copies', () => {
    const far = nearestNeighbourAccuracy(
      apart([0, 1], [0, 1]),
      apart([0, 1], [90, 91]),
      apart([90, 91], [90, 91]),
    );
    expect(far).toEqual({ all: 1, samples: 1, reference: 1 });
    const line = [0, 10, 20];
    expect(nearestNeighbourAccuracy(apart(line, line), apart(line, line), apart(line, line)).all).toBe(0);
  });

  it('does not depend on the order, and changes sides with the sets', () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 7 });
    fc.assert(
      fc.property(numbers, numbers, (x, y) => {
        const of = (a: number[], b: number[]) =>
          nearestNeighbourAccuracy(apart(a, a), apart(a, b), apart(b, b));
        const { all, samples, reference } = of(x, y);
        const shuffled = of(x.toReversed(), y.toReversed());
        expect(shuffled.all).toBeCloseTo(all, 12);
        const swapped = of(y, x);
        expect(swapped.all).toBeCloseTo(all, 12);
        expect(swapped.samples).toBeCloseTo(reference, 12);
        expect(swapped.reference).toBeCloseTo(samples, 12);
      }),
    );
  });

  it('and the others refuse what are no distances', () => {
    expectRefused(
      () => nearestNeighbourAccuracy(apart([1], [1]), apart([1, 2], [1]), apart([1], [1])),
      'shape-mismatch',
      /samples: expected 2 x 2 distances/,
    );
    expectRefused(() => coverage(matrix([[1, Number.NaN]])), 'invalid-data', /row 0, column 1 is NaN/);
    expectRefused(
      () => minimumMatchingDistance(matrix([[1], [-1]])),
      'invalid-data',
      /row 1, column 0 is -1/,
    );
    expectRefused(
      () => minimumMatchingDistance({ data: new Float64Array(3), rows: 2, cols: 2 }),
      'shape-mismatch',
      /2 x 2 with 3/,
    );
  });
});

describe('the Jensen-Shannon divergence', () => {
  it('counts in cells of the box of the reference', () => {
    // Cells of width 1: all of the samples and two thirds of the reference are in the first. By the box of the samples, cells
    // would be so narrow that both sets had a third in the first and the rest in the last.
    const found = jensenShannonDivergence([[[0], [0.4], [0.4]]], [[[0], [0.4], [27]]]);
    expect(found).toBeCloseTo((Math.log2(6 / 5) + (2 / 3) * Math.log2(4 / 5) + 1 / 3) / 2, 12);
  });

  const line = { center: [0.5], size: 1, resolution: 2 };

  it('by hand, in bits', () => {
    // P = (1, 0), Q = (1/2, 1/2): M = (3/4, 1/4).
    const [p, q] = [[[[0], [0.1]]], [[[0], [1]]]];
    const ofP = Math.log2(1 / 0.75);
    const ofQ = 0.5 * Math.log2(0.5 / 0.75) + 0.5 * Math.log2(0.5 / 0.25);
    expect(jensenShannonDivergence(p, q, line)).toBeCloseTo((ofP + ofQ) / 2, 14);
    expect(jensenShannonDivergence(q, p, line)).toBeCloseTo((ofP + ofQ) / 2, 14);
    expect(jensenShannonDivergence([[[0]]], [[[1]]], line)).toBe(1);
    expect(jensenShannonDivergence([[[0], [1]]], [[[1]], [[0]]], line)).toBe(0);
  });

  it('puts a point into the cell whose centre is nearest, also from outside', () => {
    // Centres at 0 and 1: the border is at 1/2.
    expect(jensenShannonDivergence([[[0.49]]], [[[-7]]], line)).toBe(0);
    expect(jensenShannonDivergence([[[0.51]]], [[[7]]], line)).toBe(0);
    expect(jensenShannonDivergence([[[0.51]]], [[[0.49]]], line)).toBe(1);
  });

  it('in a sphere takes corners to the nearest cell in it', () => {
    const sphere = { center: [0, 0], size: 2, resolution: 3, shape: 'sphere' } as const;
    // The corner (1, 1) is outside; of the cells inside, (0, 1) and (1, 0) are nearest.
    expect(jensenShannonDivergence([[[0.8, 1]]], [[[0, 1]]], sphere)).toBe(0);
    expect(jensenShannonDivergence([[[1, 0.8]]], [[[1, 0]]], sphere)).toBe(0);
    expect(jensenShannonDivergence([[[1, 0.8]]], [[[1, 0]]], { ...sphere, shape: 'cube' })).toBe(1);
  });

  it('stands on the box of the reference unless told otherwise', () => {
    const cloud = [
      [
        [3, 5],
        [7, 6],
      ],
    ];
    const far = cloud.map((points) => points.map((p) => p.map((value) => 100 * value - 40)));
    expect(jensenShannonDivergence(cloud, cloud)).toBe(0);
    const both = (factor: (x: number) => number) =>
      jensenShannonDivergence(
        [[[4, 5.5].map(factor)]],
        [
          [
            [3, 5],
            [7, 6],
          ].map((p) => p.map(factor)),
        ],
      );
    expect(both((x) => 100 * x - 40)).toBe(both((x) => x));
    expect(jensenShannonDivergence(far, far)).toBe(0);
    expect(jensenShannonDivergence([[[1, 1]]], [[[1, 1]]])).toBe(0);
  });

  it('refuses grids that are none', () => {
    const of = (options: object) => () => jensenShannonDivergence([[[0]]], [[[1]]], options);
    expectRefused(
      of({ resolution: 1 }),
      'invalid-argument',
      /resolution: expected a whole number from 2; got 1/,
    );
    expectRefused(of({ resolution: 2 ** 25 }), 'invalid-argument', /at most 16777216 cells/);
    expectRefused(of({ size: 0 }), 'invalid-argument', /size: expected a positive number; got 0/);
    expectRefused(of({ center: [0, 0] }), 'invalid-argument', /center: expected 1 finite/);
    expectRefused(of({ shape: 'ball' }), 'invalid-argument', /'cube' or 'sphere'; got 'ball'/);
    expectRefused(of({ bins: 3 }), 'unknown-name', /bins/);
    expectRefused(
      () => jensenShannonDivergence([[[0]]], [[[1, 2]]]),
      'shape-mismatch',
      /2 coordinates.*got 1/,
    );
  });
});

describe('points that are drawn', () => {
  const clouds = [
    [[0], [1], [2], [3]],
    [[10], [11], [12]],
  ];

  it('are different points of each cloud, by the seed', () => {
    const drawn = drawPoints(clouds, 3, { seed: 4 });
    expect([...drawn.offsets]).toEqual([0, 3, 6]);
    expect(new Set(drawn.data.subarray(0, 3)).size).toBe(3);
    expect(drawn.data.subarray(3).toSorted()).toEqual(Float64Array.of(10, 11, 12));
    expect(drawPoints(clouds, 3, { seed: 4 })).toEqual(drawn);
    const others = [0, 1, 2, 3, 5, 6].map((seed) => [...drawPoints(clouds, 3, { seed }).data].join());
    expect(new Set(others).size).toBeGreaterThan(3);
  });

  it('are refused where there are too few', () => {
    expectRefused(() => drawPoints(clouds, 4), 'shape-mismatch', /at least 4 points each; cloud 1 has 3/);
    expectRefused(
      () => drawPoints(clouds, 0),
      'invalid-argument',
      /count: expected a whole number from 1; got 0/,
    );
    expectRefused(() => drawPoints(clouds, 1, { seed: -1 }), 'invalid-argument', /seed/);
  });
});

describe('evaluateClouds', () => {
  const set = (count: number, stream: number, shift = 0) => {
    const data = new Float64Array(count * 20 * 3);
    fillNormal(data, 1, stream);
    return { shape: [count, 20, 3], data: data.map((x) => x + shift) };
  };

  it('finds like sets alike and unlike ones not, under every distance', async () => {
    const distances = ['chamfer', 'earth-mover', 'approximate-earth-mover'] as const;
    const alike = await evaluateClouds(set(12, 1), set(12, 2), { distances, earthMoverPoints: 10 });
    const unlike = await evaluateClouds(set(12, 1, 3), set(12, 2), { distances, earthMoverPoints: 10 });
    expect([alike.samples, alike.reference]).toEqual([12, 12]);
    expect(alike.jensenShannonDivergence).toBeLessThan(unlike.jensenShannonDivergence);
    for (const name of distances) {
      const [near, far] = [alike.distances[name]!, unlike.distances[name]!];
      expect(near.points).toBe(name === 'chamfer' ? 20 : 10);
      expect(far.nearestNeighbourAccuracy.all).toBe(1);
      expect(near.nearestNeighbourAccuracy.all).toBeLessThan(0.8);
      expect(near.minimumMatchingDistance).toBeLessThan(far.minimumMatchingDistance);
      expect(near.coverage).toBeGreaterThanOrEqual(far.coverage);
    }
  });

  it('draws other points of a cloud that stands on both sides', async () => {
    const distances = ['earth-mover'] as const;
    const all = await evaluateClouds(set(3, 1), set(3, 1), { distances });
    expect(all.distances['earth-mover']!.minimumMatchingDistance).toBe(0);
    const some = await evaluateClouds(set(3, 1), set(3, 1), { distances, earthMoverPoints: 10 });
    expect(some.distances['earth-mover']!.minimumMatchingDistance).toBeGreaterThan(0.1);
  });

  it('tells how far it is, over all distances', async () => {
    const heard: [number, number][] = [];
    await evaluateClouds(set(3, 1), set(4, 2), { onProgress: (done, total) => heard.push([done, total]) });
    // 12 pairs between the sets, 3 and 6 within, twice.
    expect(heard.at(-1)).toEqual([42, 42]);
    expect(heard.map(([done]) => done)).toEqual(heard.map(([done]) => done).toSorted((a, b) => a - b));
  });

  it('takes clouds of different sizes under Chamfer', async () => {
    const { distances } = await evaluateClouds([[[0]], [[1], [2]]], [[[3]]], { distances: ['chamfer'] });
    expect(distances.chamfer!.points).toBe(null);
    await expect(evaluateClouds([[[0]], [[1], [2]]], [[[3]]])).rejects.toMatchObject({
      code: 'shape-mismatch',
    });
  });

  it('refuses misuse', async () => {
    const call = (options: object, clouds = [[[0]], [[1]]]) => evaluateClouds(clouds, [[[2]]], options);
    await expect(call({ distances: ['cd'] })).rejects.toMatchObject({ code: 'unknown-name' });
    await expect(call({ distances: 'chamfer' })).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(call({ metric: 'chamfer' })).rejects.toMatchObject({ code: 'unknown-name' });
    await expectRejected(call({}, [[[0]]]), 'invalid-data', /three of them/);
  });
});
