// What WebAssembly's simd128 and relaxed-simd do in one instruction. Included by vec.h only.
#pragma once

#include <wasm_simd128.h>

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Whether fma(a, b, c) is sure to round once. simd128 has no such instruction; that of relaxed-simd rounds once or
// twice, as the processor likes.
inline constexpr bool hasFma = false;

#if defined(__wasm_relaxed_simd__)

// a * b + c
LIOUVILLE_INLINE F32 fma(F32 a, F32 b, F32 c) {
  return (F32)wasm_f32x4_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
}
LIOUVILLE_INLINE F64 fma(F64 a, F64 b, F64 c) {
  return (F64)wasm_f64x2_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
}

// c - a * b
LIOUVILLE_INLINE F32 nfma(F32 a, F32 b, F32 c) {
  return (F32)wasm_f32x4_relaxed_nmadd((v128_t)a, (v128_t)b, (v128_t)c);
}
LIOUVILLE_INLINE F64 nfma(F64 a, F64 b, F64 c) {
  return (F64)wasm_f64x2_relaxed_nmadd((v128_t)a, (v128_t)b, (v128_t)c);
}

#else

// a * b + c
template <class V> LIOUVILLE_INLINE V fma(V a, V b, V c) { return a * b + c; }

// c - a * b
template <class V> LIOUVILLE_INLINE V nfma(V a, V b, V c) { return c - a * b; }

#endif

LIOUVILLE_INLINE F32 sqrt(F32 a) { return (F32)wasm_f32x4_sqrt((v128_t)a); }
LIOUVILLE_INLINE F64 sqrt(F64 a) { return (F64)wasm_f64x2_sqrt((v128_t)a); }

// a < b ? a : b and a > b ? a : b: when either is NaN, the result is b.
LIOUVILLE_INLINE F32 min(F32 a, F32 b) { return (F32)wasm_f32x4_pmin((v128_t)b, (v128_t)a); }
LIOUVILLE_INLINE F64 min(F64 a, F64 b) { return (F64)wasm_f64x2_pmin((v128_t)b, (v128_t)a); }
LIOUVILLE_INLINE F32 max(F32 a, F32 b) { return (F32)wasm_f32x4_pmax((v128_t)b, (v128_t)a); }
LIOUVILLE_INLINE F64 max(F64 a, F64 b) { return (F64)wasm_f64x2_pmax((v128_t)b, (v128_t)a); }

// The nearest integer (halves to even), and the next one below.
LIOUVILLE_INLINE F32 round(F32 a) { return (F32)wasm_f32x4_nearest((v128_t)a); }
LIOUVILLE_INLINE F64 round(F64 a) { return (F64)wasm_f64x2_nearest((v128_t)a); }
LIOUVILLE_INLINE F32 floor(F32 a) { return (F32)wasm_f32x4_floor((v128_t)a); }
LIOUVILLE_INLINE F64 floor(F64 a) { return (F64)wasm_f64x2_floor((v128_t)a); }

LIOUVILLE_INLINE WideF32 widen(F32 v) {
  const v128_t low = (v128_t)v, high = wasm_i64x2_shuffle(low, low, 1, 1);
  return {(F64)wasm_f64x2_promote_low_f32x4(low), (F64)wasm_f64x2_promote_low_f32x4(high)};
}

// Rounded to the nearest float.
LIOUVILLE_INLINE F32 narrow(WideF32 v) {
  const v128_t low = wasm_f32x4_demote_f64x2_zero((v128_t)v.low);
  return (F32)wasm_i64x2_shuffle(low, wasm_f32x4_demote_f64x2_zero((v128_t)v.high), 0, 2);
}

LIOUVILLE_INLINE uint32_t laneBits(M32 mask) { return uint32_t(wasm_i32x4_bitmask((v128_t)mask)); }
LIOUVILLE_INLINE uint32_t laneBits(M64 mask) { return uint32_t(wasm_i64x2_bitmask((v128_t)mask)); }

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
