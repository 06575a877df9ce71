import type { BinaryOp, UnaryOp } from '../../program/ops/table.ts';
import { opTable } from '../../program/index.ts';
import { kernel } from './tensors.ts';
import type { Tensor, Tf } from './tensors.ts';

type Unary = (tf: Tf, x: Tensor) => Tensor;
type Binary = (tf: Tf, a: Tensor, b: Tensor) => Tensor;

/** The functions of one and two numbers on tensors, as exact as single precision and faithful to NaN and infinity. */
export interface Numerics {
  readonly unary: { readonly [P in UnaryOp]: Unary };
  readonly binary: { readonly [P in BinaryOp]: Binary };
}

/** The kernels of tfjs; activations without what its ops do around them. */
const plain: Numerics = {
  unary: {
    neg: (tf, x) => tf.neg(x),
    exp: (tf, x) => kernel(tf, tf.Exp, { x }),
    expm1: (tf, x) => tf.expm1(x),
    log: (tf, x) => tf.log(x),
    log1p: (tf, x) => tf.log1p(x),
    tanh: (tf, x) => kernel(tf, tf.Tanh, { x }),
    sigmoid: (tf, x) => kernel(tf, tf.Sigmoid, { x }),
    softplus: (tf, x) => kernel(tf, tf.Softplus, { x }),
    relu: (tf, x) => tf.relu(x),
    step: (tf, x) => tf.step(x),
    sqrt: (tf, x) => tf.sqrt(x),
    square: (tf, x) => tf.square(x),
    reciprocal: (tf, x) => tf.div(1, x),
    sin: (tf, x) => tf.sin(x),
    cos: (tf, x) => tf.cos(x),
    abs: (tf, x) => tf.abs(x),
    sign: (tf, x) => tf.sign(x),
    erf: (tf, x) => tf.erf(x),
  },
  binary: {
    add: (tf, a, b) => tf.add(a, b),
    sub: (tf, a, b) => tf.sub(a, b),
    mul: (tf, a, b) => tf.mul(a, b),
    div: (tf, a, b) => tf.div(a, b),
    max: (tf, a, b) => tf.maximum(a, b),
    min: (tf, a, b) => tf.minimum(a, b),
    less: (tf, a, b) => tf.cast(tf.less(a, b), 'float32'),
  },
};

/** What takes the place of a kernel that a backend has not got, or got wrong. */
const careful: { readonly unary: Partial<Numerics['unary']>; readonly binary: Partial<Numerics['binary']> } =
  {
    unary: {
      expm1: (tf, x) => nearZero(tf, x, 0.3, (near) => powers(tf, near, expm1Terms), tf.sub(tf.exp(x), 1)),
      // Near 1 the logarithm of graphics cards is good to 1e-7 of 1, not of itself: 2 atanh(x / (2 + x)) there.
      log1p(tf, x) {
        const near = (y: Tensor): Tensor => odd(tf, tf.div(y, tf.add(y, 2)), atanhTerms);
        return faithful(tf, x, nearZero(tf, x, 0.25, near, tf.log(tf.add(x, 1))));
      },
      tanh(tf, x) {
        const far = tf.sub(tf.mul(2, tf.sigmoid(tf.mul(2, x))), 1);
        return faithful(
          tf,
          x,
          nearZero(tf, x, 0.3, (near) => odd(tf, near, tanhTerms), far),
        );
      },
      sigmoid(tf, x) {
        const small = tf.exp(tf.neg(tf.abs(x)));
        return tf.div(tf.where(tf.less(x, 0), small, tf.onesLike(x)), tf.add(1, small));
      },
      // Beyond 120 the second term is too small to be held.
      softplus(tf, x) {
        const small = tf.exp(tf.clipByValue(tf.neg(tf.abs(x)), -120, 0));
        return tf.add(careful.unary.relu!(tf, x), careful.unary.log1p!(tf, small));
      },
      relu: (tf, x) => tf.where(tf.less(x, 0), tf.zerosLike(x), x),
      step: (tf, x) => careful.unary.relu!(tf, careful.unary.sign!(tf, x)),
      sin: (tf, x) => sineOfTurns(tf, x, 0),
      cos: (tf, x) => sineOfTurns(tf, x, 1),
      sign(tf, x) {
        const ones = tf.sub(tf.cast(tf.less(0, x), 'float32'), tf.cast(tf.less(x, 0), 'float32'));
        return tf.where(tf.notEqual(x, x), x, ones);
      },
      erf: (tf, x) => nearZero(tf, x, 1, (near) => odd(tf, near, erfTerms), tf.erf(x)),
    },
    binary: {
      // WebGL takes x / x for 1 whatever x is.
      div(tf, a, b) {
        const [wideA, wideB] = [tf.add(a, tf.zerosLike(b)), tf.add(b, tf.zerosLike(a))];
        const edge = tf.logicalOr(tf.equal(wideA, 0), tf.equal(tf.abs(wideA), Infinity));
        const undefinedRatio = tf.logicalAnd(tf.equal(tf.abs(wideA), tf.abs(wideB)), edge);
        return tf.where(undefinedRatio, tf.fill(wideA.shape, NaN), tf.div(a, b));
      },
      max: (tf, a, b) => extreme(tf, a, b, tf.less(a, b)),
      min: (tf, a, b) => extreme(tf, a, b, tf.less(b, a)),
    },
  };

