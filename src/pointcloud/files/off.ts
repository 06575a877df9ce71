import { badFile } from '../../files/table.ts';
import type { NotedMesh } from '../mesh/mesh.ts';
import { MeshParts } from './parts.ts';
import { countOf, linesOf, numberOf, textOf } from './text.ts';

/**
 * Reads an .off file (Object File Format of Geomview, ASCII; OFF, COFF and NOFF, whose colours and normals are left out).
 * Files of ModelNet, which write the counts on the line of the keyword (`OFF490 518 0`), are read too. Faces become fans of
 * triangles. Throws 'bad-file', also where lines are missing.
 */
export function decodeOff(bytes: Uint8Array, source = 'the .off bytes'): NotedMesh {
  const lines = linesOf(textOf(bytes));
  const next = (what: string): { line: string; number: number } => {
    const result = lines.next();
    if (result.done !== true) return result.value;
    throw badFile(source, `ends where ${what} was expected: is it truncated?`);
  };
  const first = next('the keyword OFF').line;
  const [, keyword, rest = ''] = /^([CN]{0,2}OFF)\s*(.*)$/i.exec(first) ?? [];
  if (keyword === undefined || /^binary/i.test(rest)) {
    throw badFile(source, `begins with '${first.slice(0, 40)}'; expected OFF, as text.`);
  }
  const counts = (rest === '' ? next('the numbers of points and faces').line : rest).split(/\s+/);
  const points = countOf(counts[0], source, 'the number of points');
  const faces = countOf(counts[1], source, 'the number of faces');
  const parts = new MeshParts(source);
  for (let i = 0; i < points; i++) {
    const { line, number } = next(`point ${i + 1} of ${points}`);
    const words = line.split(/\s+/);
    if (words.length < 3) {
      throw badFile(source, `line ${number}: expected three coordinates; got ${words.length}.`);
    }
    const [x, y, z] = words.slice(0, 3).map((word) => numberOf(word, source, `line ${number}`));
    parts.addPoint(x!, y!, z!);
  }
  for (let i = 0; i < faces; i++) {
    const { line, number } = next(`face ${i + 1} of ${faces}`);
    const [size, ...words] = line.split(/\s+/);
    const corners = countOf(size, source, `line ${number}: the corners of a face`);
    if (words.length < corners) {
      throw badFile(source, `line ${number}: expected ${corners} numbers of points; got ${words.length}.`);
    }
    parts.addFace(words.slice(0, corners).map((word) => countOf(word, source, `line ${number}: a point`)));
  }
  return parts.mesh();
}
