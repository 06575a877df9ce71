/** The features that coupling layer `layer` keeps: the even ones, then the odd ones, in turn. */
export function alternating(dim: number, layer: number): number[] {
  return Array.from({ length: dim }, (_, i) => i).filter((i) => i % 2 === layer % 2);
}
