/**
 * The functions of the op table in WGSL, accurate to a few units of the last place. The language lets its own tanh, exp,
 * log, sin and cos be much worse than single precision, and lets compilers assume that no number is NaN or infinite:
 * NaN and infinity are told by their bits, and kept. Coefficients are those of native/math/coefficients.h.
 */

/** c[0] + x (c[1] + x (c[2] + ...)). */
function polynomial(x: string, coefficients: readonly string[]): string {
  return coefficients.reduceRight((sum, c) => (sum === '' ? c : `(${c} + ${x} * ${sum})`), '');
}

// (e^r - 1 - r) / r^2 for |r| <= ln(2)/2; the second one relative to e^r - 1.
const expSmall = ['0x1.fffffcp-2f', '0x1.555492p-3f', '0x1.5558acp-5f', '0x1.123978p-7f', '0x1.6a4f7ep-10f'];
const expm1Small = [
  '0x1p-1f',
  '0x1.555554p-3f',
  '0x1.5554f8p-5f',
  '0x1.1112d6p-7f',
  '0x1.6d39dcp-10f',
  '0x1.9e798p-13f',
];
// (sin(r) - r) / r^3 and (cos(r) - 1 + r^2/2) / r^4 in r^2 for |r| <= pi/4.
const sine = ['-0x1.555544p-3f', '0x1.1106c2p-7f', '-0x1.9919cep-13f'];
const cosine = ['0x1.55554ap-5f', '-0x1.6c0c0ep-10f', '0x1.99db8ap-16f'];
// erf(x) / x - 1 in x^2 for |x| <= 1, and -log(erfc(a)) in a - 1 for 1 <= a.
const erfNear = [
  '0x1.06eba8p-3f',
  '-0x1.81273ep-2f',
  '0x1.ce2ce6p-4f',
  '-0x1.b7f71ep-6f',
  '0x1.53f258p-8f',
  '-0x1.a3533cp-11f',
  '0x1.477808p-14f',
];
const erfFar = [
  '0x1.d97fcp0f',
  '0x1.51c98p1f',
  '0x1.afb83p-1f',
  '0x1.500c86p-5f',
  '-0x1.1c7daep-7f',
  '0x1.7bd42p-12f',
  '0x1.5095a4p-11f',
  '-0x1.6ce54ap-13f',
];
// (log(1 + f) - f + f^2/2) / f^3 for 1 + f in [0.75, 1.5].
const logarithm = [
  '0x1.5555a4p-2f',
  '-0x1.00004ap-2f',
  '0x1.99699ep-3f',
  '-0x1.54ed98p-3f',
  '0x1.28807ap-3f',
  '-0x1.0d98e2p-3f',
  '0x1.acf454p-4f',
  '-0x1.71e2ap-5f',
];
// (log(1 + e) - e) / e^2 in e - 1/2 for 0 <= e <= 1.
const log1pUnit = [
  '-0x1.833704p-2f',
  '0x1.6f0d78p-3f',
  '-0x1.7de15ap-4f',
  '0x1.a28484p-5f',
  '-0x1.d958a4p-6f',
  '0x1.10e2b6p-6f',
  '-0x1.507152p-7f',
  '0x1.c7daeap-8f',
  '-0x1.9fca82p-9f',
];

const log2e = '0x1.715476p0f';
// ln(2) in two parts, of which the first times an exponent is exact.
const [ln2High, ln2Low] = ['0x1.62e4p-1f', '0x1.7f7d1cp-20f'];

