// Elementwise ops on the planes of a tile.
#pragma once

#include "../kernel/blocking.h"
#include "functions.h"
#include "planes.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// An operand in the body: planes of a row value, or plain numbers that all rows share.
template <class S> struct Slot {
  S* at;
  int32_t k, n;
  bool row;
};

namespace elementwise {

// How an operand is walked along with an output [k, n]: axes of length 1 are repeated.
template <class S> struct Walk {
  const S* at;
  ptrdiff_t overK, overN;
  bool row;

  Walk(const Slot<S>& slot, ptrdiff_t stride)
      : at(slot.at),
        overK(slot.k == 1 ? 0 : slot.n * (slot.row ? stride : 1)),
        overN(slot.n == 1 ? 0 : (slot.row ? stride : 1)),
        row(slot.row) {}
};

// One plane, or several that follow each other, of an operand: a vector at an offset, or a number.
template <class S> struct RowPlane {
  const S* at;
  LIOUVILLE_INLINE Vec<S> operator()(ptrdiff_t offset) const { return loadAligned<Vec<S>>(at + offset); }
};
template <class S> struct Number {
  Vec<S> value;
  LIOUVILLE_INLINE Vec<S> operator()(ptrdiff_t) const { return value; }
};

template <class S, class Body> LIOUVILLE_INLINE void withPlane(const Walk<S>& walk, const S* at, Body body) {
  if (walk.row) body(RowPlane<S>{at});
  else body(Number<S>{set1<Vec<S>>(*at)});
}

template <class S, class F, class A, class B>
LIOUVILLE_INLINE void combine(S* out, int32_t planes, Tile tile, A a, B b, F f) {
  overPlanes<S>(planes, tile, [=](ptrdiff_t at) LIOUVILLE_INLINE_BODY {
    storeAligned<Vec<S>>(out + at, f(a(at), b(at)));
  });
}

template <class S, class F>
[[gnu::noinline]] void unary(const Slot<S>& out, const Slot<S>& x, Tile tile, F f) {
  overPlanes<S>(out.k * out.n, tile, [=, to = out.at, from = x.at](ptrdiff_t at) LIOUVILLE_INLINE_BODY {
    storeAligned<Vec<S>>(to + at, f(loadAligned<Vec<S>>(from + at)));
  });
}

template <class S, class F>
[[gnu::noinline]] void binary(const Slot<S>& out, const Slot<S>& x, const Slot<S>& y, Tile tile, F f) {
  const ptrdiff_t stride = planeStride<S>(tile);
  const Walk<S> a(x, stride), b(y, stride);
  const bool runs = a.row && b.row && a.overN == stride && b.overN == stride;
  for (int32_t j = 0; j < out.k; j++) {
    S* to = out.at + ptrdiff_t(j) * out.n * stride;
    const S* atA = a.at + j * a.overK;
    const S* atB = b.at + j * b.overK;
    if (runs) {
      combine<S>(to, out.n, tile, RowPlane<S>{atA}, RowPlane<S>{atB}, f);
      continue;
    }
    for (int32_t i = 0; i < out.n; i++, to += stride, atA += a.overN, atB += b.overN) {
      withPlane(a, atA, [&](auto planeA) LIOUVILLE_INLINE_BODY {
        withPlane(b, atB, [&](auto planeB) LIOUVILLE_INLINE_BODY { combine<S>(to, 1, tile, planeA, planeB, f); });
      });
    }
  }
}

template <class S>
[[gnu::noinline]] void where(const Slot<S>& out, const Slot<S>& condition, const Slot<S>& x, const Slot<S>& y,
                             Tile tile) {
  using V = Vec<S>;
  const ptrdiff_t stride = planeStride<S>(tile);
  const Walk<S> c(condition, stride), a(x, stride), b(y, stride);
  for (int32_t j = 0; j < out.k; j++) {
    for (int32_t i = 0; i < out.n; i++) {
      S* to = out.at + (ptrdiff_t(j) * out.n + i) * stride;
      withPlane(c, c.at + j * c.overK + i * c.overN, [&](auto planeC) LIOUVILLE_INLINE_BODY {
        withPlane(a, a.at + j * a.overK + i * a.overN, [&](auto planeA) LIOUVILLE_INLINE_BODY {
          withPlane(b, b.at + j * b.overK + i * b.overN, [&](auto planeB) LIOUVILLE_INLINE_BODY {
            overPlanes<S>(1, tile, [&](ptrdiff_t at) LIOUVILLE_INLINE_BODY {
              const auto no = planeC(at) == zero<V>();
              storeAligned<V>(to + at, select<V>(no, planeB(at), planeA(at)));
            });
          });
        });
      });
    }
  }
}

}  // namespace elementwise

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
