import { setFlagsFromString } from 'node:v8';
import { expect, onTestFinished, test } from 'vitest';
import { NativeEngine } from '../../src/engine/native/engine.ts';
import { wasmEngine } from '../../src/engine/wasm/index.ts';
import { ops, trace } from '../../src/program/index.ts';
import { philox4x32 } from '../../src/random/index.ts';
import { addon, missing } from '../native/addon.ts';

// The errors of the vector math are bounded in native/test/ulp/bounds.h, and ulp.cpp holds every build for this
// processor to them. The module is compiled from the same sources. The plain build has no fused multiply-add, as the
// baseline of x86; that with relaxed SIMD has one in float32 where the processor does, as AVX2. Where the bits are the
// same, the bounds are. Sine and cosine alone ask whether a multiply-add is sure to round once, which relaxed SIMD does
// not promise: there they are measured.

setFlagsFromString('--experimental-wasm-relaxed-simd');

const cases = [
  { build: 'simd', precision: 'float32', native: 'baseline' },
  { build: 'simd', precision: 'float64', native: 'baseline' },
  { build: 'relaxed', precision: 'float32', native: 'avx2' },
  { build: 'relaxed', precision: 'float64', native: 'baseline' },
] as const;

const names = [
  'exp',
  'expm1',
  'log',
  'log1p',
  'tanh',
  'sigmoid',
  'softplus',
  'erf',
  'sin',
  'cos',
  'sqrt',
  'reciprocal',
] as const;

/** Numbers of every size with random bits, all that are near 0 in the logarithm, and where functions change. */
function numbers(precision: 'float32' | 'float64'): Float64Array {
  const count = 1 << 16;
  const bits = new Uint32Array(2 * count);
  for (let i = 0; i < bits.length; i += 4) philox4x32(i, 0, 0, 0, 7, 7, bits.subarray(i, i + 4));
  const wild =
    precision === 'float32'
      ? Float64Array.from(new Float32Array(bits.buffer))
      : new Float64Array(bits.buffer);
  const usual = Float64Array.from({ length: count }, (_, i) => Math.fround(((i - count / 2) / count) * 80));
  const special = [
    0,
    -0,
    1,
    -1,
    Infinity,
    -Infinity,
    NaN,
    88.72,
    -104,
    709.78,
    -746,
    1e-40,
    2 ** 17,
    2 ** 20,
  ];
  return Float64Array.from([special, usual, wild].flatMap((part) => Array.from(part)));
}

/** The largest error in units in the last place of the exact result as a float32. */
function worstUlp(x: Float64Array, result: Float64Array, exactly: (x: number) => number): number {
  let worst = 0;
  for (const [i, xi] of x.entries()) {
    if (!Number.isFinite(xi)) continue;
    const at = exactly(Math.fround(xi));
    const unit = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(at))), -126) - 23);
    worst = Math.max(worst, Math.abs(result[i]! - at) / unit);
  }
  return worst;
}

test.for(cases)(
  'vector math of the $build build in $precision has the bits of $native, whose errors are bounded',
  async ({ build, precision, native }, { skip }) => {
    if (missing !== undefined) skip(missing);
    const instructionSet = addon
      .info()
      .instructionSets.findIndex(({ name, supported }) => name === native && supported);
    if (process.arch !== 'x64' || instructionSet < 0) skip(`this processor has no ${native} of x86`);
    const found = wasmEngine(build);
    if ('reason' in found) throw new Error(found.reason);
    onTestFinished(() => found.engine.dispose());
    const like = new NativeEngine({ name: 'native', addon, instructionSet, cores: 1 });

    const program = trace('math', { x: 1 }, ({ x }) =>
      Object.fromEntries(names.map((name) => [name, ops[name](x)])),
    );
    const x = numbers(precision);
    const parameters = { trained: new Float64Array(0), state: new Float64Array(0) };
    const options = { threads: 1, precision };
    const ours = await found.engine.run(program, parameters, x.length, { x }, options);
    const theirs = await like.run(program, parameters, x.length, { x }, options);
    for (const name of names) {
      const [a, b] = [ours[name]!, theirs[name]!];
      if (build === 'relaxed' && precision === 'float32' && (name === 'sin' || name === 'cos')) {
        expect(worstUlp(x, a, Math[name])).toBeLessThan(1.6);
        continue;
      }
      const other = x.findIndex((_, i) => !Object.is(a[i], b[i]));
      expect({ name, x: x[other], wasm: a[other], native: b[other] }).toEqual({ name });
      expect(a.filter(Number.isFinite).length).toBeGreaterThan(x.length / 4);
    }
  },
);
