// The logistic function and its integral.
#pragma once

#include "exp.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// sigmoid(x) = 1 / (1 + e^-x), in [0, 1]. Its accuracy is relative to the value on both sides: for negative
// x it follows e^x down to the denormals, so that its logarithm and its products keep their digits.
//
// With e^-x = (1 + m) / scale: sigmoid(x) = scale / (scale + 1 + m), where the additions are ordered so that
// only the last one rounds much.
template <class V> LIOUVILLE_INLINE V sigmoid(V x) {
  using S = Scalar<V>;
  // From here on the result is 1.
  constexpr S high = sizeof(S) == 4 ? 30 : 50;
  const V clamped = min(set1<V>(high), max(set1<V>(ExpRange<S>::low), x));
  const auto split = splitPower<-1>(clamped);
  const V m = expm1Polynomial(split.r, Coefficients<S>::expSmall);
  const V one = set1<V>(1);
  const V scale = timesPower(one, split);
  return scale / (max(scale, one) + (min(scale, one) + m));
}

// log(1 + e) for 0 <= e <= 1, plus `addend`.
LIOUVILLE_INLINE F32 log1pUnit(F32 e, F32 addend) {
  return fma(e * e, polynomial(e - 0.5f, Coefficients<float>::log1pUnit), e) + addend;
}

// As for log(F64): with s = e / (2 + e), log(1 + e) = e - (e^2/2 - s (e^2/2 + rest)).
LIOUVILLE_INLINE F64 log1pUnit(F64 e, F64 addend) {
  const F64 s = e / (e + 2.0);
  const F64 z = s * s;
  const F64 half = 0.5 * (e * e);
  const F64 rest = z * polynomial(z, Coefficients<double>::log1pUnit);
  return (e - nfma(s, half + rest, half)) + addend;
}

// softplus(x) = log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), with full relative accuracy for negative x too.
template <class V> LIOUVILLE_INLINE V softplus(V x) {
  const V e = expInRange(max(set1<V>(ExpRange<Scalar<V>>::low), -abs(x)));
  return log1pUnit(e, max(zero<V>(), x));
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
