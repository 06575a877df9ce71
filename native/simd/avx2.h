// What AVX2 and FMA do in one instruction. Included by vec.h only.
#pragma once

#include <immintrin.h>

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Whether fma(a, b, c) rounds once. Where it does not, it is a * b + c.
inline constexpr bool hasFma = true;

// a * b + c
LIOUVILLE_INLINE F32 fma(F32 a, F32 b, F32 c) { return (F32)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c); }
LIOUVILLE_INLINE F64 fma(F64 a, F64 b, F64 c) {
  return (F64)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

// c - a * b
LIOUVILLE_INLINE F32 nfma(F32 a, F32 b, F32 c) {
  return (F32)_mm256_fnmadd_ps((__m256)a, (__m256)b, (__m256)c);
}
LIOUVILLE_INLINE F64 nfma(F64 a, F64 b, F64 c) {
  return (F64)_mm256_fnmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

LIOUVILLE_INLINE F32 sqrt(F32 a) { return (F32)_mm256_sqrt_ps((__m256)a); }
LIOUVILLE_INLINE F64 sqrt(F64 a) { return (F64)_mm256_sqrt_pd((__m256d)a); }

// a < b ? a : b and a > b ? a : b: when either is NaN, the result is b.
LIOUVILLE_INLINE F32 min(F32 a, F32 b) { return (F32)_mm256_min_ps((__m256)a, (__m256)b); }
LIOUVILLE_INLINE F64 min(F64 a, F64 b) { return (F64)_mm256_min_pd((__m256d)a, (__m256d)b); }
LIOUVILLE_INLINE F32 max(F32 a, F32 b) { return (F32)_mm256_max_ps((__m256)a, (__m256)b); }
LIOUVILLE_INLINE F64 max(F64 a, F64 b) { return (F64)_mm256_max_pd((__m256d)a, (__m256d)b); }

// The nearest integer (halves to even), and the next one below.
LIOUVILLE_INLINE F32 round(F32 a) { return (F32)_mm256_round_ps((__m256)a, 8); }
LIOUVILLE_INLINE F64 round(F64 a) { return (F64)_mm256_round_pd((__m256d)a, 8); }
LIOUVILLE_INLINE F32 floor(F32 a) { return (F32)_mm256_round_ps((__m256)a, 9); }
LIOUVILLE_INLINE F64 floor(F64 a) { return (F64)_mm256_round_pd((__m256d)a, 9); }

LIOUVILLE_INLINE WideF32 widen(F32 v) {
  const __m256 all = (__m256)v;
  return {(F64)_mm256_cvtps_pd(_mm256_castps256_ps128(all)), (F64)_mm256_cvtps_pd(_mm256_extractf128_ps(all, 1))};
}

// Rounded to the nearest float.
LIOUVILLE_INLINE F32 narrow(WideF32 v) {
  return (F32)_mm256_set_m128(_mm256_cvtpd_ps((__m256d)v.high), _mm256_cvtpd_ps((__m256d)v.low));
}

LIOUVILLE_INLINE uint32_t laneBits(M32 mask) { return uint32_t(_mm256_movemask_ps((__m256)mask)); }
LIOUVILLE_INLINE uint32_t laneBits(M64 mask) { return uint32_t(_mm256_movemask_pd((__m256d)mask)); }

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
