import { badFile } from '../../files/table.ts';
import type { NotedMesh } from '../mesh/mesh.ts';
import type { BinaryType } from './binary.ts';
import { MeshParts } from './parts.ts';
import { readPlyHeader } from './ply-header.ts';
import type { PlyElement, PlyHeader } from './ply-header.ts';
import { numberOf, textOf } from './text.ts';

/** Takes the numbers of a file one after the other; throws 'bad-file' where it ends. */
type Take = (type: BinaryType) => number;

/**
 * Reads the points (element `vertex`, properties x, y and z) and faces (element `face`, list `vertex_indices` or
 * `vertex_index`) of a .ply file, as text or binary of either byte order. Faces become fans of triangles; other properties
 * and elements are left out. What would take more than the file holds is refused before anything is allocated. Throws
 * 'bad-file'.
 */
export function decodePly(bytes: Uint8Array, source = 'the .ply bytes'): NotedMesh {
  const header = readPlyHeader(bytes, source);
  const vertices = header.elements.find(({ name }) => name === 'vertex');
  const missing = ['x', 'y', 'z'].filter(
    (axis) => !vertices?.properties.some(({ name, lengthType }) => name === axis && lengthType === undefined),
  );
  if (vertices === undefined || missing.length > 0) {
    throw badFile(source, `needs an element 'vertex' with x, y and z; missing is ${missing.join(', ')}.`);
  }
  const take = takerOf(bytes, header, source);
  const parts = new MeshParts(source);
  for (const element of header.elements) readElement(element, take, parts, source);
  return parts.mesh();
}

function readElement(element: PlyElement, take: Take, parts: MeshParts, source: string): void {
  const { name, count, properties } = element;
  const [x, y, z] = ['x', 'y', 'z'].map((axis) => properties.findIndex((property) => property.name === axis));
  const values = new Float64Array(properties.length);
  for (let i = 0; i < count; i++) {
    for (const [k, property] of properties.entries()) {
      if (property.lengthType === undefined) {
        values[k] = take(property.type);
        continue;
      }
      const length = take(property.lengthType);
      if (!(Number.isInteger(length) && length >= 0)) {
        throw badFile(source, `'${name}' ${i} has a list of ${length} numbers.`);
      }
      const list: number[] = [];
      for (let j = 0; j < length; j++) list.push(take(property.type));
      if (name === 'face' && /^vertex_ind(?:ices|ex)$/.test(property.name)) parts.addFace(list);
    }
    if (name === 'vertex') parts.addPoint(values[x!]!, values[y!]!, values[z!]!);
  }
}

function takerOf(bytes: Uint8Array, header: PlyHeader, source: string): Take {
  const ends = (): Error => badFile(source, 'ends before all that its header names: is it truncated?');
  if (header.format === 'ascii') {
    const words = textOf(bytes.subarray(header.end)).matchAll(/\S+/g);
    return () => {
      const { value, done } = words.next();
      if (done === true) throw ends();
      return numberOf(value[0], source, 'among its numbers');
    };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = header.format === 'binary_little_endian';
  let at = header.end;
  return (type) => {
    if (at + type.bytes > bytes.length) throw ends();
    const value = type.read(view, at, little);
    at += type.bytes;
    return value;
  };
}
