// Turns rows-in-lanes into features-in-lanes, W x W elements at a time.
#pragma once

#include "tile.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

namespace transposition {

template <int... lane> struct Sequence {};
template <int count, int... lane> struct Count : Count<count - 1, count - 1, lane...> {};
template <int... lane> struct Count<0, lane...> { using Lanes = Sequence<lane...>; };

// Exchanges the lanes of `low` that have bit `distance` with those of `high` that have not.
template <int distance, class V, int... lane>
LIOUVILLE_INLINE void exchange(V& low, V& high, Sequence<lane...>) {
  constexpr int W = lanes<V>;
  const V a = low, b = high;
  low = __builtin_shufflevector(a, b, ((lane & distance) ? lane - distance + W : lane)...);
  high = __builtin_shufflevector(a, b, ((lane & distance) ? lane + W : lane + distance)...);
}

// One stage of the butterfly: transposes the 2 x 2 matrices of blocks `distance` wide.
template <int distance, class V> LIOUVILLE_INLINE void stage(V (&rows)[lanes<V>]) {
  if constexpr (distance < lanes<V>) {
#pragma GCC unroll 16
    for (int i = 0; i < lanes<V>; i++) {
      if ((i & distance) == 0) {
        exchange<distance>(rows[i], rows[i + distance], typename Count<lanes<V>>::Lanes{});
      }
    }
    stage<2 * distance>(rows);
  }
}

// Transposes one W x W block of which the first `features` planes exist, the others being zero.
template <class S, bool whole>
LIOUVILLE_INLINE void transposeBlock(S* to, ptrdiff_t toStride, const S* planes, ptrdiff_t stride,
                                     int32_t features) {
  using V = Vec<S>;
  V rows[lanes<V>];
#pragma GCC unroll 16
  for (int i = 0; i < lanes<V>; i++) {
    rows[i] = whole || i < features ? loadAligned<V>(planes + i * stride) : zero<V>();
  }
  stage<1>(rows);
#pragma GCC unroll 16
  for (int i = 0; i < lanes<V>; i++) storeAligned<V>(to + i * toStride, rows[i]);
}

}  // namespace transposition

// Writes one vector of rows of `features` planes as W rows of `vectors` vectors, features in the lanes:
// to[row * toStride + feature]. Lanes behind the last feature become zero.
template <class S>
[[gnu::noinline]] void transpose(S* to, ptrdiff_t toStride, const S* planes, ptrdiff_t stride,
                                 int32_t features, int32_t vectors) {
  constexpr int W = lanes<Vec<S>>;
  for (int32_t v = 0; v < vectors; v++, to += W, planes += W * stride, features -= W) {
    if (features >= W) transposition::transposeBlock<S, true>(to, toStride, planes, stride, W);
    else transposition::transposeBlock<S, false>(to, toStride, planes, stride, features);
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
