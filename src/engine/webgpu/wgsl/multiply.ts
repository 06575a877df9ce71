import type { Location } from '../../../program/index.ts';
import { size } from '../sizes.ts';
import type { BodyCompiler } from './body.ts';
import { workgroupSize } from './kernel.ts';
import { plus, text, times } from './memory.ts';
import type { Index } from './memory.ts';

/** Rows of a product that are computed at a time: each number of the other factor is then read once for them. */
const tileK = 3;
/** Columns that are computed at a time where the right factor belongs to the row. */
const tileN = 4;

/**
 * Vectors of four numbers of a parameter that a workgroup holds at a time: 8 KiB, half of what every device has, so that
 * two workgroups fit a processor even there.
 */
const panelVectors = 512;
export const panelBytes = 16 * panelVectors;
export const panelDeclaration = `var<workgroup> panel: array<vec4f, ${panelVectors}>;`;

/** Parameters of fewer numbers are read where they are: the caches hold them, and two barriers take longer. */
const leastStaged = 256;

/** out = a b, where 'nt' is a b^T and 'tn' is a^T b. */
export function multiply(
  compiler: BodyCompiler,
  out: Location,
  a: Location,
  b: Location,
  form: 'nt' | 'nn' | 'tn',
): void {
  const staged = compiler.staged && b.space !== 'row' && form !== 'tn' && size(b) >= leastStaged;
  if (staged) sharedProduct(compiler, out, a, b, form);
  else ownProduct(compiler, out, a, b, form);
}

/** Each row reads its factors by itself, a tile of the product at a time. */
function ownProduct(
  compiler: BodyCompiler,
  out: Location,
  a: Location,
  b: Location,
  form: 'nt' | 'nn' | 'tn',
): void {
  const { writer } = compiler;
  const inner = form === 'tn' ? a.k : a.n;
  const left = (j: Index, s: Index): Index =>
    form === 'tn' ? plus(times(s, a.n), j) : plus(times(j, a.n), s);
  const right = (i: Index, s: Index): Index =>
    form === 'nt' ? plus(times(i, b.n), s) : plus(times(s, b.n), i);
  const tile = (j: Index, height: number, i: Index, width: number): void => {
    const sum = writer.name('sum');
    const each = (body: (dj: number, di: number) => void): void => {
      for (let dj = 0; dj < height; dj++) for (let di = 0; di < width; di++) body(dj, di);
    };
    each((dj, di) => writer.line(`var ${sum}_${dj}_${di} = 0.0;`));
    writer.loop(inner, (s) => {
      const [l, r] = [writer.name('a'), writer.name('b')];
      for (let dj = 0; dj < height; dj++)
        writer.line(`let ${l}_${dj} = ${compiler.read(a, left(plus(j, dj), s))};`);
      for (let di = 0; di < width; di++)
        writer.line(`let ${r}_${di} = ${compiler.read(b, right(plus(i, di), s))};`);
      each((dj, di) => writer.line(`${sum}_${dj}_${di} += ${l}_${dj} * ${r}_${di};`));
    });
    each((dj, di) => compiler.write(out, plus(times(plus(j, dj), out.n), plus(i, di)), `${sum}_${dj}_${di}`));
  };
  tiles(compiler, out.k, tileK, (j, height) =>
    tiles(compiler, out.n, tileN, (i, width) => tile(j, height, i, width)),
  );
}

/**
 * The right factor belongs to all rows: the workgroup loads a panel of its columns into the memory that it shares, its
 * invocations side by side, and each multiplies its row by it, four columns at a time.
 */
