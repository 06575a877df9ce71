import type { Matrix } from '../matrix.ts';

/** The rows with these numbers, in their order, as a matrix of its own. */
export function takeRows(matrix: Matrix, numbers: Uint32Array): Matrix {
  const { data, cols } = matrix;
  const taken = new Float64Array(numbers.length * cols);
  for (let i = 0; i < numbers.length; i++) {
    const begin = numbers[i]! * cols;
    taken.set(data.subarray(begin, begin + cols), i * cols);
  }
  return { data: taken, rows: numbers.length, cols };
}
