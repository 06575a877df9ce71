import { LiouvilleError } from '../../errors.ts';
import type { Matrix } from '../../matrix.ts';
import type { Mesh } from '../mesh/mesh.ts';

/** A .ply file, binary and little-endian: single precision where the points have it, else double. */
export function encodePly({ points, triangles }: Mesh): Uint8Array {
  checkSpace(points, '.ply');
  const { data, rows } = points;
  const single = data instanceof Float32Array;
  const type = single ? 'float' : 'double';
  const faces = triangles.length / 3;
  const header = [
    'ply',
    'format binary_little_endian 1.0',
    `element vertex ${rows}`,
    ...['x', 'y', 'z'].map((axis) => `property ${type} ${axis}`),
    ...(faces > 0 ? [`element face ${faces}`, 'property list uchar uint vertex_indices'] : []),
    'end_header\n',
  ].join('\n');
  const size = single ? 4 : 8;
  const bytes = new Uint8Array(header.length + size * data.length + 13 * faces);
  bytes.set(new TextEncoder().encode(header));
  const view = new DataView(bytes.buffer);
  let at = header.length;
  for (const value of data) {
    if (single) view.setFloat32(at, value, true);
    else view.setFloat64(at, value, true);
    at += size;
  }
  for (let i = 0; i < triangles.length; i++) {
    if (i % 3 === 0) view.setUint8(at++, 3);
    view.setUint32(at, triangles[i]!, true);
    at += 4;
  }
  return bytes;
}

/** An .xyz file: a point a line, every number with as many digits as it takes to read it back the same. */
export function encodeXyz(points: Matrix): Uint8Array {
  checkSpace(points, '.xyz');
  const { data, rows } = points;
  // The shortest text of a single-precision number as a double is longer than it need be, but exact.
  const lines = Array.from({ length: rows }, (_, i) => data.subarray(3 * i, 3 * i + 3).join(' ') + '\n');
  return new TextEncoder().encode(lines.join(''));
}

function checkSpace({ data, rows, cols }: Matrix, format: string): void {
  if (cols === 3 && data.length === 3 * rows) return;
  throw new LiouvilleError(
    'shape-mismatch',
    `${format}: expected points of three coordinates; got ${rows} of ${cols} in ${data.length} numbers.`,
  );
}
