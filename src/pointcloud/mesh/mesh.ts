import type { Matrix } from '../../matrix.ts';

/** Points in space, and the triangles between them, three numbers of points each: none for a cloud. */
export interface Mesh {
  readonly points: Matrix;
  readonly triangles: Uint32Array;
}

/** A mesh as it was read: `notes` says in sentences what was left out. */
export interface NotedMesh extends Mesh {
  readonly notes: readonly string[];
}
