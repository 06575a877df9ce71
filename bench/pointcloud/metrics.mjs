// node bench/pointcloud/metrics.mjs [--clouds N] [--points N] [--threads N] [--engine E] [--json]: what a pair of clouds
// costs under each distance, and what the distances of N x N clouds would take. Clouds are those of a torus whose radii
// vary, drawn here, so that anybody gets the same. CPU seconds are those of all threads: they hold on a busy machine.

import { parseArgs } from 'node:util';
import { cloudsOf, drawPoints, pairwiseDistances, selectClouds } from '../../dist/pointcloud/index.js';
import { uniform } from '../../dist/random/index.js';

const { values } = parseArgs({
  options: {
    clouds: { type: 'string', default: '400' },
    points: { type: 'string', default: '2048' },
    threads: { type: 'string' },
    engine: { type: 'string', default: 'auto' },
    json: { type: 'boolean', default: false },
  },
});
const [count, points] = [Number(values.clouds), Number(values.points)];
const threads = values.threads === undefined ? undefined : Number(values.threads);
const engine = /** @type {'auto'} */ (values.engine);

/**
 * Points of the surface of a torus, not uniform.
 * @param {number} shape
 */
function torus(shape) {
  const thickness = 0.15 + 0.35 * uniform(0, 1, shape);
  const data = new Float64Array(3 * points);
  for (let i = 0; i < points; i++) {
    const around = 2 * Math.PI * uniform(shape, 2, i);
    const through = 2 * Math.PI * uniform(shape, 3, i);
    const radius = 1 + thickness * Math.cos(through);
    data.set([radius * Math.cos(around), radius * Math.sin(around), thickness * Math.sin(through)], 3 * i);
  }
  return { data, rows: points, cols: 3 };
}

/**
 * Distances of so many clouds with as many others.
 * @param {'chamfer' | 'earth-mover' | 'approximate-earth-mover'} distance
 * @param {number} side
 * @param {number} [drawn] points of each
 */
async function measure(distance, side, drawn = points) {
  const all = cloudsOf(Array.from({ length: 2 * side }, (_, i) => torus(i)));
  const clouds = drawn < points ? drawPoints(all, drawn) : all;
  const left = selectClouds(
    clouds,
    Array.from({ length: side }, (_, i) => i),
  );
  const right = selectClouds(
    clouds,
    Array.from({ length: side }, (_, i) => side + i),
  );
  await pairwiseDistances(selectClouds(left, [0]), selectClouds(right, [0]), { distance, threads, engine });
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const { data } = await pairwiseDistances(left, right, { distance, threads, engine });
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  const pairs = side * side;
  let sum = 0;
  for (const value of data) sum += value;
  return {
    distance,
    points: drawn,
    pairs,
    mean: sum / pairs,
    wallSeconds: wall,
    cpuSeconds,
    cpuMillisecondsPerPair: (1000 * cpuSeconds) / pairs,
    cpuMinutesForAll: (cpuSeconds / pairs / 60) * count * count,
  };
}

const rows = [
  await measure('chamfer', 24),
  await measure('earth-mover', 6),
  await measure('earth-mover', 12, Math.min(points, 512)),
  await measure('approximate-earth-mover', 1),
];
if (values.json) {
  console.log(JSON.stringify({ clouds: count, points, rows }, null, 2));
} else {
  console.log(`distance, points, mean, CPU ms a pair, CPU minutes for ${count} x ${count}`);
  for (const row of rows) {
    const numbers = [
      row.mean.toPrecision(6),
      row.cpuMillisecondsPerPair.toFixed(2),
      row.cpuMinutesForAll.toFixed(1),
    ];
    console.log([row.distance, row.points, ...numbers].join(', '));
  }
}
