/**
 * The features that coupling layer `layer` keeps: the even ones, then the odd ones, in turn. A single
 * feature is never kept, since a coupling that keeps everything does nothing.
 */
export function alternating(dim: number, layer: number): number[] {
  if (dim === 1) return [];
  return Array.from({ length: dim }, (_, i) => i).filter((i) => i % 2 === layer % 2);
}