/** Everything by name, each after what it calls. */
const sources = {
  numbers: `
var<private> infinityBits: u32 = 0x7f800000u;
var<private> nanBits: u32 = 0x7fc00000u;
fn infinity() -> f32 { return bitcast<f32>(infinityBits); }
fn notANumber() -> f32 { return bitcast<f32>(nanBits); }
fn isNan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn isFinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }
fn larger(a: f32, b: f32) -> f32 { return select(select(select(a, b, a < b), b, isNan(b)), a, isNan(a)); }
fn smaller(a: f32, b: f32) -> f32 { return select(select(select(a, b, b < a), b, isNan(b)), a, isNan(a)); }
fn isTrue(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) != 0u; }
fn signedAs(x: f32, sign: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) | (bitcast<u32>(sign) & 0x80000000u)); }`,

  // 2^n for -126 <= n <= 127; value 2^n also where 2^n is no normal number.
  powers: `
fn powerOfTwo(n: i32) -> f32 { return bitcast<f32>(u32(n + 127) << 23u); }
fn timesPower(value: f32, n: i32) -> f32 { let half = n >> 1u; return value * powerOfTwo(half) * powerOfTwo(n - half); }`,

  exp: `
fn rowExp(x: f32) -> f32 {
  let c = clamp(x, -104.0, 89.0);
  let n = round(c * ${log2e});
  let r = (c - n * ${ln2High}) - n * ${ln2Low};
  return select(timesPower(1.0 + (r + r * r * ${polynomial('r', expSmall)}), i32(n)), x, isNan(x));
}`,

  expm1: `
fn rowExpm1(x: f32) -> f32 {
  let c = clamp(x, -23.0, 89.0);
  let n = round(c * ${log2e});
  let r = (c - n * ${ln2High}) - n * ${ln2Low};
  let scale = powerOfTwo(i32(n) - 1);
  let half = scale * (r + r * r * ${polynomial('r', expm1Small)}) + (scale - 0.5);
  return select(half + half, x, isNan(x) || abs(x) < 0x1p-30f);
}`,

  // log(1 + f) + k ln(2)
  logarithm: `
fn logOfSplit(k: f32, f: f32) -> f32 {
  let square = f * f;
  let rest = f * square * ${polynomial('f', logarithm)} + k * ${ln2Low};
  return k * ${ln2High} + (f + (rest - 0.5 * square));
}`,

  // x = m 2^k with m in [0.75, 1.5), so that nothing cancels around 1.
  log: `
fn rowLog(x: f32) -> f32 {
  let tiny = x < 0x1p-126f;
  let bits = bitcast<u32>(select(x, x * 0x1p24f, tiny)) + 0x00400000u;
  let m = bitcast<f32>((bits & 0x007fffffu) + 0x3f400000u);
  let k = f32(i32(bits >> 23u) - 127) - select(0.0, 24.0, tiny);
  let finite = logOfSplit(k, m - 1.0);
  let outside = select(notANumber(), -infinity(), x == 0.0);
  return select(select(outside, finite, x > 0.0), x, isNan(x) || bitcast<u32>(x) == 0x7f800000u);
}`,

  // f = (1 + x) 2^-k - 1 has the digits of x that 1 + x has lost.
  log1p: `
fn rowLog1p(x: f32) -> f32 {
  let u = x + 1.0;
  let bits = bitcast<u32>(u) + 0x00400000u;
  let k = i32(bits >> 23u) - 127;
  let power = bitcast<f32>(0x40800000u - (bitcast<u32>(k) << 23u));
  let f = (0.25 * x) * power + (0.25 * power - 1.0);
  let outside = select(notANumber(), -infinity(), u == 0.0);
  let result = select(outside, logOfSplit(f32(k), f), u > 0.0);
  return select(result, x, isNan(x) || bitcast<u32>(x) == 0x7f800000u || abs(x) < 0x1p-30f);
}`,

  // With e^(-2|x|) = (1 + m) / scale: tanh|x| = (scale - 1 - m) / (scale + 1 + m).
  tanh: `
fn rowTanh(x: f32) -> f32 {
  let a = min(abs(x), 10.0);
  let n = round((a + a) * ${log2e});
  let r = (n * ${ln2High} - (a + a)) + n * ${ln2Low};
  let m = r + r * r * ${polynomial('r', expm1Small)};
  let scale = powerOfTwo(i32(n));
  return select(signedAs(((scale - 1.0) - m) / ((scale + 1.0) + m), x), x, isNan(x));
}`,

  // With e^-x = (1 + m) / scale: scale / (scale + 1 + m), accurate on both sides.
  sigmoid: `
fn rowSigmoid(x: f32) -> f32 {
  let c = clamp(x, -104.0, 30.0);
  let n = round(c * ${log2e});
  let r = (n * ${ln2High} - c) + n * ${ln2Low};
  let m = r + r * r * ${polynomial('r', expSmall)};
  let scale = timesPower(1.0, i32(n));
  return select(scale / (max(scale, 1.0) + (min(scale, 1.0) + m)), x, isNan(x));
}`,

  // max(x, 0) + log(1 + e^-|x|)
  softplus: `
fn rowSoftplus(x: f32) -> f32 {
  let e = rowExp(-abs(x));
  let h = e - 0.5;
  return select(max(x, 0.0) + (e + e * e * ${polynomial('h', log1pUnit)}), x, isNan(x));
}`,

  erf: `
fn rowErf(x: f32) -> f32 {
  let a = abs(x);
  let square = a * a;
  let near = a + a * ${polynomial('square', erfNear)};
  let b = min(a, 3.95) - 1.0;
  let q = -${polynomial('b', erfFar)};
  let n = round(q * ${log2e});
  let r = (q - n * ${ln2High}) - n * ${ln2Low};
  let scale = timesPower(1.0, i32(n));
  let far = (1.0 - scale) - scale * (r + r * r * ${polynomial('r', expSmall)});
  return select(signedAs(select(far, near, a < 1.0), x), x, isNan(x));
}`,

  // pi/2 in three parts, of which the first two times a number of turns below 2^13 are exact.
  turns: `
fn sinOfTurns(x: f32, quarter: i32) -> f32 {
  let n = round(x * 0x1.45f306p-1f);
  let r = ((x - n * 1.5703125) - n * 4.837512969970703125e-4) - n * 7.54978995489188216e-8;
  let square = r * r;
  let turned = i32(clamp(n, -1e9, 1e9)) + quarter;
  let s = r + r * square * ${polynomial('square', sine)};
  let c = (1.0 - 0.5 * square) + square * square * ${polynomial('square', cosine)};
  let result = select(s, c, (turned & 1) != 0);
  return select(notANumber(), select(result, -result, (turned & 2) != 0), isFinite(x));
}`,
  sin: `fn rowSin(x: f32) -> f32 { return select(sinOfTurns(x, 0), x, x == 0.0); }`,
  cos: `fn rowCos(x: f32) -> f32 { return sinOfTurns(x, 1); }`,

  sqrt: `fn rowSqrt(x: f32) -> f32 { return select(sqrt(x), x, x == 0.0 || bitcast<u32>(x) == 0x7f800000u); }`,
  step: `fn rowStep(x: f32) -> f32 { return select(select(0.0, 1.0, x > 0.0), x, isNan(x)); }`,
  sign: `fn rowSign(x: f32) -> f32 { return select(signedAs(1.0, x), x, isNan(x) || x == 0.0); }`,
} as const;

export type FunctionName = keyof typeof sources;

const needs: Partial<Record<FunctionName, readonly FunctionName[]>> = {
  exp: ['powers'],
  expm1: ['powers'],
  log: ['logarithm'],
  log1p: ['logarithm'],
  tanh: ['powers'],
  sigmoid: ['powers'],
  softplus: ['powers', 'exp'],
  erf: ['powers'],
  sin: ['turns'],
  cos: ['turns'],
};

/** The source of functions and of all that they call. */
export function functionsSource(names: Iterable<FunctionName>): string {
  const wanted = new Set<FunctionName>(['numbers']);
  for (const name of names) for (const each of [...(needs[name] ?? []), name]) wanted.add(each);
  return (Object.keys(sources) as FunctionName[])
    .filter((name) => wanted.has(name))
    .map((name) => sources[name])
    .join('\n');
}