/**
 * For the backend wasm, whose exp, log and tanh take one number at a time: forms of many numbers in kernels that take
 * several, which are its sigmoid and arithmetic. Elsewhere a kernel of its own has the least to move.
 */
const vectorized: Partial<Numerics['unary']> = {
  // max(x, 0) + log(1 + exp(-|x|)); with s = sigmoid(-|x|) the logarithm is 2 atanh(s / (2 - s)).
  softplus: (tf, x) =>
    tf.tidy(() => {
      const small = kernel(tf, tf.Sigmoid, { x: kernel(tf, tf.Neg, { x: kernel(tf, tf.Abs, { x }) }) });
      const z = kernel(tf, tf.RealDiv, { a: small, b: kernel(tf, tf.Sub, { a: tf.scalar(2), b: small }) });
      const q = kernel(tf, tf.Square, { x: z });
      const times = (a: Tensor, b: Tensor): Tensor => kernel(tf, tf.Multiply, { a, b });
      const plus = (a: Tensor, b: Tensor): Tensor => kernel(tf, tf.Add, { a, b });
      const [highest, ...lower] = doubleAtanhTerms.map((term) => tf.scalar(term)).reverse();
      const ratio = lower.reduce<Tensor>((sum, term) => plus(times(sum, q), term), highest!);
      return plus(kernel(tf, tf.Relu, { x }), times(z, ratio));
    }),
};

/** Below so many numbers a kernel costs more than its numbers. */
const fewNumbers = 2 ** 12;

/** 2 atanh(z) / z for |z| up to 1/3 in powers of z^2, interpolated between Chebyshev's points; relative error 1.7e-7. */
const doubleAtanhTerms = [1.9999996723884792, 0.6667597802604893, 0.3959005962990416, 0.3422245378216117];

/** Taylor's series: of odd functions the coefficients of x, x^3, ..., of others those of x, x^2, ... */
const expm1Terms = [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720];
const tanhTerms = [1, -1 / 3, 2 / 15, -17 / 315, 62 / 2835, -1382 / 155925];
const sineTerms = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880];
const cosineTerms = [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320];
const atanhTerms = [2, 2 / 3, 2 / 5, 2 / 7, 2 / 9];
const erfTerms = [1, -1 / 3, 1 / 10, -1 / 42, 1 / 216, -1 / 1320, 1 / 9360, -1 / 75600, 1 / 685440].map(
  (c) => (2 / Math.sqrt(Math.PI)) * c,
);

/** `series` of x where |x| < bound, else `far`. */
function nearZero(tf: Tf, x: Tensor, bound: number, series: (near: Tensor) => Tensor, far: Tensor): Tensor {
  const inside = tf.less(tf.abs(x), bound);
  return tf.where(inside, series(tf.clipByValue(x, -bound, bound)), far);
}

/** sin(x + quarter pi / 2), by what is left of x beyond whole quarter turns; graphics cards have about five digits. */
function sineOfTurns(tf: Tf, x: Tensor, quarter: number): Tensor {
  const n = tf.round(tf.mul(x, 2 / Math.PI));
  // pi / 2 in three parts, of which the first two times a number of turns below 2^13 are exact.
  const parts = [1.5703125, 4.837512969970703125e-4, 7.54978995489188216e-8];
  const r = parts.reduce((rest, part) => tf.sub(rest, tf.mul(n, part)), x);
  const turned = tf.add(n, quarter);
  const of4 = tf.sub(turned, tf.mul(4, tf.floor(tf.div(turned, 4))));
  const isOdd = tf.equal(tf.sub(of4, tf.mul(2, tf.floor(tf.div(of4, 2)))), 1);
  const value = tf.where(isOdd, polynomial(tf, tf.square(r), cosineTerms), odd(tf, r, sineTerms));
  const signed = tf.where(tf.less(of4, 1.5), value, tf.neg(value));
  return tf.where(tf.less(tf.abs(x), Infinity), signed, tf.fill(x.shape, NaN));
}

