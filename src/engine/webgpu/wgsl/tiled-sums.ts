import type { RowSum } from './body.ts';
import { size } from '../sizes.ts';
import { kernelSource, workgroupSize } from './kernel.ts';
import type { KernelSource } from './kernel.ts';
import { groupRows, none, termWords, termsOf } from './sums-kernel.ts';
import type { SumTable } from './sums-kernel.ts';

/** Each workgroup computes `side` x `side` sums, of which each invocation computes `own` x `own`. */
const [side, own] = [32, 4];
/** Rows that a workgroup loads at a time, and numbers from one row to the next: odd, so that they lie in different banks. */
const [depth, pitch] = [32, side + 1];

const tileWords = 7;

/** The table of a program's sums: tiles, then the products that each adds up. */
export function tiledSumTable(sums: readonly RowSum[]): SumTable {
  const tiles: number[][] = [];
  const terms: number[][] = [];
  for (const sum of sums) {
    const { out, terms: added } = sum;
    const head = [terms.length, added.length];
    const tail = [out.k, out.n, out.offset];
    if (added.every(({ b }) => b === null)) {
      for (let i = 0; i < size(out); i += workgroupSize) tiles.push([...head, 0, i, ...tail]);
    } else {
      for (let j = 0; j < out.k; j += side)
        for (let i = 0; i < out.n; i += side) tiles.push([...head, j, i, ...tail]);
    }
    terms.push(...termsOf(sum));
  }
  return { words: Uint32Array.from([...tiles.flat(), ...terms.flat()]), blocks: tiles.length };
}

/**
 * What `sumKernel` computes, in the same order, for graphics cards: a workgroup loads both factors of some rows, neighbours
 * reading neighbouring rows, into the memory that it shares, and multiplies them there. The grid is tiles by groups.
 */
export const tiledSumKernel: KernelSource = kernelSource({
  label: 'sums over rows, in tiles',
  storage: [
    { name: 'table', access: 'read', type: 'u32' },
    { name: 'kept', access: 'read' },
    { name: 'partial', access: 'read_write' },
  ],
  call: ['rows', 'stride', 'blocks', 'size', 'adding'],
  shared: 8 * depth * pitch,
  declarations: [
    `var<workgroup> left: array<f32, ${depth * pitch}>;`,
    `var<workgroup> right: array<f32, ${depth * pitch}>;`,
  ],
  main: `
let at = group.x * ${tileWords}u;
let first = group.y * ${groupRows}u;
let last = min(first + ${groupRows}u, call.rows);
let j0 = table[at + 2u];
let i0 = table[at + 3u];
let height = table[at + 4u];
let width = table[at + 5u];
let to = group.y * call.size + table[at + 6u];
let terms = call.blocks * ${tileWords}u + table[at] * ${termWords}u;
if (table[terms + 3u] == ${none}u) {
  let place = i0 + local;
  if (place < height * width) {
    var sum = 0.0;
    for (var term = 0u; term < table[at + 1u]; term++) {
      let a = (table[terms + term * ${termWords}u] + place) * call.stride;
      for (var row = first; row < last; row++) { sum += kept[a + row]; }
    }
    partial[to + place] = sum + select(0.0, partial[to + place], call.adding != 0u);
  }
  return;
}
let j = (local / ${side / own}u) * ${own}u;
let i = (local % ${side / own}u) * ${own}u;
var sum: array<vec4f, ${own}>;
for (var term = 0u; term < table[at + 1u]; term++) {
  let place = terms + term * ${termWords}u;
  let a = table[place]; let k = table[place + 1u]; let m = table[place + 2u]; let b = table[place + 3u]; let n = table[place + 4u];
  for (var s = 0u; s < k; s++) {
    for (var begin = first; begin < last; begin += ${depth}u) {
      workgroupBarrier();
      for (var e = local; e < ${depth * side}u; e += ${workgroupSize}u) {
        let row = e % ${depth}u;
        let column = e / ${depth}u;
        let inside = begin + row < last;
        var x = 0.0;
        var y = 0.0;
        if (inside && j0 + column < height) { x = kept[(a + s * m + j0 + column) * call.stride + begin + row]; }
        if (inside && i0 + column < width) { y = kept[(b + s * n + i0 + column) * call.stride + begin + row]; }
        left[row * ${pitch}u + column] = x;
        right[row * ${pitch}u + column] = y;
      }
      workgroupBarrier();
      for (var row = 0u; row < min(${depth}u, last - begin); row++) {
        let x = row * ${pitch}u + j;
        let y = row * ${pitch}u + i;
        let factor = vec4f(right[y], right[y + 1u], right[y + 2u], right[y + 3u]);
        for (var d = 0u; d < ${own}u; d++) { sum[d] += left[x + d] * factor; }
      }
    }
  }
}
for (var d = 0u; d < ${own}u; d++) {
  for (var e = 0u; e < ${own}u; e++) {
    if (j0 + j + d < height && i0 + i + e < width) {
      let place = to + (j0 + j + d) * width + i0 + i + e;
      partial[place] = sum[d][e] + select(0.0, partial[place], call.adding != 0u);
    }
  }
}`,
});
