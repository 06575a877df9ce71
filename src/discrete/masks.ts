import { LiouvilleError } from '../errors.ts';
import { wholeNumber } from '../flow/index.ts';
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

/** The first half of the channels, then the second half, in turn (RealNVP, section 3.4). */
export function channels(shape: ImageShape, layer: number): number[] {
  if (shape.channels < 2) {
    throw new LiouvilleError('invalid-argument', `channels: expected at least 2; got ${shape.channels}.`);
  }
  const half = Math.ceil(shape.channels / 2);
  return keeping(sizeOf(shape), (i) => i % shape.channels < half === (layer % 2 === 0));
}

function sizeOf({ height, width, channels }: ImageShape): number {
  const size = wholeNumber('height', height, 1) * wholeNumber('width', width, 1);
  return size * wholeNumber('channels', channels, 1);
}

function keeping(dim: number, keep: (i: number) => boolean): number[] {
  return dim === 1 ? [] : Array.from({ length: dim }, (_, i) => i).filter(keep);
}
