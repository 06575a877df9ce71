// The error function, 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x.
#pragma once

#include "exp.h"
#include "piecewise.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Up to 1 an odd polynomial, beyond it 1 - e^(-q(|x|)). Never above 1, odd to the last bit.
template <class V> LIOUVILLE_INLINE V erfByExp(V x) {
  using S = Scalar<V>;
  using C = Coefficients<S>;
  const V a = abs(x);
  const V near = fma(a, polynomial(a * a, C::erfNear), a);
  constexpr S top = sizeof(S) == 4 ? S(3.95) : S(5.95);
  const auto split = splitPower(-polynomial(min(set1<V>(top), a) - S(1), C::erfFar));
  const V scale = power(split);
  const V far = nfma(scale, expm1Polynomial(split.r, C::expSmall), S(1) - scale);
  const V result = select((Mask<V>)(a < S(1)), near, far);
  return fromBits(bits(result) | bits(signOf(x)));
}

LIOUVILLE_INLINE F64 erf(F64 x) { return erfByExp(x); }

#if LIOUVILLE_ISA_AVX512
LIOUVILLE_INLINE F32 erf(F32 x) { return piecewise<ErfPieces>(x); }
#else
LIOUVILLE_INLINE F32 erf(F32 x) { return erfByExp(x); }
#endif

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
