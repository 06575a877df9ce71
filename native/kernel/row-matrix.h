// Products with a matrix that is itself a row value: every row has its own (hypernetworks, context).
//
// Order of summation: one chain of multiply-adds for each element, over the index that disappears, in index
// order, from zero or from what the result held. Nothing leaves its lane.
#pragma once

#include "blocking.h"
#include "product.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

namespace rowmatrix {

// y[c][o] (+)= sum over i of m[o][i] * x[c][i] for one vector of rows. Distances are in scalars.
template <class S, int rows, int columns>
LIOUVILLE_INLINE void multiplyRows(const S* m, ptrdiff_t mRow, ptrdiff_t mColumn, const S* x, ptrdiff_t xNext,
                                   S* y, ptrdiff_t yNext, int32_t depth, ptrdiff_t stride, bool accumulate) {
  using V = Vec<S>;
  V sum[rows][columns];
#pragma GCC unroll 16
  for (int r = 0; r < rows; r++) {
#pragma GCC unroll 16
    for (int c = 0; c < columns; c++) {
      sum[r][c] = accumulate ? loadAligned<V>(y + c * yNext + r * stride) : zero<V>();
    }
  }
  int32_t i = 0;
  do {
    V values[columns];
#pragma GCC unroll 16
    for (int c = 0; c < columns; c++) values[c] = loadAligned<V>(x + c * xNext + i * stride);
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
      const V element = loadAligned<V>(m + r * mRow + i * mColumn);
#pragma GCC unroll 16
      for (int c = 0; c < columns; c++) sum[r][c] = fma(element, values[c], sum[r][c]);
    }
  } while (++i < depth);
#pragma GCC unroll 16
  for (int r = 0; r < rows; r++) {
#pragma GCC unroll 16
    for (int c = 0; c < columns; c++) storeAligned<V>(y + c * yNext + r * stride, sum[r][c]);
  }
}

template <class S, int columns>
[[gnu::noinline]] void multiplyColumns(const S* m, ptrdiff_t mRow, ptrdiff_t mColumn, const S* x,
                                       ptrdiff_t xNext, S* y, ptrdiff_t yNext, int32_t outputs, int32_t depth,
                                       ptrdiff_t stride, bool accumulate) {
  forBlocks<columns>(outputs, [&](auto rows, int32_t o) LIOUVILLE_INLINE_BODY {
    multiplyRows<S, rows.value, columns>(m + o * mRow, mRow, mColumn, x, xNext, y + o * stride, yNext, depth,
                                         stride, accumulate);
  });
}

}  // namespace rowmatrix

// Y = X M^T, or Y = X M: every row of X [k, inputs] times the row's own matrix, whose element (a, b) is
// plane a * columns + b of `m`. Not transposed, M is [outputs, inputs]; transposed, it is [inputs, outputs].
// `start` is zero or accumulate.
template <class S>
inline void multiplyRowMatrix(const S* m, bool transposed, int32_t outputs, int32_t inputs, const S* x, S* y,
                              int32_t k, Start start, Tile tile) {
  const ptrdiff_t stride = planeStride<S>(tile);
  const ptrdiff_t mRow = transposed ? stride : inputs * stride;
  const ptrdiff_t mColumn = transposed ? outputs * stride : stride;
  const Groups groups(k);
  for (int32_t v = 0; v < tile.used; v++) {
    const ptrdiff_t lane = ptrdiff_t(v) * lanes<Vec<S>>;
    for (int32_t group = 0, j = 0; group < groups.count; j += groups.size(group++)) {
      withColumns(groups.size(group), [&](auto n) LIOUVILLE_INLINE_BODY {
        rowmatrix::multiplyColumns<S, n.value>(m + lane, mRow, mColumn, x + j * inputs * stride + lane,
                                               inputs * stride, y + j * outputs * stride + lane,
                                               outputs * stride, outputs, inputs, stride,
                                               start == Start::accumulate);
      });
    }
  }
}

// M (+)= sum over j of g[j] x[j]^T: the cotangent [outputs, inputs] of a row's own matrix, or the outer
// product of two row values. `start` is zero or accumulate.
template <class S>
inline void outerRows(S* m, int32_t outputs, int32_t inputs, const S* g, const S* x, int32_t k, Start start,
                      Tile tile) {
  using V = Vec<S>;
  const ptrdiff_t stride = planeStride<S>(tile);
  for (int32_t o = 0; o < outputs; o++) {
    for (int32_t i = 0; i < inputs; i++) {
      for (ptrdiff_t lane = 0; lane < ptrdiff_t(tile.used) * lanes<V>; lane += lanes<V>) {
        S* to = m + (ptrdiff_t(o) * inputs + i) * stride + lane;
        V sum = start == Start::accumulate ? loadAligned<V>(to) : zero<V>();
        for (int32_t j = 0; j < k; j++) {
          sum = fma(loadAligned<V>(g + (ptrdiff_t(j) * outputs + o) * stride + lane),
                    loadAligned<V>(x + (ptrdiff_t(j) * inputs + i) * stride + lane), sum);
        }
        storeAligned<V>(to, sum);
      }
    }
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
