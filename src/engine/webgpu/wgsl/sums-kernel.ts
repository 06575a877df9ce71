import type { RowSum } from './body.ts';
import { size } from '../sizes.ts';
import { kernelSource } from './kernel.ts';
import type { KernelSource } from './kernel.ts';

/** Rows that are summed one after the other; the sums of such groups are added up after that. */
export const groupRows = 64;

/** Columns of a sum that one invocation computes. */
const columns = 4;
/** Instead of a place: there is no second factor. */
export const none = 0xffffffff;
export const termWords = 5;
const blockWords = 6;

/** Which invocations compute what, for the sums of one program. */
export interface SumTable {
  readonly words: Uint32Array;
  /** Parts that are computed together. */
  readonly blocks: number;
}

/** The words of the products that a sum adds up. */
export function termsOf({ terms }: RowSum): number[][] {
  return terms.map(({ a, b }) => [a.offset, a.k, a.n, b?.offset ?? none, b?.n ?? 0]);
}

/** The table of a program's sums: blocks of one row and four columns, then the products that each adds up. */
export function sumTable(sums: readonly RowSum[]): SumTable {
  const blocks: number[][] = [];
  const terms: number[][] = [];
  for (const sum of sums) {
    const { out, terms: own } = sum;
    for (let j = 0; j < out.k; j++) {
      for (let i = 0; i < out.n; i += columns) {
        blocks.push([
          terms.length,
          own.length,
          j,
          i,
          Math.min(columns, out.n - i),
          out.offset + j * out.n + i,
        ]);
      }
    }
    terms.push(...termsOf(sum));
  }
  return { words: Uint32Array.from([...blocks.flat(), ...terms.flat()]), blocks: blocks.length };
}

/**
 * Sums over the rows of a group, in the order of the rows: whatever the device does at the same time, the bits are the
 * same. The grid is blocks by groups.
 */
export const sumKernel: KernelSource = kernelSource({
  label: 'sums over rows',
  storage: [
    { name: 'table', access: 'read', type: 'u32' },
    { name: 'kept', access: 'read' },
    { name: 'partial', access: 'read_write' },
  ],
  call: ['rows', 'stride', 'blocks', 'size', 'adding'],
  declarations: [],
  main: `
let at = id.x * ${blockWords}u;
if (id.x >= call.blocks) { return; }
let first = id.y * ${groupRows}u;
let last = min(first + ${groupRows}u, call.rows);
let j = table[at + 2u];
let i = table[at + 3u];
let width = table[at + 4u];
var sum: array<f32, ${columns}>;
for (var term = 0u; term < table[at + 1u]; term++) {
  let place = call.blocks * ${blockWords}u + (table[at] + term) * ${termWords}u;
  let a = table[place]; let k = table[place + 1u]; let m = table[place + 2u]; let b = table[place + 3u]; let n = table[place + 4u];
  if (b == ${none}u) {
    for (var row = first; row < last; row++) {
      for (var d = 0u; d < width; d++) { sum[d] += kept[(a + j * m + i + d) * call.stride + row]; }
    }
    continue;
  }
  for (var s = 0u; s < k; s++) {
    let left = (a + s * m + j) * call.stride;
    let right = (b + s * n + i) * call.stride;
    if (width == ${columns}u) {
      for (var row = first; row < last; row++) {
        let factor = kept[left + row];
        sum[0] += factor * kept[right + row];
        sum[1] += factor * kept[right + call.stride + row];
        sum[2] += factor * kept[right + 2u * call.stride + row];
        sum[3] += factor * kept[right + 3u * call.stride + row];
      }
    } else {
      for (var row = first; row < last; row++) {
        let factor = kept[left + row];
        for (var d = 0u; d < width; d++) { sum[d] += factor * kept[right + d * call.stride + row]; }
      }
    }
  }
}
let to = id.y * call.size + table[at + 5u];
for (var d = 0u; d < width; d++) {
  partial[to + d] = sum[d] + select(0.0, partial[to + d], call.adding != 0u);
}`,
});

/** Adds up the sums of all groups, sixteen at a time, so that few numbers meet a much larger one. */
export const gatherKernel: KernelSource = kernelSource({
  label: 'sums over groups',
  storage: [
    { name: 'partial', access: 'read' },
    { name: 'total', access: 'read_write' },
  ],
  call: ['groups', 'size'],
  declarations: [],
  main: `
if (id.x >= call.size) { return; }
var sum = 0.0;
for (var first = 0u; first < call.groups; first += 16u) {
  var some = 0.0;
  for (var group = first; group < min(first + 16u, call.groups); group++) { some += partial[group * call.size + id.x]; }
  sum += some;
}
total[id.x] = sum;`,
});

/** Numbers of the sums of a program. */
export function sumSize(sums: readonly RowSum[]): number {
  return sums.reduce((most, { out }) => Math.max(most, out.offset + size(out)), 0);
}
