import { describe, expect, it } from 'vitest';
import { LiouvilleError } from '../../../src/errors.ts';
import {
  decodeObj,
  decodeOff,
  decodePcd,
  decodePly,
  decodeXyz,
  encodePly,
  encodeXyz,
} from '../../../src/pointcloud/index.ts';
import type { NotedMesh } from '../../../src/pointcloud/index.ts';
import { expectRefused } from '../../support/refused.ts';
import { compressed, joined, utf8 } from './bytes.ts';

const square = [
  [0, 0, 0],
  [1, 0, 0],
  [1, 1, 0],
  [0, 1, 0.5],
];
const fan = Uint32Array.of(0, 1, 2, 0, 2, 3);
const points = { data: Float64Array.from(square.flat()), rows: 4, cols: 3 };

function expectSquare(mesh: NotedMesh, triangles = fan): void {
  expect(mesh.points).toEqual(points);
  expect(mesh.triangles).toEqual(triangles);
}

const lines = square.map((p) => p.join(' ')).join('\n');

describe('.ply', () => {
  const header = (format: string, more = '') =>
    `ply\nformat ${format} 1.0\ncomment by hand\nobj_info none\nelement vertex 4\nproperty uchar red\nproperty float x\nproperty double y\nproperty float z\nelement face 1\nproperty list uchar int vertex_indices\n${more}end_header\n`;
  const ascii = `${header('ascii')}${square.map((p) => `255 ${p.join(' ')}`).join('\n')}\n4 0 1 2 3\n`;

  function binary(little: boolean): Uint8Array {
    const start = utf8(header(little ? 'binary_little_endian' : 'binary_big_endian'));
    const body = new DataView(new ArrayBuffer(4 * 17 + 17));
    let at = 0;
    for (const [x, y, z] of square) {
      body.setUint8(at, 255);
      body.setFloat32(at + 1, x!, little);
      body.setFloat64(at + 5, y!, little);
      body.setFloat32(at + 13, z!, little);
      at += 17;
    }
    body.setUint8(at++, 4);
    for (let corner = 0; corner < 4; corner++, at += 4) body.setInt32(at, corner, little);
    return joined(start, new Uint8Array(body.buffer));
  }

  it('as text, or binary of either order', () => {
    expectSquare(decodePly(utf8(ascii)));
    expectSquare(decodePly(utf8(ascii.replaceAll('\n', '\r\n'))));
    expectSquare(decodePly(binary(true)));
    expectSquare(decodePly(binary(false)));
  });

  it('cut short anywhere is refused', () => {
    for (const whole of [utf8(ascii.trimEnd()), binary(true), binary(false)]) {
      for (let size = 0; size < whole.length; size++) {
        // Text that ends inside its last number is a shorter number.
        expect(() => decodePly(whole.subarray(0, size))).toThrow(LiouvilleError);
      }
    }
  });

  it('claims nothing that the file does not hold', () => {
    const much = (line: string) => utf8(ascii.replace(line, line.replace(/\d+$/, '99999999999999')));
    expectRefused(() => decodePly(much('element vertex 4')), 'bad-file', /truncated|number/);
    expectRefused(() => decodePly(much('element face 1')), 'bad-file', /truncated/);
    const none = utf8(header('ascii', 'element nothing 99999999999999\n'));
    expectRefused(() => decodePly(none), 'bad-file', /without properties/);
  });

  const wrong: [what: string, from: string, to: string, message: RegExp][] = [
    ['another beginning', 'ply\n', 'plx\n', /does not begin with 'ply'/],
    ['another format', 'format ascii', 'format utf8', /read are ascii, binary_little_endian/],
    ['another version', '1.0', '2.0', /read are ascii/],
    ['no x', 'property float x', 'property float u', /missing is x/],
    ['no vertices', 'element vertex 4', 'element point 4', /missing is x, y, z/],
    ['an unknown type', 'property float x', 'property half x', /half x/],
    ['an unknown line', 'comment', 'remark', /remark/],
    ['a count that is none', 'vertex 4', 'vertex four', /number of 'vertex'.*got 'four'/],
    ['a property of nothing', 'element vertex', 'property float x\nelement vertex', /before any element/],
    ['a word among numbers', '255 1 0 0', '255 one 0 0', /got 'one'/],
    [
      'a face of a point that is not there',
      '4 0 1 2 3',
      '4 0 1 2 4',
      /names point 4, counted from 0; there are 4/,
    ],
    ['a face of half a point', '4 0 1 2 3', '4 0 1 2 2.5', /names point 2.5/],
    ['a list of fewer than none', '4 0 1 2 3', '-1', /list of -1/],
    ['no points', 'vertex 4', 'vertex 0', /holds no points/],
  ];
  it.each(wrong)('with %s is refused', (_, from, to, message) => {
    const text =
      from.startsWith('vertex 4') && to.endsWith('0')
        ? header('ascii').replace(from, to).replace('face 1', 'face 0')
        : ascii.replace(from, to);
    expectRefused(() => decodePly(utf8(text)), 'bad-file', message);
  });

  it('is written, with faces or without, in the precision of the points', () => {
    expectSquare(decodePly(encodePly({ points, triangles: fan })));
    const third = { data: Float64Array.of(1 / 3, 1e300, -0), rows: 1, cols: 3 };
    expect(decodePly(encodePly({ points: third, triangles: new Uint32Array(0) })).points).toEqual(third);
    const single = { ...third, data: Float32Array.of(1 / 3, 2, 3) };
    const bytes = encodePly({ points: single, triangles: new Uint32Array(0) });
    expect(new TextDecoder('latin1').decode(bytes)).toContain('property float x');
    expect(decodePly(bytes).points.data).toEqual(Float64Array.from(single.data));
    expectRefused(
      () => encodePly({ points: { ...third, cols: 1, rows: 3 }, triangles: fan }),
      'shape-mismatch',
      /3 of 1/,
    );
  });
});

