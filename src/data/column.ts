import type { Matrix } from '../matrix.ts';

/**
 * Mean and standard deviation of a column, in two passes, the second relative to the largest deviation, so that squares
 * neither overflow nor vanish.
 */
export function meanAndDeviation({ data, rows, cols }: Matrix, j: number): [mean: number, deviation: number] {
  let mean = 0;
  for (let i = 0; i < rows; i++) mean += (data[i * cols + j]! - mean) / (i + 1);
  let largest = 0;
  for (let i = 0; i < rows; i++) largest = Math.max(largest, Math.abs(data[i * cols + j]! - mean));
  if (largest === 0) return [mean, 0];
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < rows; i++) {
    const deviation = (data[i * cols + j]! - mean) / largest;
    sum += deviation;
    squares += deviation * deviation;
  }
  // What is left of the rounding of the mean is taken out of both.
  const rest = sum / rows;
  return [mean + rest * largest, largest * Math.sqrt(squares / rows - rest * rest)];
}

/** Whether all numbers of a column are the same, by comparison: rounding leaves a constant column a tiny deviation. */
export function isConstant({ data, rows, cols }: Matrix, j: number): boolean {
  for (let i = 1; i < rows; i++) if (data[i * cols + j] !== data[j]) return false;
  return true;
}
