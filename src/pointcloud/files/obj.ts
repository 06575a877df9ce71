import { badFile } from '../../files/table.ts';
import type { NotedMesh } from '../mesh/mesh.ts';
import { MeshParts } from './parts.ts';
import { linesOf, numberOf, textOf } from './text.ts';

/**
 * Reads the points (`v`) and faces (`f`) of a Wavefront .obj file; faces become fans of triangles. Everything else that the
 * format knows (texture, normals, groups, materials, curves) is left out. Numbers of points may be negative: counted
 * back from the last one. Throws 'bad-file', naming the line.
 */
export function decodeObj(bytes: Uint8Array, source = 'the .obj bytes'): NotedMesh {
  const parts = new MeshParts(source);
  // A backslash at the end of a line joins the next one to it.
  const text = textOf(bytes).replaceAll(/\\\r?\n/g, ' ');
  for (const { line, number } of linesOf(text)) {
    const [keyword, ...words] = line.split(/\s+/);
    if (keyword === 'v') {
      if (words.length < 3) {
        throw badFile(source, `line ${number}: expected three coordinates; got ${words.length}.`);
      }
      const [x, y, z] = words.map((word) => numberOf(word, source, `line ${number}`));
      parts.addPoint(x!, y!, z!);
    } else if (keyword === 'f') {
      parts.addFace(words.map((word) => cornerOf(word, parts.points, source, number)));
    }
  }
  return parts.mesh();
}

/** The number of a point, from 0, in `7`, `7/1`, `7//3` or `-1/2/3`. */
function cornerOf(word: string, points: number, source: string, line: number): number {
  const found = /^(-?\d{1,15})(?:\/-?\d*){0,2}$/.exec(word);
  const given = Number(found?.[1] ?? 0);
  if (given === 0) {
    throw badFile(
      source,
      `line ${line}: expected the number of a point, from 1; got '${word.slice(0, 40)}'.`,
    );
  }
  return given > 0 ? given - 1 : points + given;
}