describe('.obj', () => {
  const text = `# by hand\nmtllib x.mtl\nv 0 0 0\nv 1 0 0 1.0\nv 1 1 0\nv 0 1 .5\nvt 0 0\nvn 0 0 1\ng square\nf 1/1/1 2//1 \\\n 3/1 -1\n`;

  it('has points and faces, counted from either end', () => {
    expectSquare(decodeObj(utf8(text)));
    expect(decodeObj(utf8('v 0 0 0\nv 1 1 1\nl 1 2\nf 1 2\n')).notes).toEqual([
      '1 faces of fewer than three points were left out.',
    ]);
  });

  it.each([
    ['v 0 0', /line 1: expected three coordinates; got 2/],
    ['v 0 0 x', /got 'x'/],
    ['v 0 0 0\nf 1 1 0', /line 2: expected the number of a point, from 1; got '0'/],
    ['v 0 0 0\nf 1 1 x', /got 'x'/],
    ['v 0 0 0\nf 1 1 2', /names point 1, counted from 0; there are 1/],
    ['v 0 0 0\nf 1 1 -2', /names point -1/],
    ['', /no points/],
  ])('%j is refused', (bad, message) => {
    expectRefused(() => decodeObj(utf8(bad)), 'bad-file', message);
  });
});

describe('.off', () => {
  const text = `OFF # by hand\n4 1 0\n\n${lines}\n4 0 1 2 3 255 0 0\n`;

  it('has points and faces, also as ModelNet writes it', () => {
    expectSquare(decodeOff(utf8(text)));
    expectSquare(decodeOff(utf8(text.replace('OFF # by hand\n', 'OFF'))));
    expectSquare(decodeOff(utf8(text.replace('OFF', 'COFF').replace('0 0 0\n', '0 0 0 9 9 9 255\n'))));
  });

  it('cut short is refused', () => {
    const kept = text.trimEnd().split('\n');
    for (let count = 0; count < kept.length; count++) {
      expectRefused(() => decodeOff(utf8(kept.slice(0, count).join('\n'))), 'bad-file', /truncated/);
    }
  });

  it.each([
    ['OFF BINARY\n1 0 0\n0 0 0', /expected OFF, as text/],
    ['solid cube', /begins with 'solid cube'/],
    ['OFF\nfour 1 0', /number of points.*got 'four'/],
    ['OFF\n999999999999 0 0\n0 0 0', /point 2 of 999999999999.*truncated/],
    ['OFF\n1 1 0\n0 0 0\n3 0 0', /expected 3 numbers of points; got 2/],
    ['OFF\n1 1 0\n0 0 0\n3 0 0 1', /names point 1/],
  ])('%j is refused', (bad, message) => {
    expectRefused(() => decodeOff(utf8(bad)), 'bad-file', message);
  });
});

describe('.xyz', () => {
  it('has a point a line', () => {
    expectSquare(decodeXyz(utf8(`# x y z\n${lines}\n\n`)), new Uint32Array(0));
    expectSquare(decodeXyz(utf8(lines.replaceAll(' ', ', '))), new Uint32Array(0));
    expect(decodeXyz(utf8('0 0 0 255\n1 1 1 0')).notes).toEqual([
      'Of 4 numbers a line, the first three were read.',
    ]);
    expect(decodeXyz(utf8('nan inf -1e3')).points.data).toEqual(Float64Array.of(Number.NaN, Infinity, -1000));
  });

  it('takes no longer for a word that looks like a number up to its end', () => {
    // With a pattern that can split digits in two ways this would take minutes.
    expectRefused(
      () => decodeXyz(utf8(`1 2 ${'3'.repeat(300_000)}x`)),
      'bad-file',
      /expected a number; got '333/,
    );
  });

  it('is written so that every number comes back', () => {
    const third = { data: Float64Array.of(1 / 3, 1e-300, -7, 0.1, 2, 3e21), rows: 2, cols: 3 };
    expect(decodeXyz(encodeXyz(third)).points).toEqual(third);
    expectRefused(() => encodeXyz({ ...third, rows: 3, cols: 2 }), 'shape-mismatch', /3 of 2/);
  });

  it.each([
    ['1 2', /three numbers or more; got 2/],
    ['1 2 3\n1 2', /line 2: expected 3 numbers, as before; got 2/],
    ['1 2 3x', /got '3x'/],
    ['1 2 0x10', /got '0x10'/],
    ['', /no points/],
  ])('%j is refused', (bad, message) => {
    expectRefused(() => decodeXyz(utf8(bad)), 'bad-file', message);
  });
});

