// Philox 4x32-10, one counter in each 64-bit lane: the counter-based generator of Salmon, Moraes, Dror and
// Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 4.3. The same function as
// src/random/philox.ts.
#pragma once

#include "../simd/vec.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

namespace philox {

// The 64-bit products of the lower halves of the lanes; the upper halves are ignored.
LIOUVILLE_INLINE U64 multiplyWide(U64 a, U64 b) {
#if LIOUVILLE_ISA_AVX512
  return (U64)_mm512_maskz_mul_epu32(allLanes64, (__m512i)a, (__m512i)b);
#elif LIOUVILLE_ISA_AVX2
  return (U64)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif LIOUVILLE_ISA_SSE2
  return (U64)_mm_mul_epu32((__m128i)a, (__m128i)b);
#elif LIOUVILLE_ISA_NEON
  return (U64)vmull_u32(vmovn_u64((uint64x2_t)a), vmovn_u64((uint64x2_t)b));
#else
  return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
}

LIOUVILLE_INLINE U64 broadcast(uint64_t value) { return value - U64{}; }

}  // namespace philox

// The four words of a block, each below 2^32.
struct PhiloxBlock {
  U64 words[4];
};

// Blocks at counters (counter[0] least significant) under key (key0, key1). Of every counter lane the lower
// 32 bits count.
inline PhiloxBlock philox4x32(PhiloxBlock counter, uint32_t key0, uint32_t key1) {
  const U64 multiplier0 = philox::broadcast(0xd2511f53), multiplier1 = philox::broadcast(0xcd9e8d57);
  U64 c0 = counter.words[0], c1 = counter.words[1], c2 = counter.words[2], c3 = counter.words[3];
  for (int round = 0; round < 10; round++) {
    const U64 product0 = philox::multiplyWide(c0, multiplier0);
    const U64 product1 = philox::multiplyWide(c2, multiplier1);
    // The upper halves of the lanes fill with rubbish, which the multiplication ignores.
    c0 = (product1 >> 32) ^ c1 ^ philox::broadcast(key0);
    c2 = (product0 >> 32) ^ c3 ^ philox::broadcast(key1);
    c1 = product1;
    c3 = product0;
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  const U64 word = philox::broadcast(0xffffffff);
  return {{c0 & word, c1 & word, c2 & word, c3 & word}};
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
