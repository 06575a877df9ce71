// What x86-64's baseline does in one instruction. Included by vec.h only.
#pragma once

#include <emmintrin.h>

#include "rounding.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Whether fma(a, b, c) rounds once. Where it does not, it is a * b + c.
inline constexpr bool hasFma = false;

// a * b + c
template <class V> LIOUVILLE_INLINE V fma(V a, V b, V c) { return a * b + c; }

// c - a * b
template <class V> LIOUVILLE_INLINE V nfma(V a, V b, V c) { return c - a * b; }

LIOUVILLE_INLINE F32 sqrt(F32 a) { return (F32)_mm_sqrt_ps((__m128)a); }
LIOUVILLE_INLINE F64 sqrt(F64 a) { return (F64)_mm_sqrt_pd((__m128d)a); }

// a < b ? a : b and a > b ? a : b: when either is NaN, the result is b.
LIOUVILLE_INLINE F32 min(F32 a, F32 b) { return (F32)_mm_min_ps((__m128)a, (__m128)b); }
LIOUVILLE_INLINE F64 min(F64 a, F64 b) { return (F64)_mm_min_pd((__m128d)a, (__m128d)b); }
LIOUVILLE_INLINE F32 max(F32 a, F32 b) { return (F32)_mm_max_ps((__m128)a, (__m128)b); }
LIOUVILLE_INLINE F64 max(F64 a, F64 b) { return (F64)_mm_max_pd((__m128d)a, (__m128d)b); }

LIOUVILLE_INLINE WideF32 widen(F32 v) {
  return {(F64)_mm_cvtps_pd((__m128)v), (F64)_mm_cvtps_pd(_mm_movehl_ps((__m128)v, (__m128)v))};
}

// Rounded to the nearest float.
LIOUVILLE_INLINE F32 narrow(WideF32 v) {
  return (F32)_mm_movelh_ps(_mm_cvtpd_ps((__m128d)v.low), _mm_cvtpd_ps((__m128d)v.high));
}

LIOUVILLE_INLINE uint32_t laneBits(M32 mask) { return uint32_t(_mm_movemask_ps((__m128)mask)); }
LIOUVILLE_INLINE uint32_t laneBits(M64 mask) { return uint32_t(_mm_movemask_pd((__m128d)mask)); }

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
