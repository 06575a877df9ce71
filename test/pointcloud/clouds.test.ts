import { describe, expect, it } from 'vitest';
import {
  cloudAt,
  cloudCount,
  cloudsOf,
  pointCloudOf,
  pointCount,
  selectClouds,
} from '../../src/pointcloud/index.ts';
import type { CloudsLike } from '../../src/pointcloud/index.ts';
import { expectRefused } from '../support/refused.ts';

const two = [
  [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
  [[7, 8]],
];

describe('clouds', () => {
  it('of different sizes lie one after another', () => {
    const clouds = cloudsOf(two);
    expect(clouds).toEqual({
      data: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      dim: 2,
      offsets: Uint32Array.of(0, 3, 4),
    });
    expect(cloudCount(clouds)).toBe(2);
    expect([pointCount(clouds, 0), pointCount(clouds, 1)]).toEqual([3, 1]);
    expect(cloudAt(clouds, 1)).toEqual({ data: Float64Array.of(7, 8), rows: 1, cols: 2 });
  });

  it('come as a list of matrices or tensors, as an array of three axes, or as they are', () => {
    const single = { data: Float32Array.of(1, 2, 3, 4), rows: 2, cols: 2 };
    expect(cloudsOf([single, single])).toEqual({
      data: Float32Array.of(1, 2, 3, 4, 1, 2, 3, 4),
      dim: 2,
      offsets: Uint32Array.of(0, 2, 4),
    });
    const shaped = cloudsOf({ shape: [2, 1, 2], data: Float32Array.of(1, 2, 3, 4) });
    expect(shaped).toEqual({
      data: Float32Array.of(1, 2, 3, 4),
      dim: 2,
      offsets: Uint32Array.of(0, 1, 2),
    });
    const tensor = { shape: [1, 2], dataSync: () => [5, 6] };
    expect(cloudsOf([tensor]).data).toEqual(Float64Array.of(5, 6));
    expect(cloudsOf(shaped)).toEqual(shaped);
  });

  it('are copies', () => {
    const cloud = { data: Float64Array.of(1, 2), rows: 1, cols: 2 };
    for (const clouds of [cloudsOf([cloud]), cloudsOf({ shape: [1, 1, 2], data: cloud.data })]) {
      const copy = cloudsOf(clouds);
      copy.data[0] = 9;
      copy.offsets[0] = 9;
      expect(clouds.data[0]).toBe(1);
      expect(clouds.offsets[0]).toBe(0);
    }
    expect(pointCloudOf(cloud)).toEqual(cloud);
    expect(pointCloudOf(cloud).data).not.toBe(cloud.data);
  });

  it('are chosen by their numbers, in any order, some twice', () => {
    expect(selectClouds(cloudsOf(two), [1, 0, 1])).toEqual(cloudsOf([two[1]!, two[0]!, two[1]!]));
    expectRefused(() => selectClouds(cloudsOf(two), [2]), 'invalid-argument', /from 0 to 1; got 2/);
    expectRefused(() => cloudAt(cloudsOf(two), 0.5), 'invalid-argument', /got 0.5/);
  });

  const refused: [
    name: string,
    clouds: unknown,
    code: Parameters<typeof expectRefused>[1],
    message: RegExp,
  ][] = [
    ['no cloud', [], 'invalid-data', /at least one cloud; got none/],
    ['a cloud without points', [[[1, 2]], []], 'shape-mismatch', /cloud 1 has 0/],
    [
      'a cloud without points, by its offsets',
      { data: Float64Array.of(1, 2), dim: 2, offsets: Uint32Array.of(0, 1, 1) },
      'invalid-data',
      /set: cloud 1 has no points/,
    ],
    [
      'a point that is NaN',
      [
        [[0, 1]],
        [
          [0, 1],
          [2, Number.NaN],
        ],
      ],
      'invalid-data',
      /cloud 1, point 1, coordinate 1 is NaN/,
    ],
    ['a point at infinity', [[[Infinity, 1]]], 'invalid-data', /cloud 0, point 0, coordinate 0 is Infinity/],
    ['null for a number', [[[null, 1]]], 'invalid-data', /coordinate 0 is NaN/],
    [
      'points of different dimensions',
      [[[0, 1]], [[0, 1, 2]]],
      'shape-mismatch',
      /2 coordinates, as in cloud 0; cloud 1 has 3/,
    ],
    ['ragged points', [[[0, 1], [2]]], 'shape-mismatch', /point 0 has 2 coordinates; point 1 has 1/],
    ['two axes', { shape: [2, 2], data: new Float64Array(4) }, 'shape-mismatch', /got \[2, 2\]/],
    ['too few numbers', { shape: [2, 2, 3], data: new Float64Array(11) }, 'shape-mismatch', /got 11/],
    ['no coordinates', { shape: [2, 2, 0], data: new Float64Array(0) }, 'shape-mismatch', /of 0 coordinates/],
    [
      'offsets that fall',
      { data: new Float64Array(3), dim: 1, offsets: Uint32Array.of(0, 3, 2) },
      'shape-mismatch',
      /offset 2 is 2/,
    ],
    [
      'offsets that begin late',
      { data: new Float64Array(3), dim: 1, offsets: Uint32Array.of(1, 3) },
      'shape-mismatch',
      /offset 0 is 1/,
    ],
    ['a word', 'bunny', 'invalid-argument', /got string/],
    [
      'one matrix',
      { data: new Float64Array(3), rows: 1, cols: 3 },
      'invalid-argument',
      /an object with data, rows, cols/,
    ],
    ['a list of words', ['bunny'], 'invalid-argument', /set, cloud 0: expected points/],
  ];
  it.each(refused)('refuse %s', (_, clouds, code, message) => {
    expectRefused(() => cloudsOf(clouds as CloudsLike, 'set'), code, message);
  });
});
