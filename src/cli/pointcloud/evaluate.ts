import { LiouvilleError } from '../../errors.ts';
import {
  cloudCount,
  denormaliseClouds,
  evaluateClouds,
  sampleClouds,
  selectClouds,
} from '../../pointcloud/index.ts';
import type {
  CloudDistanceName,
  CloudMetrics,
  Clouds,
  DrawOptions,
  EvaluateCloudsOptions,
} from '../../pointcloud/index.ts';
import { integerBelow, namedStream, permutation } from '../../random/index.ts';
import { aligned } from '../table.ts';
import { splitClouds } from './data.ts';
import { openCloudRun } from './run.ts';
import { mayHaveFaces, readCloudFile } from './source.ts';
import type { CloudReading } from './source.ts';

/** A set of clouds with the name of its line. */
export interface NamedClouds {
  readonly name: string;
  readonly clouds: Clouds;
}

/** What is measured, and against what. */
export interface Contest {
  readonly reference: NamedClouds;
  readonly sets: readonly NamedClouds[];
}

/** What a set scores. */
export interface Score extends CloudMetrics {
  readonly name: string;
}

/** The name of the line that no model is expected to beat. */
const BOUND = 'training set';

/**
 * A run against the clouds that it held out: as many of its training clouds, for a bound, and as many clouds of the model.
 * Throws 'invalid-argument' for a run that held none out.
 */
export async function contestOfRun(
  folder: string,
  options: DrawOptions & { seed: number },
): Promise<Contest> {
  const { model, plan, normalisation } = await openCloudRun(folder);
  const { train, test } = splitClouds(await readCloudFile(plan.data, plan), plan.test, plan.seed);
  if (test === null) {
    throw new LiouvilleError(
      'invalid-argument',
      `--run: '${folder}' held no clouds out; train with --test, or name the clouds by --reference and --samples.`,
    );
  }
  const count = cloudCount(test);
  const drawn = await sampleClouds(model, count, options);
  return {
    reference: { name: `held out of ${plan.data}`, clouds: test },
    sets: [
      { name: BOUND, clouds: someOf(train, count, options.seed) },
      { name: folder, clouds: denormaliseClouds(drawn, normalisation) },
    ],
  };
}

/**
 * Files of samples against a file of reference clouds, with as many clouds of a training set for a bound. Points of a
 * surface are asked of those files that are meshes or folders, other ones of each. Throws 'invalid-argument' where none is,
 * and 'shape-mismatch' for points of different widths, before anything is computed.
 */
export async function contestOfFiles(
  reference: string,
  samples: readonly string[],
  train: string | undefined,
  reading: CloudReading,
): Promise<Contest> {
  const { surface = null, seed } = reading;
  const files = [reference, ...(train === undefined ? [] : [train]), ...samples];
  const withFaces = new Set<string>();
  for (const file of files) if (await mayHaveFaces(file)) withFaces.add(file);
  if (surface !== null && withFaces.size === 0) {
    throw new LiouvilleError(
      'invalid-argument',
      '--surface: none of the files is an .ply, .obj or .off mesh.',
    );
  }
  // Other points of the same meshes in each place.
  const read = (file: string, place: number): Promise<Clouds> =>
    readCloudFile(file, {
      ...reading,
      surface: withFaces.has(file) ? surface : null,
      seed: integerBelow(2 ** 53 - 1, seed, namedStream('surfaces of evaluate'), place),
    });
  const clouds = await read(reference, 0);
  const sets: NamedClouds[] = [];
  if (train !== undefined) {
    sets.push({ name: BOUND, clouds: someOf(await read(train, 1), cloudCount(clouds), seed) });
  }
  for (const [i, file] of samples.entries()) sets.push({ name: file, clouds: await read(file, 2 + i) });
  for (const {
    name,
    clouds: { dim },
  } of sets) {
    if (dim === clouds.dim) continue;
    throw new LiouvilleError(
      'shape-mismatch',
      `${name}: expected points of ${clouds.dim} coordinates, as in '${reference}'; got ${dim}.`,
    );
  }
  return { reference: { name: reference, clouds }, sets };
}

/** Scores of all sets. `onProgress` gets the set in hand and its share that is done. */
export async function scoresOf(
  { reference, sets }: Contest,
  options: EvaluateCloudsOptions,
  onProgress: (name: string, part: number) => void,
): Promise<Score[]> {
  const scores: Score[] = [];
  for (const { name, clouds } of sets) {
    const metrics = await evaluateClouds(clouds, reference.clouds, {
      ...options,
      onProgress: (done, total) => onProgress(name, done / total),
    });
    scores.push({ name, ...metrics });
  }
  return scores;
}

const shortNames: Readonly<Record<CloudDistanceName, string>> = {
  chamfer: 'CD',
  'earth-mover': 'EMD',
  'approximate-earth-mover': 'EMD~',
};

/** A line for each set, in the units of docs/pointcloud-metrics.md: nothing is multiplied. */
export function scoreTable(scores: readonly Score[]): string {
  const distances = Object.keys(scores[0]!.distances) as CloudDistanceName[];
  const headings = distances.flatMap((distance) =>
    ['MMD', 'COV', '1-NNA'].map((metric) => `${metric}-${shortNames[distance]}`),
  );
  const lines = scores.map(({ name, samples, jensenShannonDivergence, distances: found }) => [
    name,
    String(samples),
    jensenShannonDivergence.toFixed(4),
    ...distances.flatMap((distance) => {
      const { minimumMatchingDistance, coverage, nearestNeighbourAccuracy } = found[distance]!;
      return [
        minimumMatchingDistance.toPrecision(4),
        coverage.toFixed(3),
        nearestNeighbourAccuracy.all.toFixed(3),
      ];
    }),
  ]);
  return aligned([['set', 'clouds', 'JSD', ...headings], ...lines], 1);
}

/** So many clouds at random; all where there are no more. */
function someOf(clouds: Clouds, count: number, seed: number): Clouds {
  const order = permutation(cloudCount(clouds), seed, namedStream('bound of evaluate'));
  return selectClouds(clouds, order.subarray(0, count));
}
