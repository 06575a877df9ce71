import { LiouvilleError } from '../errors.ts';
import { keyOf, wholeNumber } from '../flow/index.ts';
import { randomPermutation } from './permutation.ts';

/**
 * The features that coupling layer `layer` keeps: the even ones, then the odd ones, in turn. A single
 * feature is never kept, since a coupling that keeps everything does nothing.
 */
export function alternating(dim: number, layer: number): number[] {
  return keeping(dim, (i) => i % 2 === layer % 2);
}

/** The first half, then the second half, in turn. */
export function halves(dim: number, layer: number): number[] {
  const half = Math.ceil(dim / 2);
  return keeping(dim, (i) => i < half === (layer % 2 === 0));
}

/** A random half of the features, then the others, in turn; each pair of layers has another one. */
export function randomHalves(dim: number, layer: number, seed = 0): number[] {
  const places = randomPermutation(dim, seed + Math.floor(layer / 2));
  const half = Math.ceil(dim / 2);
  return keeping(dim, (i) => places[i]! < half === (layer % 2 === 0));
}

/**
 * What the couplings of a model keep, layer by layer: 'alternating', 'halves', 'random' (`randomHalves`), or a list of masks,
 * the features that are kept, which the layers go through again and again.
 */
export type MaskCycle = 'alternating' | 'halves' | 'random' | readonly (readonly number[])[];

/**
 * The features that layer `layer` keeps.
 *
 * @throws LiouvilleError 'unknown-name' for another name, 'invalid-argument' for an empty list. What a mask holds is
 * checked by the coupling.
 */
export function cycled(cycle: MaskCycle, dim: number, layer: number): readonly number[] {
  if (!Array.isArray(cycle)) return named[keyOf('masks', cycle as keyof typeof named, named)](dim, layer);
  const list = cycle as readonly (readonly number[])[];
  const mask = list[layer % list.length];
  if (mask === undefined || list.some((features) => !Array.isArray(features))) {
    throw new LiouvilleError(
      'invalid-argument',
      `masks: expected lists of the features that are kept, at least one; got ${JSON.stringify(cycle)}.`,
    );
  }
  return mask;
}

/** Rows that are images, feature (y, x, c) at (y width + x) channels + c. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The pixels of one colour of a chessboard, then those of the other, in turn (RealNVP, section 3.4). */
export function checkerboard(shape: ImageShape, layer: number): number[] {
  const { width, channels } = shape;
  return keeping(sizeOf(shape), (i) => {
    const pixel = Math.floor(i / channels);
    return (Math.floor(pixel / width) + (pixel % width)) % 2 === layer % 2;
  });
}

/**
 * The first half of the channels, then the second half, in turn (RealNVP, section 3.4).
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function channels(shape: ImageShape, layer: number): number[] {
  if (shape.channels < 2) {
    throw new LiouvilleError('invalid-argument', `channels: expected at least 2; got ${shape.channels}.`);
  }
  const half = Math.ceil(shape.channels / 2);
  return keeping(sizeOf(shape), (i) => i % shape.channels < half === (layer % 2 === 0));
}

const named: Readonly<Record<'alternating' | 'halves' | 'random', (dim: number, layer: number) => number[]>> =
  { alternating, halves, random: randomHalves };

function sizeOf({ height, width, channels }: ImageShape): number {
  const size = wholeNumber('height', height, 1) * wholeNumber('width', width, 1);
  return size * wholeNumber('channels', channels, 1);
}

function keeping(dim: number, keep: (i: number) => boolean): number[] {
  return dim === 1 ? [] : Array.from({ length: dim }, (_, i) => i).filter(keep);
}