function sharedProduct(
  compiler: BodyCompiler,
  out: Location,
  a: Location,
  b: Location,
  form: 'nt' | 'nn',
): void {
  const { writer } = compiler;
  compiler.share();
  const inner = a.n;
  const most = [4, 2, 1].find((quads) => quads * inner <= panelVectors) ?? 4;
  const depth = Math.min(inner, Math.floor(panelVectors / most));

  /** Loads `count` of the inner places from `start` on. */
  const stage = (i: Index, width: number, start: Index, count: Index): void => {
    const quads = Math.ceil(width / 4);
    const [e, q, s] = [writer.name('e'), writer.name('q'), writer.name('s')];
    writer.line('workgroupBarrier();');
    writer.line(`for (var ${e} = local; ${e} < ${quads}u * ${text(count)}; ${e} += ${workgroupSize}u) {`);
    // Neighbours read neighbouring numbers.
    const [fast, slow, length] = form === 'nt' ? [s, q, text(count)] : [q, s, `${quads}u`];
    writer.line(`let ${slow} = ${e} / ${length}; let ${fast} = ${e} % ${length};`);
    const column = (d: number): string => {
      const exact = `${text(i)} + 4u * ${q} + ${d}u`;
      return width % 4 === 0 ? exact : `min(${exact}, ${out.n - 1}u)`;
    };
    const inside = plus(start, s);
    const at = (d: number): Index =>
      form === 'nt' ? plus(times(column(d), b.n), inside) : plus(times(inside, b.n), column(d));
    const numbers = [0, 1, 2, 3].map((d) => compiler.read(b, at(d)));
    writer.line(`panel[${q} * ${depth}u + ${s}] = vec4f(${numbers.join(', ')});`);
    writer.line('}');
    writer.line('workgroupBarrier();');
  };

  /** Adds the products with what is in the panel to sums. */
  const accumulate = (
    sum: string,
    j: Index,
    height: number,
    quads: number,
    start: Index,
    count: Index,
  ): void => {
    const s = writer.name('s');
    const [l, r] = [writer.name('a'), writer.name('b')];
    writer.line(`for (var ${s} = 0u; ${s} < ${text(count)}; ${s}++) {`);
    for (let dj = 0; dj < height; dj++) {
      const place = plus(times(plus(j, dj), a.n), plus(start, s));
      writer.line(`let ${l}_${dj} = ${compiler.read(a, place)};`);
    }
    for (let q = 0; q < quads; q++) writer.line(`let ${r}_${q} = panel[${q * depth}u + ${s}];`);
    for (let dj = 0; dj < height; dj++)
      for (let q = 0; q < quads; q++) writer.line(`${sum}_${dj}_${q} += ${l}_${dj} * ${r}_${q};`);
    writer.line('}');
  };

  const panel = (i: Index, width: number): void => {
    const quads = Math.ceil(width / 4);
    const whole = depth === inner;
    if (whole) stage(i, width, 0, inner);
    tiles(compiler, out.k, tileK, (j, height) => {
      const sum = writer.name('sum');
      for (let dj = 0; dj < height; dj++)
        for (let q = 0; q < quads; q++) writer.line(`var ${sum}_${dj}_${q} = vec4f();`);
      if (whole) {
        accumulate(sum, j, height, quads, 0, inner);
      } else {
        const [start, count] = [writer.name('start'), writer.name('count')];
        writer.line(`for (var ${start} = 0u; ${start} < ${inner}u; ${start} += ${depth}u) {`);
        writer.line(`let ${count} = min(${depth}u, ${inner}u - ${start});`);
        stage(i, width, start, count);
        accumulate(sum, j, height, quads, start, count);
        writer.line('}');
      }
      for (let dj = 0; dj < height; dj++)
        for (let di = 0; di < width; di++) {
          const place = plus(times(plus(j, dj), out.n), plus(i, di));
          compiler.write(out, place, `${sum}_${dj}_${Math.floor(di / 4)}[${di % 4}u]`);
        }
    });
  };
  tiles(compiler, out.n, 4 * most, panel);
}

/** Cuts 0 ... count - 1 into tiles, and what is left. */
function tiles(
  { writer }: BodyCompiler,
  count: number,
  most: number,
  body: (start: Index, length: number) => void,
): void {
  const whole = count - (count % most);
  writer.loop(whole, (i) => body(i, most), { step: most, unrolled: 1 });
  if (whole < count) body(whole, count - whole);
}
