// Ops that move planes, sums along an axis, and triangular solves: row values only.
#pragma once

#include "inverse.h"
#include "planes.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

namespace structure {

// `planes` planes from plane `first` of j on, for every j.
template <class S>
inline void copyFeatures(const Slot<S>& out, int32_t to, const Slot<S>& x, int32_t from, int32_t planes,
                         Tile tile) {
  const ptrdiff_t stride = planeStride<S>(tile);
  for (int32_t j = 0; j < out.k; j++) {
    copyPlanes<S>(out.at + (ptrdiff_t(j) * out.n + to) * stride, x.at + (ptrdiff_t(j) * x.n + from) * stride,
                  planes, tile);
  }
}

template <class S>
inline void concat(const Slot<S>& out, const Slot<S>* parts, int32_t count, Tile tile) {
  int32_t start = 0;
  for (int32_t part = 0; part < count; part++) {
    copyFeatures<S>(out, start, parts[part], 0, parts[part].n, tile);
    start += parts[part].n;
  }
}

template <class S>
inline void take(const Slot<S>& out, const Slot<S>& x, const int32_t* indices, Tile tile) {
  for (int32_t i = 0; i < out.n; i++) copyFeatures<S>(out, i, x, indices[i], 1, tile);
}

template <class S>
inline void scatter(const Slot<S>& out, const Slot<S>& x, const int32_t* indices, Tile tile) {
  const ptrdiff_t stride = planeStride<S>(tile);
  fillPlanes<S>(out.at, S(0), out.k * out.n, tile);
  for (int32_t j = 0; j < out.k; j++) {
    for (int32_t i = 0; i < x.n; i++) {
      addPlanes<S>(out.at + (ptrdiff_t(j) * out.n + indices[i]) * stride,
                   x.at + (ptrdiff_t(j) * x.n + i) * stride, 1, tile);
    }
  }
}

template <class S> inline void pad(const Slot<S>& out, const Slot<S>& x, int32_t before, Tile tile) {
  fillPlanes<S>(out.at, S(0), out.k * out.n, tile);
  copyFeatures<S>(out, before, x, 0, x.n, tile);
}

template <class S> inline void broadcast(const Slot<S>& out, const Slot<S>& x, Tile tile) {
  const ptrdiff_t stride = planeStride<S>(tile);
  for (int32_t j = 0; j < out.k; j++) {
    for (int32_t i = 0; i < out.n; i++) {
      const ptrdiff_t from = ptrdiff_t(x.k == 1 ? 0 : j) * x.n + (x.n == 1 ? 0 : i);
      copyPlanes<S>(out.at + (ptrdiff_t(j) * out.n + i) * stride, x.at + from * stride, 1, tile);
    }
  }
}

template <class S> inline void transposeAxes(const Slot<S>& out, const Slot<S>& x, Tile tile) {
  const ptrdiff_t stride = planeStride<S>(tile);
  for (int32_t j = 0; j < out.k; j++) {
    for (int32_t i = 0; i < out.n; i++) {
      copyPlanes<S>(out.at + (ptrdiff_t(j) * out.n + i) * stride, x.at + (ptrdiff_t(i) * x.n + j) * stride, 1,
                    tile);
    }
  }
}

// Sums in index order, from zero.
template <class S> inline void sumAxis(const Slot<S>& out, const Slot<S>& x, bool overN, Tile tile) {
  const ptrdiff_t stride = planeStride<S>(tile);
  fillPlanes<S>(out.at, S(0), out.k * out.n, tile);
  for (int32_t j = 0; j < x.k; j++) {
    if (!overN) {
      addPlanes<S>(out.at, x.at + ptrdiff_t(j) * x.n * stride, x.n, tile);
      continue;
    }
    for (int32_t i = 0; i < x.n; i++) {
      addPlanes<S>(out.at + j * stride, x.at + (ptrdiff_t(j) * x.n + i) * stride, 1, tile);
    }
  }
}

template <class S> inline void runningSum(const Slot<S>& out, const Slot<S>& x, bool reverse, Tile tile) {
  using V = Vec<S>;
  const ptrdiff_t stride = planeStride<S>(tile);
  for (int32_t j = 0; j < out.k; j++) {
    for (int32_t step = 0; step < out.n; step++) {
      const int32_t i = reverse ? out.n - 1 - step : step;
      const ptrdiff_t plane = (ptrdiff_t(j) * out.n + i) * stride;
      const ptrdiff_t before = plane + (reverse ? stride : -stride);
      overPlanes<S>(1, tile, [&](ptrdiff_t at) {
        const V sum = step == 0 ? zero<V>() : loadAligned<V>(out.at + before + at);
        storeAligned<V>(out.at + plane + at, sum + loadAligned<V>(x.at + plane + at));
      });
    }
  }
}

template <class S> inline void largestAlong(const Slot<S>& out, const Slot<S>& x, bool overN, Tile tile) {
  using V = Vec<S>;
  const ptrdiff_t stride = planeStride<S>(tile);
  const ptrdiff_t terms = overN ? x.n : x.k, step = overN ? stride : x.n * stride;
  for (ptrdiff_t i = 0; i < ptrdiff_t(out.k) * out.n; i++) {
    const S* from = x.at + (overN ? i * x.n : i) * stride;
    overPlanes<S>(1, tile, [&](ptrdiff_t at) {
      V result = loadAligned<V>(from + at);
      for (ptrdiff_t j = 1; j < terms; j++) result = function::larger(result, loadAligned<V>(from + j * step + at));
      storeAligned<V>(out.at + i * stride + at, result);
    });
  }
}

// Lane by lane: each has pivots of its own.
template <class S> inline void inverseLogDet(const Slot<S>& out, const Slot<S>& x, Tile tile) {
  const ptrdiff_t stride = planeStride<S>(tile);
  copyFeatures<S>(out, 0, x, 0, x.n, tile);
  for (int32_t lane = 0; lane < tile.used * lanes<Vec<S>>; lane++) invertInPlace<S>(out.at + lane, x.n, stride);
}

struct Triangle {
  bool upper, transposed, unit;
};

// Each row z of out solves T z = x; unknowns in the order in which they become known.
template <class S>
inline void solveTriangle(const Slot<S>& out, const Slot<S>& T, const Slot<S>& x, Triangle triangle, Tile tile) {
  using V = Vec<S>;
  const ptrdiff_t stride = planeStride<S>(tile);
  const ptrdiff_t n = T.n, rowStep = triangle.transposed ? 1 : n, columnStep = triangle.transposed ? n : 1;
  const bool forward = triangle.upper == triangle.transposed;
  for (ptrdiff_t j = 0; j < out.k; j++) {
    for (ptrdiff_t step = 0; step < n; step++) {
      const ptrdiff_t i = forward ? step : n - 1 - step;
      overPlanes<S>(1, tile, [&](ptrdiff_t at) {
        V rest = loadAligned<V>(x.at + (j * n + i) * stride + at);
        for (ptrdiff_t before = 0; before < step; before++) {
          const ptrdiff_t c = forward ? before : n - 1 - before;
          const V element = loadAligned<V>(T.at + (i * rowStep + c * columnStep) * stride + at);
          rest = fma(-element, loadAligned<V>(out.at + (j * n + c) * stride + at), rest);
        }
        if (!triangle.unit) rest = rest / loadAligned<V>(T.at + (i * n + i) * stride + at);
        storeAligned<V>(out.at + (j * n + i) * stride + at, rest);
      });
    }
  }
}

}  // namespace structure

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
