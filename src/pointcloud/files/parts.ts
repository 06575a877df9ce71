import { badFile } from '../../files/table.ts';
import type { NotedMesh } from '../mesh/mesh.ts';

/** Coordinates and faces as a file gives them, one after the other; faces become fans of triangles. */
export class MeshParts {
  readonly #source: string;
  readonly #coordinates: number[] = [];
  readonly #triangles: number[] = [];
  readonly #notes: string[] = [];
  #lines = 0;

  /** @param source names the file in messages. */
  constructor(source: string) {
    this.#source = source;
  }

  get points(): number {
    return this.#coordinates.length / 3;
  }

  addPoint(x: number, y: number, z: number): void {
    this.#coordinates.push(x, y, z);
  }

  /** Numbers of points from 0. Faces of fewer than three points have no surface; they are counted and left out. */
  addFace(corners: readonly number[]): void {
    if (corners.length < 3) this.#lines += 1;
    for (let i = 2; i < corners.length; i++) this.#triangles.push(corners[0]!, corners[i - 1]!, corners[i]!);
  }

  note(sentence: string): void {
    this.#notes.push(sentence);
  }

  /** Throws 'bad-file' where there is no point, or a face names one that is not there. */
  mesh(): NotedMesh {
    const rows = this.points;
    if (rows === 0) throw badFile(this.#source, 'holds no points.');
    const stranger = this.#triangles.find((i) => !(Number.isInteger(i) && i >= 0 && i < rows));
    if (stranger !== undefined) {
      throw badFile(
        this.#source,
        `a face names point ${stranger}, counted from 0; there are ${rows} points.`,
      );
    }
    if (this.#lines > 0) this.note(`${this.#lines} faces of fewer than three points were left out.`);
    return {
      points: { data: Float64Array.from(this.#coordinates), rows, cols: 3 },
      triangles: Uint32Array.from(this.#triangles),
      notes: this.#notes,
    };
  }
}
