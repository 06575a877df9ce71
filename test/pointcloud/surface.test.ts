import { expect, it } from 'vitest';
import { sampleSurface } from '../../src/pointcloud/index.ts';
import type { Mesh } from '../../src/pointcloud/index.ts';
import { expectRefused } from '../support/refused.ts';

/** A triangle of area 1/2 at height 0, one of area 2 at height 1, and one without area. */
const mesh: Mesh = {
  points: { data: Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 1, 0, 2, 1), rows: 6, cols: 3 },
  triangles: Uint32Array.of(0, 1, 2, 1, 1, 2, 3, 4, 5),
};

it('points are uniform on the surface: by area, and within each triangle', () => {
  const n = 20_000;
  const { data, rows } = sampleSurface(mesh, n, { seed: 3 });
  expect(rows).toBe(n);
  let upper = 0;
  let [sumX, sumY, corner] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y, z] = data.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
    expect(z === 0 || Math.abs(z - 1) < 1e-12).toBe(true);
    const side = z === 0 ? 1 : 2;
    expect(x >= 0 && y >= 0 && x + y <= side + 1e-12).toBe(true);
    if (z === 0) continue;
    upper += 1;
    sumX += x;
    sumY += y;
    corner += Number(x + y < 1);
  }
  // Five standard errors: shares by area, means at the centroid, a quarter of the area below the diagonal.
  expect(Math.abs(upper / n - 0.8)).toBeLessThan(5 * Math.sqrt(0.16 / n));
  expect(Math.abs(sumX / upper - 2 / 3)).toBeLessThan(5 * Math.sqrt(2 / 9 / upper));
  expect(Math.abs(sumY / upper - 2 / 3)).toBeLessThan(5 * Math.sqrt(2 / 9 / upper));
  expect(Math.abs(corner / upper - 1 / 4)).toBeLessThan(5 * Math.sqrt(3 / 16 / upper));
});

it('point i depends on the seed and i only', () => {
  const few = sampleSurface(mesh, 5, { seed: 1 });
  expect(sampleSurface(mesh, 9, { seed: 1 }).data.subarray(0, 15)).toEqual(few.data);
  expect(sampleSurface(mesh, 5, { seed: 2 }).data).not.toEqual(few.data);
  const single = { ...mesh, points: { ...mesh.points, data: Float32Array.from(mesh.points.data) } };
  expect(sampleSurface(single, 5, { seed: 1 }).data).toEqual(Float32Array.from(few.data));
});

it('a mesh without surface is refused', () => {
  const refused = (changes: Partial<Mesh>, code: 'invalid-data' | 'shape-mismatch', message: RegExp): void =>
    expectRefused(() => sampleSurface({ ...mesh, ...changes }, 5), code, message);
  refused({ triangles: new Uint32Array(0) }, 'invalid-data', /no triangles.*take its own points/);
  refused({ triangles: Uint32Array.of(1, 1, 2) }, 'invalid-data', /area of 0/);
  refused({ triangles: Uint32Array.of(0, 1, 6) }, 'shape-mismatch', /below 6; got 3 with 6/);
  refused({ triangles: Uint32Array.of(0, 1) }, 'shape-mismatch', /three numbers each/);
  refused(
    { points: { ...mesh.points, data: mesh.points.data.with(4, Number.NaN) } },
    'invalid-data',
    /point 1, coordinate 1 is NaN/,
  );
  expectRefused(() => sampleSurface(mesh, 0), 'invalid-argument', /count/);
  expectRefused(() => sampleSurface(mesh, 2, { seed: -1 }), 'invalid-argument', /seed/);
});
