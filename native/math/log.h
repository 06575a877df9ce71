// log(x) and log(1 + x).
#pragma once

#include "format.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// x = m 2^k with m in [0.75, 1.5), so that k = 0 around 1 and nothing cancels.
template <class V> struct LogSplit { V m, k; };

// For positive normal x; whatever else gives a number without meaning. AVX-512: any x, with NaN for
// negative numbers and an infinite k for 0 and infinity.
template <class V> LIOUVILLE_INLINE LogSplit<V> splitLog(V x) {
#if LIOUVILLE_ISA_AVX512
  const V m = mantissa(x);
  return {m, floorLog2(x) - floorLog2(m)};
#else
  using S = Scalar<V>;
  using F = Format<S>;
  const Uint<V> start = (Uint<V>)set1<V>(S(0.75));
  const Uint<V> shifted = (Uint<V>)x + ((Uint<V>)set1<V>(1) - start);
  const V m = (V)((shifted & F::mantissaMask) + start);
  // The exponent becomes the low bits of 2^23 (2^52), and so a number.
  constexpr S ulpOne = F::rounder / S(1.5);
  const Uint<V> exponent = shifted >> F::mantissaBits;
  return {m, (V)(exponent | (Uint<V>)set1<V>(ulpOne)) - (ulpOne + S(F::bias))};
#endif
}

// log(1 + f) + k ln(2), where 1 + f is split.m but for rounding.
#if LIOUVILLE_ISA_AVX512
// A table makes f small: 1 + r = (1 + f) * reciprocal.
LIOUVILLE_INLINE F32 logOfSplit(LogSplit<F32> split, F32 f) {
  using C = Coefficients<float>;
  const U32 piece = (U32)split.m >> (Format<float>::mantissaBits - 4);
  const F32 reciprocal = lookup(C::logReciprocal, piece);
  const F32 r = fma(f, reciprocal, reciprocal - 1.0f);
  const F32 offset = fma(split.k, set1<F32>(C::ln2High + C::ln2Low), lookup(C::logOffset, piece));
  return offset + fma(r * r, polynomial(r, C::logSmall), r);
}
#else
LIOUVILLE_INLINE F32 logOfSplit(LogSplit<F32> split, F32 f) {
  using C = Coefficients<float>;
  const F32 square = f * f;
  const F32 rest = fma(f * square, polynomial(f, C::log), split.k * C::ln2Low);
  return fma(split.k, set1<F32>(C::ln2High), f + (rest - 0.5f * square));
}
#endif

// With s = f / (2 + f), log(1 + f) = f - (f^2/2 - s (f^2/2 + rest)), rest = s^2 (2/3 + 2/5 s^2 + ...).
LIOUVILLE_INLINE F64 logOfSplit(LogSplit<F64> split, F64 f) {
  using C = Coefficients<double>;
  const F64 s = f / (f + 2.0);
  const F64 z = s * s;
  const F64 half = 0.5 * (f * f);
  const F64 rest = z * polynomial(z, C::log);
  return fma(split.k, set1<F64>(C::ln2High), f + (fma(s, half + rest, split.k * C::ln2Low) - half));
}

// log(x): -inf at 0, NaN below.
template <class V> LIOUVILLE_INLINE V log(V x) {
  using S = Scalar<V>;
#if LIOUVILLE_ISA_AVX512
  const auto split = splitLog(x);
  return logOfSplit(split, split.m - S(1));
#else
  using F = Format<S>;
  // Denormals are scaled to normal numbers first.
  constexpr S up = F::rounder / S(0.75);
  const Mask<V> denormal = (Mask<V>)(x < F::smallestNormal);
  auto split = splitLog(select(denormal, x * up, x));
  split.k = split.k - select(denormal, set1<V>(S(F::mantissaBits + 1)), zero<V>());
  const V finite = logOfSplit(split, split.m - S(1));
  const V outside = select((Mask<V>)(x == S(0)), set1<V>(-F::infinity), set1<V>(F::nan));
  return select((Mask<V>)(x > S(0)), select((Mask<V>)(x < F::infinity), finite, x), outside);
#endif
}

// log(1 + x), with full relative accuracy around 0: -inf at -1, NaN below.
template <class V> LIOUVILLE_INLINE V log1p(V x) {
  using S = Scalar<V>;
  using F = Format<S>;
  const V u = x + S(1);
  const auto split = splitLog(u);
  // f = (1 + x) 2^-k - 1, rounded once: the digits of x that 1 + x has lost are still in it.
#if LIOUVILLE_ISA_AVX512
  const V f = scaleByPower(x, -split.k) + (scaleByPower(set1<V>(1), -split.k) - S(1));
#else
  // 2^(2-k), since 2^-k itself may be denormal.
  const V power = (V)((Uint<V>)set1<V>(4) - ((Uint<V>)(split.k + F::rounder) << F::mantissaBits));
  const V f = (S(0.25) * x) * power + (S(0.25) * power - S(1));
#endif
  const V outside = select((Mask<V>)(u == S(0)), set1<V>(-F::infinity), set1<V>(F::nan));
  const V result = select((Mask<V>)(u > S(0)), logOfSplit(split, f), outside);
  const Mask<V> itself = (Mask<V>)(abs(x) < F::tiny) | (Mask<V>)(x == F::infinity);
  return select(itself, x, result);
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
