import type { Location } from '../../../program/index.ts';
import type { BodyCompiler } from './body.ts';
import { plus, times } from './memory.ts';
import type { Index } from './memory.ts';

/** Where a triangle is read, and from which side. */
interface Triangle {
  readonly upper: boolean;
  readonly transposed?: boolean;
  readonly unit?: boolean;
}

/** Rows x with T x^T = b^T, for T a triangle (src/program/ops/matrix.ts). */
export function solveTriangle(
  compiler: BodyCompiler,
  out: Location,
  T: Location,
  x: Location,
  { upper, transposed = false, unit = false }: Triangle,
): void {
  const { writer } = compiler;
  const { n } = T;
  const forward = upper === transposed;
  const entry = (i: Index, c: Index): Index => (transposed ? plus(times(c, n), i) : plus(times(i, n), c));
  const place = (step: Index): Index =>
    forward ? step : typeof step === 'number' ? n - 1 - step : `(${n - 1}u - ${step})`;
  writer.loop(out.k, (j) =>
    writer.loop(n, (step) => {
      const i = place(step);
      const rest = writer.name('rest');
      writer.line(`var ${rest} = ${compiler.read(x, plus(times(j, n), i))};`);
      const before = writer.name('before');
      writer.line(
        `for (var ${before} = 0u; ${before} < ${typeof step === 'number' ? `${step}u` : step}; ${before}++) {`,
      );
      const c = place(before);
      writer.line(
        `${rest} -= ${compiler.read(T, entry(i, c))} * ${compiler.read(out, plus(times(j, n), c))};`,
      );
      writer.line('}');
      const pivot = compiler.read(T, plus(times(i, n), i));
      compiler.write(out, plus(times(j, n), i), unit ? rest : `${rest} / ${pivot}`);
    }),
  );
}

/** [A^-1, log|det A| / n], by Gauss-Jordan elimination with row pivoting (src/program/ops/inverse.ts). */
export function eliminate(compiler: BodyCompiler, out: Location, A: Location): void {
  const { writer } = compiler;
  const { n } = A;
  const at = (j: Index, i: Index): Index => plus(times(j, n + 1), i);
  const get = (j: Index, i: Index): string => compiler.read(out, at(j, i));
  const [pivots, logDet, kept] = [writer.name('pivots'), writer.name('logDet'), writer.name('kept')];
  const loop = (name: string, body: (i: string) => void, from = '0u'): void => {
    const i = writer.name(name);
    writer.line(`for (var ${i} = ${from}; ${i} < ${n}u; ${i}++) {`);
    body(i);
    writer.line('}');
  };
  writer.line('{');
  writer.line(`var ${pivots}: array<u32, ${n}>; var ${logDet} = 0.0; var ${kept} = 0.0;`);
  loop('j', (j) => loop('i', (i) => compiler.write(out, at(j, i), compiler.read(A, plus(times(j, n), i)))));
  loop('p', (p) => {
    const best = writer.name('best');
    writer.line(`var ${best} = ${p};`);
    loop(
      'j',
      (j) => writer.line(`if (abs(${get(j, p)}) > abs(${get(best, p)})) { ${best} = ${j}; }`),
      `${p} + 1u`,
    );
    writer.line(`${pivots}[${p}] = ${best};`);
    loop('i', (i) => {
      writer.line(`${kept} = ${get(p, i)};`);
      compiler.write(out, at(p, i), get(best, i));
      compiler.write(out, at(best, i), kept);
    });
    const pivot = writer.name('pivot');
    writer.line(`let ${pivot} = ${get(p, p)};`);
    writer.line(`${logDet} += rowLog(abs(${pivot}));`);
    compiler.write(out, at(p, p), '1.0');
    loop('i', (i) => compiler.write(out, at(p, i), `${get(p, i)} / ${pivot}`));
    loop('j', (j) => {
      writer.line(`if (${j} == ${p}) { continue; }`);
      const factor = writer.name('factor');
      writer.line(`let ${factor} = ${get(j, p)};`);
      compiler.write(out, at(j, p), '0.0');
      loop('i', (i) => compiler.write(out, at(j, i), `${get(j, i)} - ${factor} * ${get(p, i)}`));
    });
  });
  loop('q', (q) => {
    const p = writer.name('p');
    writer.line(`let ${p} = ${n - 1}u - ${q};`);
    loop('j', (j) => {
      writer.line(`${kept} = ${get(j, p)};`);
      compiler.write(out, at(j, p), get(j, `${pivots}[${p}]`));
      compiler.write(out, at(j, `${pivots}[${p}]`), kept);
    });
  });
  loop('j', (j) => compiler.write(out, at(j, n), `${logDet} / ${n}.0`));
  writer.line('}');
}
