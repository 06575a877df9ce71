// sin and cos, of arguments of any size.
#pragma once

#include "reduction.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// x = n pi/2 + r + low with |r| <= pi/4 (and a little), low below half an ulp of r; n's two low bits count.
template <class V> struct Turned { V r, low; Int<V> n; };

// Up to here the vector reduction below is exact enough; larger numbers are reduced one by one.
template <class S> inline constexpr S turnLimit = sizeof(S) == 4 ? S(0x1p17) : S(0x1p20);

LIOUVILLE_INLINE Turned<F32> reduceTurns(F32 x) {
  using C = Coefficients<float>;
  const F32 sum = fma(x, set1<F32>(C::twoOverPi), set1<F32>(Format<float>::rounder));
  const F32 n = sum - Format<float>::rounder;
  if constexpr (hasFma) {
    // The first difference is exact, and so is what is left of the second (`first` is a multiple of the product's
    // last digit); what rounding took from the product and the third part go to `low`.
    const F32 halfPi2 = set1<F32>(C::halfPi2);
    const F32 first = nfma(n, set1<F32>(C::halfPi1), x);
    const F32 product = n * halfPi2;
    const F32 r = first - product;
    const F32 low = ((first - r) - product) - fma(n, set1<F32>(C::halfPi3), fma(n, halfPi2, -product));
    return {r, low, bits(sum)};
  } else {
    // In double: n * halfPi1 is exact, and halfPiRest leaves 2^-69.
    using D = Coefficients<double>;
    const WideF32 wide = widen(x), turns = widen(n);
    const F64 low = (wide.low - turns.low * D::halfPi1) - turns.low * D::halfPiRest;
    const F64 high = (wide.high - turns.high * D::halfPi1) - turns.high * D::halfPiRest;
    return {narrow({low, high}), zero<F32>(), bits(sum)};
  }
}

// a + b = sum + error, exactly (Knuth).
template <class V> struct ExactSum { V sum, error; };
template <class V> LIOUVILLE_INLINE ExactSum<V> exactSum(V a, V b) {
  const V sum = a + b;
  const V part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

// Three exact products are taken away one after the other, what rounding loses is kept in `low`.
LIOUVILLE_INLINE Turned<F64> reduceTurns(F64 x) {
  using C = Coefficients<double>;
  constexpr double rounder = Format<double>::rounder;
  const F64 sum = fma(x, set1<F64>(C::twoOverPi), set1<F64>(rounder));
  const F64 n = sum - rounder;
  const auto second = exactSum(x - n * C::halfPi1, -(n * C::halfPi2));
  const auto third = exactSum(second.sum, -(n * C::halfPi3));
  const F64 rest = nfma(n, set1<F64>(C::halfPi4), second.error + third.error);
  const auto total = exactSum(third.sum, rest);
  return {total.sum, total.error, bits(sum)};
}

// n + quarter. Where x is NaN, n is any number, and may wrap.
template <class V> LIOUVILLE_INLINE Int<V> turnedBy(Int<V> n, int quarter) {
  return (Int<V>)((Uint<V>)n + Scalar<Uint<V>>(quarter));
}

// sin(n pi/2 + r) for n mod 4 = 0, 1, 2, 3: sin r, cos r, -sin r, -cos r.
template <class V> LIOUVILLE_INLINE V sinOfTurned(const Turned<V>& t, Int<V> n) {
  using S = Scalar<V>;
  using C = Coefficients<S>;
  const V square = t.r * t.r;
  const V half = S(0.5) * square;
  const V sine = t.r + fma(t.r * square, polynomial(square, C::sin), nfma(half, t.low, t.low));
  // 1 - half is exact enough only together with what it has lost.
  const V head = S(1) - half;
  const V lost = (S(1) - head) - half;
  const V cosine = head + (lost + fma(square * square, polynomial(square, C::cos), -(t.r * t.low)));
  const V result = select((Mask<V>)((n & 1) != 0), cosine, sine);
  constexpr int signBit = int(sizeof(S)) * 8 - 1;
  return fromBits(bits(result) ^ ((n & 2) << (signBit - 1)));
}

// `result`, but for the lanes beyond `turnLimit`, which are reduced one by one; infinity and NaN give NaN.
template <class V> __attribute__((noinline)) V sinOfHuge(V x, V result, int quarter) {
  using S = Scalar<V>;
  Turned<V> turned{set1<V>(Format<S>::nan), zero<V>(), {}};
  for (int lane = 0; lane < lanes<V>; lane++) {
    const double value = x[lane];
    if (!(value - value == 0 && __builtin_fabs(value) > turnLimit<S>)) continue;
    const QuarterTurns turns = reduceHuge(value);
    turned.r[lane] = S(turns.high);
    turned.low[lane] = S(turns.high - double(S(turns.high)) + turns.low);
    turned.n[lane] = turns.quadrant;
  }
  const Mask<V> inRange = (Mask<V>)(abs(x) <= turnLimit<S>);
  return select(inRange, result, sinOfTurned(turned, turnedBy<V>(turned.n, quarter)));
}

// sin(x + quarter pi/2)
template <int quarter, class V> LIOUVILLE_INLINE V sinFrom(V x) {
  const auto turned = reduceTurns(x);
  const V result = sinOfTurned(turned, turnedBy<V>(turned.n, quarter));
  const bool huge = !all((Mask<V>)(abs(x) <= turnLimit<Scalar<V>>));
  return __builtin_expect(huge, 0) ? sinOfHuge(x, result, quarter) : result;
}

// sin(x); NaN at infinity.
template <class V> LIOUVILLE_INLINE V sin(V x) {
  // The reduction turns -0 into 0.
  return select((Mask<V>)(x == Scalar<V>(0)), x, sinFrom<0>(x));
}

// cos(x); NaN at infinity.
template <class V> LIOUVILLE_INLINE V cos(V x) { return sinFrom<1>(x); }

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
