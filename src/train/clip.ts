/** The Euclidean norm of a gradient; not finite where an entry is not. */
export function norm(gradient: Float64Array): number {
  let largest = 0;
  for (const g of gradient) {
    const magnitude = Math.abs(g);
    if (!(magnitude < Infinity)) return magnitude;
    if (magnitude > largest) largest = magnitude;
  }
  if (largest === 0) return 0;
  // Scaled by the largest entry, since the square of a large one may overflow.
  let sum = 0;
  for (const g of gradient) sum += (g / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** The gradient, or a shorter one in its direction: Pascanu, Mikolov and Bengio, ICML 2013, algorithm 1. */
export function clip(gradient: Float64Array, length: number, limit: number): Float64Array {
  return length > limit ? gradient.map((g) => (g / length) * limit) : gradient;
}
