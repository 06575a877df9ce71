import { badFile } from '../../files/table.ts';
import type { NotedMesh } from '../mesh/mesh.ts';
import { MeshParts } from './parts.ts';
import { linesOf, numberOf, textOf } from './text.ts';

/**
 * Reads an .xyz file: a point a line, its coordinates parted by blanks, commas or semicolons; what follows the third number
 * (normals, colours) is left out, and so are lines that begin with `#`. All lines have as many numbers. Throws 'bad-file',
 * naming the line.
 */
export function decodeXyz(bytes: Uint8Array, source = 'the .xyz bytes'): NotedMesh {
  const parts = new MeshParts(source);
  let width = 0;
  for (const { line, number } of linesOf(textOf(bytes))) {
    const words = line.split(/[\s,;]+/);
    if (width === 0) width = words.length;
    if (words.length !== width || width < 3) {
      throw badFile(
        source,
        `line ${number}: expected ${width < 3 ? 'three numbers or more' : `${width} numbers, as before`}; got ${words.length}.`,
      );
    }
    const [x, y, z] = words.map((word) => numberOf(word, source, `line ${number}`));
    parts.addPoint(x!, y!, z!);
  }
  if (width > 3) parts.note(`Of ${width} numbers a line, the first three were read.`);
  return parts.mesh();
}
