// Any other processor: what the compiler makes of plain vector code. Included by vec.h only.
#pragma once

#include "rounding.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Whether fma(a, b, c) rounds once. Where it does not, it is a * b + c.
inline constexpr bool hasFma = false;

// a * b + c
template <class V> LIOUVILLE_INLINE V fma(V a, V b, V c) { return a * b + c; }

// c - a * b
template <class V> LIOUVILLE_INLINE V nfma(V a, V b, V c) { return c - a * b; }

LIOUVILLE_INLINE F32 sqrt(F32 a) {
  for (int lane = 0; lane < lanes<F32>; lane++) a[lane] = __builtin_sqrtf(a[lane]);
  return a;
}
LIOUVILLE_INLINE F64 sqrt(F64 a) {
  for (int lane = 0; lane < lanes<F64>; lane++) a[lane] = __builtin_sqrt(a[lane]);
  return a;
}

// a < b ? a : b and a > b ? a : b: when either is NaN, the result is b.
template <class V> LIOUVILLE_INLINE V min(V a, V b) { return select((Mask<V>)(a < b), a, b); }
template <class V> LIOUVILLE_INLINE V max(V a, V b) { return select((Mask<V>)(a > b), a, b); }

LIOUVILLE_INLINE WideF32 widen(F32 v) {
  WideF32 result;
  for (int lane = 0; lane < lanes<F64>; lane++) {
    result.low[lane] = v[lane];
    result.high[lane] = v[lane + lanes<F64>];
  }
  return result;
}

// Rounded to the nearest float.
LIOUVILLE_INLINE F32 narrow(WideF32 v) {
  F32 result;
  for (int lane = 0; lane < lanes<F64>; lane++) {
    result[lane] = float(v.low[lane]);
    result[lane + lanes<F64>] = float(v.high[lane]);
  }
  return result;
}

template <class M> LIOUVILLE_INLINE uint32_t laneBits(M mask) {
  uint32_t result = 0;
  for (int lane = 0; lane < lanes<M>; lane++) result |= uint32_t(mask[lane] & 1) << lane;
  return result;
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
