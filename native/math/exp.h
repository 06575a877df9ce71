// e^x and e^x - 1.
#pragma once

#include "format.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// x = n ln(2) + r, or with sign -1 x = n ln(2) - r, where |r| <= ln(2) / 2; `exponent` holds n + offset + bias
// in its low bits.
template <class V> struct PowerSplit { V n, r; Int<V> exponent; };

// |x| must be far below 2^22 (2^51).
template <int sign = 1, int offset = 0, class V> LIOUVILLE_INLINE PowerSplit<V> splitPower(V x) {
  using S = Scalar<V>;
  using C = Coefficients<S>;
  constexpr S rounder = Format<S>::rounder + S(Format<S>::bias + offset);
  const V sum = fma(x, set1<V>(C::log2e), set1<V>(rounder));
  const V n = sum - rounder;
  const V high = set1<V>(C::ln2High), low = set1<V>(C::ln2Low);
  if constexpr (sign > 0) return {n, nfma(n, low, nfma(n, high, x)), bits(sum)};
  else return {n, fma(n, low, fma(n, high, -x)), bits(sum)};
}

// 2^(n + offset), the exponent of a normal number.
template <class V> LIOUVILLE_INLINE V power(const PowerSplit<V>& split) {
  return fromBits(split.exponent << Format<Scalar<V>>::mantissaBits);
}

// value * 2^n, also where 2^n is no normal number; offset is 0.
template <class V> LIOUVILLE_INLINE V timesPower(V value, const PowerSplit<V>& split) {
#if LIOUVILLE_ISA_AVX512
  return scaleByPower(value, split.n);
#else
  // In two halves the power neither overflows nor underflows before the result does: with the bias doubled to
  // an even number, one half is the exponent shifted, the other what is left. Where x is NaN the exponent is
  // any number, and may wrap.
  using F = Format<Scalar<V>>;
  const Uint<V> doubled = (Uint<V>)split.exponent + Scalar<Uint<V>>(F::bias);
  const Uint<V> half = doubled >> 1;
  return (value * (V)(half << F::mantissaBits)) * (V)((doubled - half) << F::mantissaBits);
#endif
}

// Beyond these e^x is 0 or infinite.
template <class S> struct ExpRange;
template <> struct ExpRange<float> { static constexpr float low = -104, high = 89; };
template <> struct ExpRange<double> { static constexpr double low = -746, high = 710; };

// e^r - 1 by the coefficients c of (e^r - 1 - r) / r^2.
template <class V, int count> LIOUVILLE_INLINE V expm1Polynomial(V r, const Scalar<V> (&c)[count]) {
  return fma(r * r, polynomial(r, c), r);
}

// e^x for x in ExpRange, or NaN.
template <class V> LIOUVILLE_INLINE V expInRange(V x) {
  using S = Scalar<V>;
  const auto split = splitPower(x);
  return timesPower(S(1) + expm1Polynomial(split.r, Coefficients<S>::expSmall), split);
}

// e^x. Below -103.97 (-745.13) it is 0, above 88.72 (709.78) infinite; denormal results are rounded right.
template <class V> LIOUVILLE_INLINE V exp(V x) {
  using Range = ExpRange<Scalar<V>>;
  return expInRange(min(set1<V>(Range::high), max(set1<V>(Range::low), x)));
}

// e^x - 1, with full relative accuracy around 0.
template <class V> LIOUVILLE_INLINE V expm1(V x) {
  using S = Scalar<V>;
  // Halved, because 2^128 (2^1024) times a fraction may be a finite result, but is no number itself.
  constexpr S low = S(-Format<S>::mantissaBits);
  const auto split = splitPower<1, -1>(min(set1<V>(ExpRange<S>::high), max(set1<V>(low), x)));
  const V scale = power(split);
  const V half = fma(scale, expm1Polynomial(split.r, Coefficients<S>::expm1Small), scale - S(0.5));
  return select((Mask<V>)(abs(x) < Format<S>::tiny), x, half + half);
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
