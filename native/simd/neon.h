// What 64-bit ARM does in one instruction. Included by vec.h only.
#pragma once

#include <arm_neon.h>

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Whether fma(a, b, c) rounds once. Where it does not, it is a * b + c.
inline constexpr bool hasFma = true;

// a * b + c
LIOUVILLE_INLINE F32 fma(F32 a, F32 b, F32 c) {
  return (F32)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
LIOUVILLE_INLINE F64 fma(F64 a, F64 b, F64 c) {
  return (F64)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}

// c - a * b
LIOUVILLE_INLINE F32 nfma(F32 a, F32 b, F32 c) {
  return (F32)vfmsq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
LIOUVILLE_INLINE F64 nfma(F64 a, F64 b, F64 c) {
  return (F64)vfmsq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}

LIOUVILLE_INLINE F32 sqrt(F32 a) { return (F32)vsqrtq_f32((float32x4_t)a); }
LIOUVILLE_INLINE F64 sqrt(F64 a) { return (F64)vsqrtq_f64((float64x2_t)a); }

// a < b ? a : b and a > b ? a : b: when either is NaN, the result is b.
template <class V> LIOUVILLE_INLINE V min(V a, V b) { return select((Mask<V>)(a < b), a, b); }
template <class V> LIOUVILLE_INLINE V max(V a, V b) { return select((Mask<V>)(a > b), a, b); }

// The nearest integer (halves to even), and the next one below.
LIOUVILLE_INLINE F32 round(F32 a) { return (F32)vrndnq_f32((float32x4_t)a); }
LIOUVILLE_INLINE F64 round(F64 a) { return (F64)vrndnq_f64((float64x2_t)a); }
LIOUVILLE_INLINE F32 floor(F32 a) { return (F32)vrndmq_f32((float32x4_t)a); }
LIOUVILLE_INLINE F64 floor(F64 a) { return (F64)vrndmq_f64((float64x2_t)a); }

LIOUVILLE_INLINE WideF32 widen(F32 v) {
  return {(F64)vcvt_f64_f32(vget_low_f32((float32x4_t)v)), (F64)vcvt_high_f64_f32((float32x4_t)v)};
}

// Rounded to the nearest float.
LIOUVILLE_INLINE F32 narrow(WideF32 v) {
  return (F32)vcvt_high_f32_f64(vcvt_f32_f64((float64x2_t)v.low), (float64x2_t)v.high);
}

LIOUVILLE_INLINE uint32_t laneBits(M32 mask) {
  return vaddvq_u32((uint32x4_t)(mask & I32{1, 2, 4, 8}));
}
LIOUVILLE_INLINE uint32_t laneBits(M64 mask) {
  return uint32_t(vaddvq_u64((uint64x2_t)(mask & I64{1, 2})));
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
