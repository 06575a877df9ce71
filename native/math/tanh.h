// The hyperbolic tangent.
#pragma once

#include "exp.h"
#include "piecewise.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// With e^(-2|x|) = (1 + m) / scale: tanh|x| = (scale - 1 - m) / (scale + 1 + m), where only the last addition
// of each rounds. Never above 1, odd to the last bit.
template <class V> LIOUVILLE_INLINE V tanhByExp(V x) {
  using S = Scalar<V>;
  constexpr S top = sizeof(S) == 4 ? 10 : 20;
  const V a = min(set1<V>(top), abs(x));
  const auto split = splitPower<-1>(a + a);
  const V m = expm1Polynomial(split.r, Coefficients<S>::expm1Small);
  const V scale = power(split);
  const V result = ((scale - S(1)) - m) / ((scale + S(1)) + m);
  return fromBits(bits(result) | bits(signOf(x)));
}

LIOUVILLE_INLINE F64 tanh(F64 x) { return tanhByExp(x); }

#if LIOUVILLE_ISA_AVX512
LIOUVILLE_INLINE F32 tanh(F32 x) { return piecewise<TanhPieces>(x); }
#else
LIOUVILLE_INLINE F32 tanh(F32 x) { return tanhByExp(x); }
#endif

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
