// The instruction set that this translation unit is compiled for.
//
// Every kernel lives in `namespace liouville::LIOUVILLE_ISA_NAMESPACE`, so that two units compiled with
// different flags never share a function: the linker would keep one copy, and an older processor would
// crash in the AVX-512 one. The name follows from the compiler's own target macros.
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__) && defined(__AVX512BW__)
#define LIOUVILLE_ISA_AVX512 1
#define LIOUVILLE_ISA_NAMESPACE avx512
#define LIOUVILLE_ISA_NAME "avx512"
#define LIOUVILLE_VECTOR_BYTES 64
#elif defined(__AVX2__) && defined(__FMA__)
#define LIOUVILLE_ISA_AVX2 1
#define LIOUVILLE_ISA_NAMESPACE avx2
#define LIOUVILLE_ISA_NAME "avx2"
#define LIOUVILLE_VECTOR_BYTES 32
#elif defined(__SSE2__)
#define LIOUVILLE_ISA_SSE2 1
#define LIOUVILLE_ISA_NAMESPACE baseline
#define LIOUVILLE_ISA_NAME "baseline"
#define LIOUVILLE_VECTOR_BYTES 16
#elif defined(__ARM_NEON) && defined(__aarch64__)
#define LIOUVILLE_ISA_NEON 1
#define LIOUVILLE_ISA_NAMESPACE neon
#define LIOUVILLE_ISA_NAME "neon"
#define LIOUVILLE_VECTOR_BYTES 16
#elif defined(__wasm_relaxed_simd__)
#define LIOUVILLE_ISA_WASM 1
#define LIOUVILLE_ISA_NAMESPACE relaxed
#define LIOUVILLE_ISA_NAME "relaxed"
#define LIOUVILLE_VECTOR_BYTES 16
#elif defined(__wasm_simd128__)
#define LIOUVILLE_ISA_WASM 1
#define LIOUVILLE_ISA_NAMESPACE wasm
#define LIOUVILLE_ISA_NAME "wasm"
#define LIOUVILLE_VECTOR_BYTES 16
#else
#define LIOUVILLE_ISA_GENERIC 1
#define LIOUVILLE_ISA_NAMESPACE generic
#define LIOUVILLE_ISA_NAME "generic"
#define LIOUVILLE_VECTOR_BYTES 16
#endif

#define LIOUVILLE_INLINE inline __attribute__((always_inline))
