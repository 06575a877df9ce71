import { checkClouds, chooseEngine } from '../../engine/index.ts';
import type { CloudData, Engine } from '../../engine/index.ts';
import { Pauses } from '../../engine/pause.ts';
import { cloudAt, pointCount } from '../clouds.ts';
import type { Clouds } from '../clouds.ts';
import { approximateDistance } from './approximate.ts';
import type { CloudDistanceName, MetricOptions } from './options.ts';

/** How pairs of clouds are compared. */
export interface CompareOptions extends MetricOptions {
  /**
   * For the exact earth mover's distance: a pair that is certain to be above its number may come out as Infinity;
   * no limits unless given.
   */
  readonly limits?: Float64Array | undefined;
}

/** The distances of the clouds left[pairs[2 k]] and right[pairs[2 k + 1]]. */
export async function compare(
  distance: CloudDistanceName,
  left: Clouds,
  right: Clouds,
  pairs: Uint32Array,
  options: CompareOptions,
): Promise<Float64Array> {
  if (distance === 'approximate-earth-mover') return compareApproximately(left, right, pairs, options);
  const engine = chooseEngine(options.engine);
  const { threads, signal, limits } = options;
  const total = pairs.length / 2;
  const results = new Float64Array(total);
  const [lefts, rights] = [doubles(left), doubles(right)];
  // Before clouds get other numbers, so that messages name the caller's.
  checkClouds(distance, lefts, rights, pairs, limits);
  for (let done = 0; done < total;) {
    const end = done + portion(engine, distance, left, right, pairs.subarray(2 * done));
    const part = pairs.subarray(2 * done, 2 * end);
    const [ours, theirs] = [used(lefts, part, 0), used(rights, part, 1)];
    const numbers = Uint32Array.from(part, (i, k) => (k % 2 === 0 ? ours : theirs).numbers.get(i)!);
    const found = await engine.cloudDistances(distance, ours.clouds, theirs.clouds, numbers, {
      threads,
      signal,
      limits: limits?.subarray(done, end),
    });
    for (let k = done; k < end; k++) {
      const [first, second] = [found[2 * (k - done)]!, found[2 * (k - done) + 1]!];
      results[k] = distance === 'chamfer' ? first + second : first;
    }
    done = end;
    options.onProgress?.(done, total);
  }
  return results;
}

async function compareApproximately(
  left: Clouds,
  right: Clouds,
  pairs: Uint32Array,
  { signal, onProgress }: MetricOptions,
): Promise<Float64Array> {
  const results = new Float64Array(pairs.length / 2);
  const pauses = new Pauses(signal);
  for (let k = 0; k < results.length; k++) {
    results[k] = approximateDistance(cloudAt(left, pairs[2 * k]!), cloudAt(right, pairs[2 * k + 1]!), true);
    await pauses.maybe();
    onProgress?.(k + 1, results.length);
  }
  return results;
}

/** Evaluations of point to point that one call of an engine takes, so that progress is heard of every few seconds. */
const evaluations = { reference: 1e7, others: 1e10 } as const;
/** An assignment looks at each pair of points about this often. */
const passes = { chamfer: 1, 'earth-mover': 40 } as const;

/** How many of the pairs one call of the engine gets; never fewer than one. */
function portion(
  { name }: Engine,
  distance: 'chamfer' | 'earth-mover',
  left: Clouds,
  right: Clouds,
  pairs: Uint32Array,
): number {
  let work = 0;
  let count = 0;
  do {
    work += pointCount(left, pairs[2 * count]!) * pointCount(right, pairs[2 * count + 1]!) * passes[distance];
    count += 1;
  } while (2 * count < pairs.length && work < evaluations[name === 'reference' ? 'reference' : 'others']);
  return count;
}

/** The clouds that pairs name on one side, and their new numbers: engines copy and check all that they are given. */
function used(
  { data, dim, offsets }: CloudData,
  pairs: Uint32Array,
  side: 0 | 1,
): { readonly clouds: CloudData; readonly numbers: ReadonlyMap<number, number> } {
  const numbers = new Map<number, number>();
  for (let k = side; k < pairs.length; k += 2) {
    if (!numbers.has(pairs[k]!)) numbers.set(pairs[k]!, numbers.size);
  }
  const some = new Uint32Array(numbers.size + 1);
  for (const [i, place] of numbers) some[place + 1] = some[place]! + offsets[i + 1]! - offsets[i]!;
  const points = new Float64Array(some.at(-1)! * dim);
  for (const [i, place] of numbers) {
    points.set(data.subarray(offsets[i]! * dim, offsets[i + 1]! * dim), some[place]! * dim);
  }
  return { clouds: { data: points, dim, offsets: some }, numbers };
}

/** As engines take them; a copy only where the numbers are singles. */
export function doubles({ data, dim, offsets }: Clouds): CloudData {
  return { data: data instanceof Float64Array ? data : Float64Array.from(data), dim, offsets };
}
