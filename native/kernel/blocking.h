// How many sums a product keeps in registers, and the loops that cut a matrix into such blocks.
//
// One step of a product's inner loop loads C vectors and R broadcast factors and does R * C multiply-adds.
// More sums mean fewer loads per multiply-add; R * C + C + 1 must fit the register file, and R * C >= 8
// hides the latency of the multiply-add (4 cycles, two a cycle). Measured (bench/kernel; Zen 5, AVX-512):
// 4 x 6, 4 x 4 and 8 x 3 all reach 95 to 98% of the peak; 16 x 1, with 17 loads for 16 multiply-adds, 83 to
// 89%.
#pragma once

#include "../simd/vec.h"
#include "../engine/span.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Outputs in a block of packed weights.
inline constexpr int blockRows = 4;
static_assert(blockRows == spanRows);

// The most vectors that a block of outputs is multiplied with at once: 24 sums of 32 registers, 12 of 16,
// or 8 of 16 where a multiply-add needs a register for the product.
#if LIOUVILLE_ISA_AVX512 || LIOUVILLE_ISA_NEON
inline constexpr int maxColumns = 6;
#elif LIOUVILLE_ISA_AVX2
inline constexpr int maxColumns = 3;
#else
inline constexpr int maxColumns = 2;
#endif

// Outputs taken together when there are fewer columns, so that enough sums remain.
inline constexpr int rowsTogether(int columns) {
  if (maxColumns == 6) return columns <= 1 ? 16 : columns <= 3 ? 8 : 4;
  return columns <= 1 ? 8 : 4;
}

// For the lambdas handed to the two loops below: GCC would call them, and pass the captures in memory.
#define LIOUVILLE_INLINE_BODY __attribute__((always_inline))

template <int n> struct Constant {
  static constexpr int value = n;
};

// Calls body(Constant<n>{}, o) for blocks of n outputs that begin at o and cover 0 ... outputs - 1:
// rowsTogether(columns) at a time, then in fewer and fewer.
template <int columns, class Body> LIOUVILLE_INLINE void forBlocks(int32_t outputs, Body body) {
  constexpr int together = rowsTogether(columns);
  int32_t o = 0;
  if constexpr (together >= 16) {
    for (; o + 16 <= outputs; o += 16) body(Constant<16>{}, o);
  }
  if constexpr (together >= 8) {
    for (; o + 8 <= outputs; o += 8) body(Constant<8>{}, o);
  }
  for (; o + 4 <= outputs; o += 4) body(Constant<4>{}, o);
  switch (outputs - o) {
    case 3: return body(Constant<3>{}, o);
    case 2: return body(Constant<2>{}, o);
    case 1: return body(Constant<1>{}, o);
  }
}

// Calls body(Constant<count>{}), 1 <= count <= maxColumns.
template <class Body> LIOUVILLE_INLINE void withColumns(int32_t count, Body body) {
  switch (count) {
    case 1: return body(Constant<1>{});
    case 2: return body(Constant<2>{});
  }
  if constexpr (maxColumns >= 3) {
    if (count == 3) return body(Constant<3>{});
  }
  if constexpr (maxColumns >= 6) {
    switch (count) {
      case 4: return body(Constant<4>{});
      case 5: return body(Constant<5>{});
      case 6: return body(Constant<6>{});
    }
  }
}

// Cuts `total` columns into groups of at most maxColumns whose sizes differ by one at most: 8 is 4 + 4, not
// 6 + 2. The larger ones come first.
struct Groups {
  int32_t count, even, larger;
  explicit constexpr Groups(int32_t total)
      : count((total + maxColumns - 1) / maxColumns),
        even(count > 0 ? total / count : 0),
        larger(count > 0 ? total % count : 0) {}
  constexpr int32_t size(int32_t group) const { return even + (group < larger); }
};

// The span of `outputs` outputs, whose blocks have the spans from `spans` on.
template <int outputs> LIOUVILLE_INLINE Span spanOf(const Span* spans) {
  Span all = spans[0];
  for (int block = 1; block < (outputs + spanRows - 1) / spanRows; block++) {
    if (spans[block].first == spans[block].last) continue;
    const bool isFirst = all.first == all.last;
    all.first = isFirst || spans[block].first < all.first ? spans[block].first : all.first;
    all.last = isFirst || spans[block].last > all.last ? spans[block].last : all.last;
  }
  return all;
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
