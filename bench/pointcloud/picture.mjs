// A picture of clouds of the data (above) and of clouds that a run of sets.mjs has drawn (below), seen from the side and
// above, nearer points darker.
//
//   node bench/pointcloud/picture.mjs --run folder [--count 16] [--up y] --out picture.png

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deflateSync } from 'node:zlib';
import { readSet } from './common.mjs';

const built = (/** @type {string} */ path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { crc32 } = /** @type {typeof import('../../src/files/crc32.ts')} */ (await built('files/crc32.js'));
const { decodeNpy } = /** @type {typeof import('../../src/files/index.ts')} */ (
  await built('files/index.js')
);

const { values } = parseArgs({
  options: {
    run: { type: 'string' },
    count: { type: 'string', default: '16' },
    up: { type: 'string', default: 'y' },
    out: { type: 'string' },
  },
});
const { run, out } = values;
if (run === undefined || out === undefined) throw new Error('--run and --out are needed');
const count = Number(values.count);
const up = 'xyz'.indexOf(values.up);
const across = Math.min(8, count);
const [size, rows] = [150, Math.ceil(count / across)];
const [width, height] = [across * size, 2 * rows * size + 8];
const pixels = new Uint8Array(width * height).fill(255);
pixels.fill(128, width * (rows * size + 3), width * (rows * size + 5));

const split = /** @type {{ data: string, test: number[] }} */ (
  JSON.parse(readFileSync(join(run, 'split.json'), 'utf8'))
);
const set = await readSet(split.data);
const cloudSize = set.points * 3;
const drawn = decodeNpy(readFileSync(join(run, 'samples.npy'))).data;
for (let i = 0; i < count; i++) {
  const number = Number(split.test[i]);
  draw(set.data.subarray(number * cloudSize, (number + 1) * cloudSize), i, 0);
  draw(drawn.subarray(i * cloudSize, (i + 1) * cloudSize), i, rows * size + 8);
}
writeFileSync(out, png());

/**
 * @param {Float32Array | Float64Array} cloud
 * @param {number} place
 * @param {number} top
 */
function draw(cloud, place, top) {
  const [left, line] = [(place % across) * size, top + Math.floor(place / across) * size];
  const [turn, tilt] = [0.7, 0.35];
  for (let i = 0; i < cloud.length; i += 3) {
    const [a, b, h] = [(up + 1) % 3, (up + 2) % 3, up].map((axis) => Number(cloud[i + axis]));
    const x = Number(a) * Math.cos(turn) - Number(b) * Math.sin(turn);
    const away = Number(a) * Math.sin(turn) + Number(b) * Math.cos(turn);
    const y = Number(h) * Math.cos(tilt) + away * Math.sin(tilt);
    const depth = away * Math.cos(tilt) - Number(h) * Math.sin(tilt);
    const column = Math.round(size / 2 + (x * size) / 2.6);
    const row = Math.round(size / 2 - (y * size) / 2.6);
    if (column < 0 || row < 0 || column >= size || row >= size) continue;
    const at = (line + row) * width + left + column;
    const shade = Math.max(0, Math.min(200, 100 + 90 * depth));
    pixels[at] = Math.min(Number(pixels[at]), shade);
  }
}

/** An 8-bit grey PNG. */
function png() {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    lines.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const result = Buffer.alloc(body.length + 8);
  result.writeUInt32BE(data.length, 0);
  result.set(body, 4);
  result.writeUInt32BE(crc(body), body.length + 4);
  return result;
}

/** @param {Buffer} bytes */
function crc(bytes) {
  return crc32(bytes) >>> 0;
}
