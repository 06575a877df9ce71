// Loops over the planes of row values.
#pragma once

#include "../kernel/tile.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// An operand in the body: planes of a row value, or plain numbers that all rows share.
template <class S> struct Slot {
  S* at;
  int32_t k, n;
  bool row;
};

// Calls body(offset) for every vector in use of `planes` planes that follow each other.
template <class S, class Body> LIOUVILLE_INLINE void overPlanes(int32_t planes, Tile tile, Body body) {
  constexpr ptrdiff_t W = lanes<Vec<S>>;
  const ptrdiff_t stride = planeStride<S>(tile);
  if (tile.used == tile.vectors) {
    const ptrdiff_t end = planes * stride;
    for (ptrdiff_t offset = 0; offset < end; offset += W) body(offset);
    return;
  }
  for (ptrdiff_t plane = 0; plane < planes * stride; plane += stride) {
    for (ptrdiff_t offset = plane; offset < plane + tile.used * W; offset += W) body(offset);
  }
}

template <class S> inline void copyPlanes(S* to, const S* from, int32_t planes, Tile tile) {
  using V = Vec<S>;
  overPlanes<S>(planes, tile, [=](ptrdiff_t at) { storeAligned<V>(to + at, loadAligned<V>(from + at)); });
}

template <class S> inline void fillPlanes(S* to, S value, int32_t planes, Tile tile) {
  using V = Vec<S>;
  overPlanes<S>(planes, tile, [=](ptrdiff_t at) { storeAligned<V>(to + at, set1<V>(value)); });
}

// `count` planes of what may be planes, or numbers that all rows share.
template <class S> inline void copySlot(S* to, const Slot<S>& from, int32_t count, Tile tile) {
  if (from.row) return copyPlanes<S>(to, from.at, count, tile);
  for (int32_t i = 0; i < count; i++) fillPlanes<S>(to + i * planeStride<S>(tile), from.at[i], 1, tile);
}

template <class S> inline void addPlanes(S* to, const S* from, int32_t planes, Tile tile) {
  using V = Vec<S>;
  overPlanes<S>(planes, tile, [=](ptrdiff_t at) {
    storeAligned<V>(to + at, loadAligned<V>(to + at) + loadAligned<V>(from + at));
  });
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
