/*
 * How much a compressed file may unpack to. Real data seldom shrink to less than a tenth; a file that claims
 * far more is a trap, or data in which nothing varies.
 */

/** What any file may unpack to, however small it is. */
const ALWAYS_ALLOWED = 64 * 2 ** 20;
/** Beyond that, as a multiple of the compressed size. */
const LARGEST_RATIO = 200;

/** Whether `compressed` bytes may unpack to `unpacked` bytes. */
export function mayUnpackTo(unpacked: number, compressed: number): boolean {
  return unpacked <= Math.max(ALWAYS_ALLOWED, LARGEST_RATIO * compressed);
}
