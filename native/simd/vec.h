// Vectors of the instruction set's natural width, and what can be done with them.
//
// F32 and F64 are GCC/Clang vector types: + - * / and comparisons work lane by lane. A comparison gives a
// mask (M32, M64: integer lanes, all ones or zero); masks combine with & | ^ ~ and feed `select`.
// Everything is inline and freestanding. Compile with -ffp-contract=off -Wno-psabi, never -ffast-math.
#pragma once

#include "isa.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

typedef float F32 __attribute__((vector_size(LIOUVILLE_VECTOR_BYTES)));
typedef double F64 __attribute__((vector_size(LIOUVILLE_VECTOR_BYTES)));
// What comparisons give: the compilers do not agree whether a lane of 64 bits is `long` or `long long`.
typedef decltype(F32{} < F32{}) I32;
typedef decltype(F64{} < F64{}) I64;
typedef uint32_t U32 __attribute__((vector_size(LIOUVILLE_VECTOR_BYTES)));
typedef uint64_t U64 __attribute__((vector_size(LIOUVILLE_VECTOR_BYTES)));
using M32 = I32;
using M64 = I64;

// What belongs to a vector type: its lane, and the integer vectors of the same shape.
template <class V> struct Lanes;
template <> struct Lanes<F32> { using Scalar = float; using Int = I32; using Uint = U32; using Mask = M32; };
template <> struct Lanes<F64> { using Scalar = double; using Int = I64; using Uint = U64; using Mask = M64; };
template <> struct Lanes<I32> { using Scalar = int32_t; using Int = I32; using Uint = U32; using Mask = M32; };
template <> struct Lanes<I64> { using Scalar = int64_t; using Int = I64; using Uint = U64; using Mask = M64; };
template <> struct Lanes<U32> { using Scalar = uint32_t; using Int = I32; using Uint = U32; using Mask = M32; };
template <> struct Lanes<U64> { using Scalar = uint64_t; using Int = I64; using Uint = U64; using Mask = M64; };

template <class V> using Scalar = typename Lanes<V>::Scalar;
template <class V> using Int = typename Lanes<V>::Int;
template <class V> using Uint = typename Lanes<V>::Uint;
template <class V> using Mask = typename Lanes<V>::Mask;

// The vector of a scalar type: Vec<float> is F32.
template <class S> struct VecOf;
template <> struct VecOf<float> { using Type = F32; };
template <> struct VecOf<double> { using Type = F64; };
template <class S> using Vec = typename VecOf<S>::Type;

// Lanes in a vector: 4, 8 or 16 floats; 2, 4 or 8 doubles.
template <class V> inline constexpr int lanes = int(sizeof(V) / sizeof(Scalar<V>));

// --- making, loading, storing -------------------------------------------------------------------------

// All lanes equal to `value`. (Subtracting +0 keeps every value, -0 included, and costs nothing.)
template <class V> LIOUVILLE_INLINE V set1(Scalar<V> value) { return value - V{}; }

template <class V> LIOUVILLE_INLINE V zero() { return V{}; }

// 0, 1, 2, ...
template <class V> LIOUVILLE_INLINE V iota() {
  V result{};
  for (int lane = 0; lane < lanes<V>; lane++) result[lane] = Scalar<V>(lane);
  return result;
}

// `load` and `store` need no alignment; the aligned ones need that of the vector (sizeof(V)).
template <class V> LIOUVILLE_INLINE V load(const Scalar<V>* from) {
  V result;
  __builtin_memcpy(&result, from, sizeof(V));
  return result;
}

template <class V> LIOUVILLE_INLINE void store(Scalar<V>* to, V value) { __builtin_memcpy(to, &value, sizeof(V)); }

template <class V> LIOUVILLE_INLINE V loadAligned(const Scalar<V>* from) {
  V result;
  __builtin_memcpy(&result, __builtin_assume_aligned(from, sizeof(V)), sizeof(V));
  return result;
}

template <class V> LIOUVILLE_INLINE void storeAligned(Scalar<V>* to, V value) {
  __builtin_memcpy(__builtin_assume_aligned(to, sizeof(V)), &value, sizeof(V));
}

// --- masks and bits -----------------------------------------------------------------------------------

LIOUVILLE_INLINE I32 bits(F32 value) { return (I32)value; }
LIOUVILLE_INLINE I64 bits(F64 value) { return (I64)value; }
LIOUVILLE_INLINE F32 fromBits(I32 value) { return (F32)value; }
LIOUVILLE_INLINE F64 fromBits(I64 value) { return (F64)value; }

// Lane by lane: mask ? yes : no. A lane of the mask is all ones or zero.
template <class V> LIOUVILLE_INLINE V select(Mask<V> mask, V yes, V no) { return mask ? yes : no; }

LIOUVILLE_INLINE M32 isNan(F32 value) { return (M32)(value != value); }
LIOUVILLE_INLINE M64 isNan(F64 value) { return (M64)(value != value); }

// |value|, with the sign bit cleared (NaN stays NaN).
LIOUVILLE_INLINE F32 abs(F32 value) { return fromBits(bits(value) & 0x7fffffff); }
LIOUVILLE_INLINE F64 abs(F64 value) { return fromBits(bits(value) & 0x7fffffffffffffffLL); }

// The sign bit alone, as a number: +0 or -0.
LIOUVILLE_INLINE F32 signOf(F32 value) { return fromBits(bits(value) & int32_t(0x80000000)); }
LIOUVILLE_INLINE F64 signOf(F64 value) { return fromBits(bits(value) & int64_t(0x8000000000000000)); }

// |magnitude| with the sign of `sign`.
template <class V> LIOUVILLE_INLINE V copysign(V magnitude, V sign) {
  return fromBits(bits(abs(magnitude)) | bits(signOf(sign)));
}

// A vector of floats as two of doubles: the lower lanes, the upper lanes.
struct WideF32 { F64 low, high; };

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE

// Per instruction set: hasFma, fma, nfma, sqrt, min, max, round, floor, laneBits, widen, narrow. AVX-512 has a
// few more.
#if LIOUVILLE_ISA_AVX512
#include "avx512.h"
#elif LIOUVILLE_ISA_AVX2
#include "avx2.h"
#elif LIOUVILLE_ISA_SSE2
#include "sse2.h"
#elif LIOUVILLE_ISA_NEON
#include "neon.h"
#elif LIOUVILLE_ISA_WASM
#include "wasm.h"
#else
#include "portable.h"
#endif

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// laneBits(mask): bit i is set where lane i is.
template <class M> LIOUVILLE_INLINE bool any(M mask) { return laneBits(mask) != 0; }
template <class M> LIOUVILLE_INLINE bool all(M mask) { return laneBits(mask) == (1u << lanes<M>) - 1; }

// --- sums ---------------------------------------------------------------------------------------------

// Sum of all lanes in a fixed order: the upper half is added to the lower until one lane is left.
template <int width, class V> LIOUVILLE_INLINE auto sumLanes(V v) {
  if constexpr (width == 16) {
    return sumLanes<8>(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                       __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));
  } else if constexpr (width == 8) {
    return sumLanes<4>(__builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7));
  } else if constexpr (width == 4) {
    return sumLanes<2>(__builtin_shufflevector(v, v, 0, 1) + __builtin_shufflevector(v, v, 2, 3));
  } else {
    return v[0] + v[1];
  }
}
LIOUVILLE_INLINE float sum(F32 value) { return sumLanes<lanes<F32>>(value); }
LIOUVILLE_INLINE double sum(F64 value) { return sumLanes<lanes<F64>>(value); }

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
