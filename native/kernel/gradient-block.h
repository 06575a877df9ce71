// The register-blocked loops of the weight gradient: a block of its sums over a few vectors of rows.
#pragma once

#include "blocking.h"
#include "transpose.h"
#if LIOUVILLE_ISA_WASM
#include "loops-wasm.h"
#endif

namespace liouville::LIOUVILLE_ISA_NAMESPACE::gradient {

// One vector of rows of one of the k: the first plane of the value x and of the cotangent g.
template <class S> struct Segment {
  const S* x;
  const S* g;
  bool bias;
};

// Sums of rows x columns vectors, apart by `stride` and W.
template <class S, int rows, int columns> struct Sums {
  using V = Vec<S>;
  V at[rows][columns];

  LIOUVILLE_INLINE Sums(const S* from, ptrdiff_t stride) {
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 16
      for (int c = 0; c < columns; c++) at[r][c] = loadAligned<V>(from + r * stride + c * lanes<V>);
    }
  }

  LIOUVILLE_INLINE void add(int r, V factor, const V (&values)[columns]) {
#pragma GCC unroll 16
    for (int c = 0; c < columns; c++) at[r][c] = fma(factor, values[c], at[r][c]);
  }

  LIOUVILLE_INLINE void storeTo(S* to, ptrdiff_t stride) const {
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 16
      for (int c = 0; c < columns; c++) storeAligned<V>(to + r * stride + c * lanes<V>, at[r][c]);
    }
  }
};

// Rows in the lanes: sums[o][i] += g[o] * x[i], lane by lane.
template <class S, int rows, int columns>
LIOUVILLE_INLINE void addLanes(S* sums, ptrdiff_t sumStride, const Segment<S>* segments, int32_t count,
                               ptrdiff_t xOffset, ptrdiff_t gOffset, ptrdiff_t stride) {
  using V = Vec<S>;
  Sums<S, rows, columns> sum(sums, sumStride);
  int32_t s = 0;
  do {
    const S* g = segments[s].g + gOffset;
    const S* x = segments[s].x + xOffset;
    V values[columns];
#pragma GCC unroll 16
    for (int c = 0; c < columns; c++) values[c] = loadAligned<V>(x + c * stride);
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) sum.add(r, loadAligned<V>(g + r * stride), values);
  } while (++s < count);
  sum.storeTo(sums, sumStride);
}

// Inputs in the lanes: sums[o][i] += g[o][row] * x[row][i], row by row; `x` is the transposed block, whose rows
// are `xStride` apart.
template <class S, int rows, int columns>
LIOUVILLE_INLINE void addRows(S* sums, ptrdiff_t sumStride, const Segment<S>* segments, int32_t count,
                              const S* x, ptrdiff_t xStride, ptrdiff_t gOffset, ptrdiff_t stride) {
  using V = Vec<S>;
  Sums<S, rows, columns> sum(sums, sumStride);
  int32_t s = 0;
  do {
    const S* g = segments[s].g + gOffset;
#if LIOUVILLE_ISA_WASM
    addVector(sum.at, g, stride, x, xStride);
    x += lanes<V> * xStride;
#else
    int32_t lane = 0;
    do {
      V values[columns];
#pragma GCC unroll 16
      for (int c = 0; c < columns; c++) values[c] = loadAligned<V>(x + c * lanes<V>);
      x += xStride;
#pragma GCC unroll 16
      for (int r = 0; r < rows; r++) sum.add(r, set1<V>(g[r * stride + lane]), values);
    } while (++lane < lanes<V>);
#endif
  } while (++s < count);
  sum.storeTo(sums, sumStride);
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE::gradient
