// Blocks: vectors of a plane that follow each other, so many that the steps of one sum need not wait for each other.
#pragma once

#include "planes.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// A multiply-add of 512 bits takes four cycles, and one begins in each; more than four save loads of the factor.
#if LIOUVILLE_ISA_AVX512
inline constexpr int mostBlockVectors = 8;
#else
inline constexpr int mostBlockVectors = 4;
#endif

template <class V, int U> struct Block {
  V at[U];
};

template <class V, int U, class F> LIOUVILLE_INLINE Block<V, U> blockOf(F f) {
  Block<V, U> result;
#pragma GCC unroll 8
  for (int u = 0; u < U; u++) result.at[u] = f(u);
  return result;
}

// Calls body(Constant<U>{}, offset) for blocks of U vectors that cover the used part of a plane.
template <class S, class Body> LIOUVILLE_INLINE void overBlocks(Tile tile, Body body) {
  constexpr ptrdiff_t W = lanes<Vec<S>>;
  int32_t v = 0;
  if constexpr (mostBlockVectors >= 8) {
    for (; v + 8 <= tile.used; v += 8) body(Constant<8>{}, v * W);
  }
  for (; v + 4 <= tile.used; v += 4) body(Constant<4>{}, v * W);
  for (; v + 2 <= tile.used; v += 2) body(Constant<2>{}, v * W);
  if (v < tile.used) body(Constant<1>{}, v * W);
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