/** NaN where x is. */
function faithful(tf: Tf, x: Tensor, result: Tensor): Tensor {
  return tf.where(tf.notEqual(x, x), x, result);
}

function powers(tf: Tf, x: Tensor, terms: readonly number[]): Tensor {
  return tf.mul(x, polynomial(tf, x, terms));
}

function odd(tf: Tf, x: Tensor, terms: readonly number[]): Tensor {
  return tf.mul(x, polynomial(tf, tf.square(x), terms));
}

function polynomial(tf: Tf, x: Tensor, terms: readonly number[]): Tensor {
  return terms.reduceRight<Tensor>((sum, term) => tf.add(tf.mul(sum, x), term), tf.zerosLike(x));
}

/** b where it is ahead or NaN, else a. */
function extreme(tf: Tf, a: Tensor, b: Tensor, ahead: Tensor): Tensor {
  const [wideA, wideB] = [tf.add(a, tf.zerosLike(b)), tf.add(b, tf.zerosLike(a))];
  return tf.where(tf.logicalOr(ahead, tf.notEqual(wideB, wideB)), wideB, wideA);
}

/** Numbers on which kernels are tried: zeros, tiny, usual and large ones, infinities, and NaN. */
const probes = [
  0, -0, 1e-30, -1e-30, 1e-9, -1e-7, 1e-5, -1e-3, 0.01, -0.05, 0.1, -0.3, 0.5, -0.9, 1, -1, 2,
].concat([-3, 5, -8, 13, -20, 40, -60, 80, 100, -100, Infinity, -Infinity, NaN]);

/** Errors above this, relative to the number, are the kernel's and not those of single precision. */
const tolerated = 3e-6;

/**
 * The functions for the backend that is in use. Kernels differ from backend to backend in what they make of NaN and of
 * numbers near zero, and some are missing; so each that has a careful form is tried first.
 */
export async function numericsOf(tf: Tf): Promise<Numerics> {
  const unary: Record<string, Unary> = { ...plain.unary };
  const binary: Record<string, Binary> = { ...plain.binary };
  const numbers = probes.map(Math.fround);
  for (const [name, replacement] of Object.entries(careful.unary)) {
    const op = name as UnaryOp;
    // Angles: large ones are nobody's business.
    const tried =
      op === 'sin' || op === 'cos'
        ? numbers.filter((x) => !(Math.abs(x) > 10 && Math.abs(x) < Infinity))
        : numbers;
    const expected = tried.map((x) => meaning(op, [x]));
    if (!(await agrees(tf, () => plain.unary[op](tf, tf.tensor1d(tried)), expected))) unary[op] = replacement;
  }
  for (const [name, fast] of tf.getBackend() === 'wasm' ? Object.entries(vectorized) : []) {
    const op = name as UnaryOp;
    const expected = numbers.map((x) => meaning(op, [x]));
    const usual = unary[op]!;
    if (await agrees(tf, () => fast(tf, tf.tensor1d(numbers)), expected))
      unary[op] = (_, x) => (x.size < fewNumbers ? usual : fast)(tf, x);
  }
  const left = numbers.flatMap((x) => numbers.map(() => x));
  const right = numbers.flatMap(() => numbers);
  for (const [name, replacement] of Object.entries(careful.binary)) {
    const op = name as BinaryOp;
    const expected = left.map((x, i) => meaning(op, [x, right[i]!]));
    const kernel = (): Tensor => plain.binary[op](tf, tf.tensor1d(left), tf.tensor1d(right));
    if (!(await agrees(tf, kernel, expected))) binary[op] = replacement;
  }
  return { unary, binary } as unknown as Numerics;
}

/** What the table of ops says. */
function meaning(op: UnaryOp | BinaryOp, numbers: readonly number[]): number {
  const memory = Float64Array.of(0, ...numbers);
  const slots = numbers.map((_, i) => ({ offset: 1 + i, k: 1, n: 1 }));
  opTable[op].evaluate(memory, { offset: 0, k: 1, n: 1 }, slots, {});
  return memory[0]!;
}

async function agrees(tf: Tf, kernel: () => Tensor, expected: readonly number[]): Promise<boolean> {
  let result: Tensor;
  try {
    result = tf.keep(tf.tidy(kernel));
  } catch {
    return false;
  }
  try {
    const found = await result.data();
    return expected.every((x, i) => {
      const held = Math.fround(x);
      const error = Math.abs(found[i]! - held);
      return (
        Object.is(found[i], held) ||
        (Number.isNaN(held) && Number.isNaN(found[i])) ||
        error <= Math.abs(held) * tolerated + 1.2e-38
      );
    });
  } finally {
    result.dispose();
  }
}
