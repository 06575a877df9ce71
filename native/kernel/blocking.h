// How many accumulators a product keeps in registers.
//
// One step of a product's inner loop loads C vectors of rows and R broadcast weights and does R * C
// multiply-adds. More accumulators mean fewer loads per multiply-add; R * C + C + 1 must fit the register
// file, and R * C >= 8 hides the latency of the multiply-add (4 cycles, two a cycle).
#pragma once

#include "../simd/vec.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Outputs in a block of packed weights.
inline constexpr int blockRows = 4;

// The most row vectors that a block of outputs is multiplied with at once: 24 accumulators of 32 registers,
// or 12 of 16 (8 where a multiply-add needs a register for the product).
#if LIOUVILLE_ISA_AVX512 || LIOUVILLE_ISA_NEON
inline constexpr int maxColumns = 6;
#elif LIOUVILLE_ISA_AVX2
inline constexpr int maxColumns = 3;
#else
inline constexpr int maxColumns = 2;
#endif

// Blocks taken together when there are only few columns, so that enough accumulators remain.
inline constexpr int blocksTogether(int columns) {
  return maxColumns == 6 ? (columns <= 1 ? 4 : columns <= 3 ? 2 : 1) : (columns <= 1 ? 2 : 1);
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