describe('.pcd', () => {
  const header = (data: string, more = '') =>
    `# .PCD v0.7\nVERSION 0.7\nFIELDS x rgb y z\nSIZE 4 1 8 4\nTYPE F U F F\nCOUNT 1 3 1 1\nWIDTH 4\nHEIGHT 1\n${more}POINTS 4\nDATA ${data}\n`;
  const ascii = `${header('ascii')}${square.map(([x, y, z]) => `${x} 1 2 3 ${y} ${z}`).join('\n')}\n`;

  function rows(): Uint8Array {
    const view = new DataView(new ArrayBuffer(4 * 19));
    for (const [i, [x, y, z]] of square.entries()) {
      view.setFloat32(19 * i, x!, true);
      view.setFloat64(19 * i + 7, y!, true);
      view.setFloat32(19 * i + 15, z!, true);
    }
    return new Uint8Array(view.buffer);
  }

  function columns(): Uint8Array {
    const view = new DataView(new ArrayBuffer(4 * 19));
    for (const [i, [x, y, z]] of square.entries()) {
      view.setFloat32(4 * i, x!, true);
      view.setFloat64(4 * 7 + 8 * i, y!, true);
      view.setFloat32(4 * 15 + 4 * i, z!, true);
    }
    return new Uint8Array(view.buffer);
  }

  const packed = (data: Uint8Array, size: number) =>
    joined(utf8(header('binary_compressed')), new Uint8Array(Uint32Array.of(data.length, size).buffer), data);

  it('as text, binary or compressed', () => {
    expectSquare(decodePcd(utf8(ascii)), new Uint32Array(0));
    expectSquare(decodePcd(joined(utf8(header('binary')), rows())), new Uint32Array(0));
    const data = compressed(columns());
    expect(data.length).toBeLessThan(76);
    expectSquare(decodePcd(packed(data, 76)), new Uint32Array(0));
  });

  it('leaves out what a camera did not see', () => {
    const { points, notes } = decodePcd(utf8(ascii.replace('1 1 2 3 0 0', 'nan 0 0 0 nan nan')));
    expect(points.rows).toBe(3);
    expect(notes).toEqual(['1 of 4 points are NaN and were left out.']);
  });

  it('cut short anywhere is refused', () => {
    for (const whole of [
      utf8(ascii.trimEnd().slice(0, -2)),
      joined(utf8(header('binary')), rows()),
      packed(compressed(columns()), 76),
    ]) {
      for (let size = 0; size < whole.length; size++) {
        expect(() => decodePcd(whole.subarray(0, size))).toThrow(LiouvilleError);
      }
    }
  });

  it.each([
    ['sizes that disagree', () => packed(compressed(columns()), 77), /unpacks to 77 bytes; 4 points need 76/],
    ['a repeat from before the beginning', () => packed(Uint8Array.of(0x20, 9), 76), /damaged/],
    ['too many points', () => utf8(`${ascii}1 1 2 3 1 1\n`), /more than the 4/],
    ['points of another width', () => utf8(`${header('ascii')}1 2 3\n`), /expected 6 numbers; got 3/],
    ['other data', () => utf8(header('jpeg')), /DATA jpeg/],
    ['no y', () => utf8(ascii.replace('rgb y', 'rgb w')), /has x, rgb, w, z/],
    ['an unknown type', () => utf8(ascii.replace('TYPE F', 'TYPE Q')), /TYPE Q and SIZE 4/],
    ['a field of nothing', () => utf8(ascii.replace('COUNT 1 3', 'COUNT 1 0')), /COUNT 0/],
    ['too few sizes', () => utf8(ascii.replace('SIZE 4 1 8 4', 'SIZE 4 1 8')), /as many entries/],
    [
      'more points than bytes',
      () => utf8(header('binary').replace('POINTS 4', 'POINTS 99999999999')),
      /truncated/,
    ],
    ['what unpacks to far more', () => packed(new Uint8Array(8), 76).with(0, 35), /damaged/],
  ])('with %s is refused', (_, bytes, message) => {
    expectRefused(() => decodePcd(bytes()), 'bad-file', message);
  });
});
