// sin and cos, of arguments of any size.
#pragma once

#include "reduction.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// x = n pi/2 + r + low with |r| <= pi/4 (and a little), low below half an ulp of r; n's two low bits count.
template <class V> struct Turned { V r, low; Int<V> n; };

// Up to here the vector reduction below is exact enough; larger numbers are reduced one by one.
template <class S> inline constexpr S turnLimit = sizeof(S) == 4 ? S(0x1p17) : S(0x1p20);

// In double: n * halfPi1 is exact, and halfPiRest leaves 2^-69.
LIOUVILLE_INLINE Turned<F32> reduceTurns(F32 x) {
  using C = Coefficients<double>;
  constexpr float rounder = Format<float>::rounder;
  const F32 sum = fma(x, set1<F32>(Coefficients<float>::twoOverPi), set1<F32>(rounder));
  const WideF32 n = widen(sum - rounder);
  const WideF32 wide = widen(x);
  const F64 low = nfma(n.low, set1<F64>(C::halfPiRest), nfma(n.low, set1<F64>(C::halfPi1), wide.low));
  const F64 high = nfma(n.high, set1<F64>(C::halfPiRest), nfma(n.high, set1<F64>(C::halfPi1), wide.high));
  return {narrow({low, high}), zero<F32>(), bits(sum)};
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

// The lanes beyond `turnLimit`, one by one; infinity and NaN give NaN.
template <class V> __attribute__((noinline)) void reduceHugeLanes(V x, Turned<V>* turned) {
  using S = Scalar<V>;
  for (int lane = 0; lane < lanes<V>; lane++) {
    const S value = x[lane];
    if (!(__builtin_fabs(value) > turnLimit<S>)) continue;
    if (value - value != 0) {
      turned->r[lane] = Format<S>::nan;
      continue;
    }
    const QuarterTurns quarter = reduceHuge(value);
    turned->r[lane] = S(quarter.high);
    turned->low[lane] = sizeof(S) == 4 ? S(0) : S(quarter.low);
    turned->n[lane] = quarter.quadrant;
  }
}

template <class V> LIOUVILLE_INLINE Turned<V> reduceAny(V x) {
  Turned<V> turned = reduceTurns(x);
  if (__builtin_expect(any((Mask<V>)(abs(x) > turnLimit<Scalar<V>>)), 0)) reduceHugeLanes(x, &turned);
  return turned;
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

// sin(x); NaN at infinity.
template <class V> LIOUVILLE_INLINE V sin(V x) {
  const auto turned = reduceAny(x);
  // The reduction turns -0 into 0.
  return select((Mask<V>)(x == Scalar<V>(0)), x, sinOfTurned(turned, turned.n));
}

// cos(x) = sin(x + pi/2); NaN at infinity.
template <class V> LIOUVILLE_INLINE V cos(V x) {
  const auto turned = reduceAny(x);
  return sinOfTurned(turned, turned.n + 1);
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
