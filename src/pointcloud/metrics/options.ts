import { LiouvilleError, unknownName } from '../../errors.ts';
import type { EngineName } from '../../engine/index.ts';
import { refuseUnknown } from '../../flow/index.ts';

/** Distances of two clouds, by name; docs/pointcloud-metrics.md defines them. */
export type CloudDistanceName = 'chamfer' | 'earth-mover' | 'approximate-earth-mover';

/** The names of the distances between clouds. */
export const cloudDistanceNames: readonly CloudDistanceName[] = [
  'chamfer',
  'earth-mover',
  'approximate-earth-mover',
];

/** How a call computes. */
export interface MetricOptions {
  /** 'auto' unless given; the results of Chamfer's distance have the same bits on every engine. */
  readonly engine?: EngineName | 'auto' | undefined;
  /** All cores unless given; the results do not depend on it. */
  readonly threads?: number | undefined;
  /** Ends the call with the code 'aborted' when it fires; without one nothing does. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called now and then with how many pairs of clouds have been compared, and how many there are;
   * nobody unless given.
   */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Options of all distances between two sets of clouds. */
export interface PairwiseOptions extends MetricOptions {
  /** 'chamfer' unless given. */
  readonly distance?: CloudDistanceName | undefined;
}

export const metricOptionNames = ['engine', 'threads', 'signal', 'onProgress'] as const;

/** Throws for options that are not known, and gives the distance that is asked for. */
export function distanceOf(options: PairwiseOptions): CloudDistanceName {
  refuseUnknown('option', options, [...metricOptionNames, 'distance']);
  return checkedDistance(options.distance ?? 'chamfer');
}

export function checkedDistance(name: CloudDistanceName): CloudDistanceName {
  if (!cloudDistanceNames.includes(name)) throw unknownName('cloud distance', name, cloudDistanceNames);
  return name;
}

/** A whole number from `least`, or the default. */
export function wholeFrom(name: string, value: number | undefined, least: number, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new LiouvilleError(
    'invalid-argument',
    `${name}: expected a whole number from ${least}; got ${String(value)}.`,
  );
}
