// What AVX-512 does in one instruction. Included by vec.h only.
#pragma once

#include <immintrin.h>

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Whether fma(a, b, c) rounds once. Where it does not, it is a * b + c.
inline constexpr bool hasFma = true;

// The zero-masking forms with a full mask are the plain instructions; GCC 12 warns about the others.
inline constexpr __mmask16 allLanes32 = 0xffff;
inline constexpr __mmask8 allLanes64 = 0xff;

// a * b + c
LIOUVILLE_INLINE F32 fma(F32 a, F32 b, F32 c) { return (F32)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c); }
LIOUVILLE_INLINE F64 fma(F64 a, F64 b, F64 c) {
  return (F64)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
}

// c - a * b
LIOUVILLE_INLINE F32 nfma(F32 a, F32 b, F32 c) {
  return (F32)_mm512_fnmadd_ps((__m512)a, (__m512)b, (__m512)c);
}
LIOUVILLE_INLINE F64 nfma(F64 a, F64 b, F64 c) {
  return (F64)_mm512_fnmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
}

LIOUVILLE_INLINE F32 sqrt(F32 a) { return (F32)_mm512_maskz_sqrt_ps(allLanes32, (__m512)a); }
LIOUVILLE_INLINE F64 sqrt(F64 a) { return (F64)_mm512_maskz_sqrt_pd(allLanes64, (__m512d)a); }

// a < b ? a : b and a > b ? a : b: when either is NaN, the result is b.
LIOUVILLE_INLINE F32 min(F32 a, F32 b) { return (F32)_mm512_maskz_min_ps(allLanes32, (__m512)a, (__m512)b); }
LIOUVILLE_INLINE F64 min(F64 a, F64 b) { return (F64)_mm512_maskz_min_pd(allLanes64, (__m512d)a, (__m512d)b); }
LIOUVILLE_INLINE F32 max(F32 a, F32 b) { return (F32)_mm512_maskz_max_ps(allLanes32, (__m512)a, (__m512)b); }
LIOUVILLE_INLINE F64 max(F64 a, F64 b) { return (F64)_mm512_maskz_max_pd(allLanes64, (__m512d)a, (__m512d)b); }

// The nearest integer (halves to even), and the next one below.
LIOUVILLE_INLINE F32 round(F32 a) { return (F32)_mm512_maskz_roundscale_ps(allLanes32, (__m512)a, 8); }
LIOUVILLE_INLINE F64 round(F64 a) { return (F64)_mm512_maskz_roundscale_pd(allLanes64, (__m512d)a, 8); }
LIOUVILLE_INLINE F32 floor(F32 a) { return (F32)_mm512_maskz_roundscale_ps(allLanes32, (__m512)a, 9); }
LIOUVILLE_INLINE F64 floor(F64 a) { return (F64)_mm512_maskz_roundscale_pd(allLanes64, (__m512d)a, 9); }

// a * 2^n for an integer n, rounded once: 0, denormal and infinite results included.
LIOUVILLE_INLINE F32 scaleByPower(F32 a, F32 n) {
  return (F32)_mm512_maskz_scalef_ps(allLanes32, (__m512)a, (__m512)n);
}
LIOUVILLE_INLINE F64 scaleByPower(F64 a, F64 n) {
  return (F64)_mm512_maskz_scalef_pd(allLanes64, (__m512d)a, (__m512d)n);
}

// The m in [0.75, 1.5) and floor(log2 |a|) of a = m 2^k. Zero gives 1 and -inf, infinity 1 and inf; the
// mantissa of a negative number is NaN.
LIOUVILLE_INLINE F32 mantissa(F32 a) {
  return (F32)_mm512_maskz_getmant_ps(allLanes32, (__m512)a, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan);
}
LIOUVILLE_INLINE F64 mantissa(F64 a) {
  return (F64)_mm512_maskz_getmant_pd(allLanes64, (__m512d)a, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan);
}
LIOUVILLE_INLINE F32 floorLog2(F32 a) { return (F32)_mm512_maskz_getexp_ps(allLanes32, (__m512)a); }
LIOUVILLE_INLINE F64 floorLog2(F64 a) { return (F64)_mm512_maskz_getexp_pd(allLanes64, (__m512d)a); }

// table[index mod 16], lane by lane.
LIOUVILLE_INLINE F32 lookup(const float (&table)[16], U32 index) {
  return (F32)_mm512_maskz_permutexvar_ps(allLanes32, (__m512i)index, (__m512)load<F32>(table));
}

LIOUVILLE_INLINE WideF32 widen(F32 v) {
  const __m512 all = (__m512)v;
  return {(F64)_mm512_maskz_cvtps_pd(allLanes64, _mm512_maskz_extractf32x8_ps(allLanes64, all, 0)),
          (F64)_mm512_maskz_cvtps_pd(allLanes64, _mm512_maskz_extractf32x8_ps(allLanes64, all, 1))};
}

// Rounded to the nearest float.
LIOUVILLE_INLINE F32 narrow(WideF32 v) {
  const __m256 low = _mm512_maskz_cvtpd_ps(allLanes64, (__m512d)v.low);
  const __m256 high = _mm512_maskz_cvtpd_ps(allLanes64, (__m512d)v.high);
  return (F32)_mm512_maskz_insertf32x8(allLanes32, _mm512_castps256_ps512(low), high, 1);
}

LIOUVILLE_INLINE uint32_t laneBits(M32 mask) { return _mm512_movepi32_mask((__m512i)mask); }
LIOUVILLE_INLINE uint32_t laneBits(M64 mask) { return _mm512_movepi64_mask((__m512i)mask); }

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
