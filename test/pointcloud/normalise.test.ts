import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  cloudNormalisation,
  cloudsOf,
  denormaliseClouds,
  normaliseClouds,
} from '../../src/pointcloud/index.ts';
import type { NormalisationMethod } from '../../src/pointcloud/index.ts';
import { expectRefused } from '../support/refused.ts';

const clouds = [
  [
    [0, 0],
    [4, 0],
  ],
  [
    [0, 0],
    [0, 0],
    [1, 5],
  ],
];
const methods: readonly NormalisationMethod[] = ['global', 'global-per-axis', 'unit-sphere', 'unit-box'];

it('by hand', () => {
  // All points: means 1 and 1; squares about them 1 + 9 + 1 + 1 + 0 = 12 and 1 + 1 + 1 + 1 + 16 = 20.
  expect(cloudNormalisation(clouds)).toEqual({
    centers: [[1, 1]],
    scales: [[Math.sqrt(3.2), Math.sqrt(3.2)]],
  });
  expect(cloudNormalisation(clouds, 'global-per-axis').scales).toEqual([[Math.sqrt(12 / 5), 2]]);
  expect(cloudNormalisation(clouds, 'unit-sphere').centers[0]).toEqual([2, 0]);
  expect(cloudNormalisation(clouds, 'unit-sphere').scales[0]).toEqual([2, 2]);
  expect(cloudNormalisation(clouds, 'unit-box')).toEqual({
    centers: [
      [2, 0],
      [0.5, 2.5],
    ],
    scales: [
      [2, 2],
      [2.5, 2.5],
    ],
  });
});

it('is undone, and makes what it promises', () => {
  const coordinate = fc.double({ min: -100, max: 100, noNaN: true });
  const cloud = fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      fc.array(cloud, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...methods),
      (drawn, method) => {
        const before = cloudsOf(drawn);
        const statistics = cloudNormalisation(before, method);
        const normal = normaliseClouds(before, statistics);
        const back = denormaliseClouds(normal, statistics);
        back.data.forEach((x, k) => expect(x).toBeCloseTo(before.data[k]!, 9));
        expect(cloudsOf(drawn)).toEqual(before);
        if (method === 'unit-box')
          expect(Math.max(...normal.data.map(Math.abs))).toBeLessThanOrEqual(1 + 1e-9);
        if (method === 'unit-sphere') {
          for (let at = 0; at < normal.data.length; at += 3) {
            expect(Math.hypot(...normal.data.subarray(at, at + 3))).toBeLessThanOrEqual(1 + 1e-9);
          }
        }
      },
    ),
  );
});

it('leaves a cloud of one point its size, and keeps precision', () => {
  expect(
    cloudNormalisation([
      [
        [3, 4],
        [3, 4],
      ],
    ]),
  ).toEqual({ centers: [[3, 4]], scales: [[1, 1]] });
  const single = { shape: [1, 2, 1], data: Float32Array.of(0, 2) };
  expect(normaliseClouds(single, cloudNormalisation(single)).data).toEqual(Float32Array.of(-1, 1));
});

it('refuses statistics of other clouds', () => {
  const statistics = cloudNormalisation(clouds, 'unit-box');
  expectRefused(
    () => normaliseClouds([[[0, 0]], [[1, 1]], [[2, 2]]], statistics),
    'shape-mismatch',
    /or 3 of each; got 2 and 2/,
  );
  expectRefused(() => normaliseClouds([[[0]]], cloudNormalisation(clouds)), 'shape-mismatch', /of 1 numbers/);
  expectRefused(
    () => denormaliseClouds(clouds, { centers: [[0, 0]], scales: [[0, 1]] }),
    'shape-mismatch',
    /positive scale/,
  );
  expectRefused(() => cloudNormalisation(clouds, 'sphere' as 'global'), 'invalid-argument', /got 'sphere'/);
});
