// Y = X W^T: rows in lanes, weights broadcast, for several values that share the weights.
//
// Order of summation: every element of Y is one chain of multiply-adds, y <- fma(w[o][i], x[i], y) for
// i = 0, 1, ..., inputs - 1, that starts from zero, the bias or what Y held. A chain never leaves its lane
// and is never split, so a row's bits depend on nothing but the row and the weights: not on the tile, the
// lane, k, or what else is in the call.
#pragma once

#include "pack.h"
#include "tile.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// What the sums start from.
enum class Start : int32_t { zero, bias, accumulate };

// One value [k, inputs] and where its product [k, outputs] goes. `y` must not overlap any `x`.
template <class S> struct Operand {
  const S* x;
  S* y;
  int32_t k;
  Start start;
};

namespace product {

// The vectors of rows that pass through the registers together, as columns of a matrix product.
template <class S> struct Columns {
  const S* x[maxColumns];
  S* y[maxColumns];
  const S* start[maxColumns];
  ptrdiff_t startStride[maxColumns];
};

// Multiplies `blocks` blocks of `rows` outputs, from output o on, with `count` columns over one slab.
template <class S, int blocks, int rows, int count>
LIOUVILLE_INLINE void multiplyBlock(const S* weights, int32_t depth, int32_t o, ptrdiff_t stride,
                                    const Columns<S>& columns) {
  using V = Vec<S>;
  constexpr int outputs = blocks * rows;
  V sum[outputs][count];
  const S* x[count];
#pragma GCC unroll 16
  for (int c = 0; c < count; c++) {
    x[c] = columns.x[c];
    const S* start = columns.start[c] + o * columns.startStride[c];
#pragma GCC unroll 16
    for (int r = 0; r < outputs; r++) sum[r][c] = loadAligned<V>(start + r * columns.startStride[c]);
  }
  const ptrdiff_t blockSize = ptrdiff_t(depth) * rows;
  int32_t i = 0;
  do {  // depth >= 1: with a loop that may not run at all, GCC 12 spills every sum
    V value[count];
#pragma GCC unroll 16
    for (int c = 0; c < count; c++) value[c] = loadAligned<V>(x[c] + i * stride);
#pragma GCC unroll 16
    for (int b = 0; b < blocks; b++) {
#pragma GCC unroll 16
      for (int r = 0; r < rows; r++) {
        const V weight = set1<V>(weights[b * blockSize + i * rows + r]);
#pragma GCC unroll 16
        for (int c = 0; c < count; c++) sum[b * rows + r][c] = fma(weight, value[c], sum[b * rows + r][c]);
      }
    }
  } while (++i < depth);
#pragma GCC unroll 16
  for (int c = 0; c < count; c++) {
    S* y = columns.y[c] + o * stride;
#pragma GCC unroll 16
    for (int r = 0; r < outputs; r++) storeAligned<V>(y + r * stride, sum[r][c]);
  }
}

// All outputs of one slab.
template <class S, int count>
[[gnu::noinline]] void multiplySlab(const S* weights, int32_t depth, int32_t outputs, ptrdiff_t stride,
                                    const Columns<S>& columns) {
  constexpr int together = blocksTogether(count);
  const ptrdiff_t blockSize = ptrdiff_t(depth) * blockRows;
  int32_t o = 0;
  if constexpr (together == 4) {
    for (; o + 4 * blockRows <= outputs; o += 4 * blockRows, weights += 4 * blockSize) {
      multiplyBlock<S, 4, blockRows, count>(weights, depth, o, stride, columns);
    }
  }
  if constexpr (together >= 2) {
    for (; o + 2 * blockRows <= outputs; o += 2 * blockRows, weights += 2 * blockSize) {
      multiplyBlock<S, 2, blockRows, count>(weights, depth, o, stride, columns);
    }
  }
  for (; o + blockRows <= outputs; o += blockRows, weights += blockSize) {
    multiplyBlock<S, 1, blockRows, count>(weights, depth, o, stride, columns);
  }
  switch (outputs - o) {
    case 3: return multiplyBlock<S, 1, 3, count>(weights, depth, o, stride, columns);
    case 2: return multiplyBlock<S, 1, 2, count>(weights, depth, o, stride, columns);
    case 1: return multiplyBlock<S, 1, 1, count>(weights, depth, o, stride, columns);
  }
}

// Walks over all vectors of all operands.
template <class S> struct Cursor {
  const Operand<S>* operand;
  int32_t j = 0;
  int32_t v = 0;

  LIOUVILLE_INLINE void next(Tile tile) {
    if (++v < tile.used) return;
    v = 0;
    if (++j < operand->k) return;
    j = 0;
    operand++;
  }
};

}  // namespace product

// Multiplies every operand with the matrix. Weights are loaded once for up to maxColumns vectors of rows,
// whichever operand they belong to.
template <class S>
inline void multiply(const PackedMatrix<S>& matrix, const Operand<S>* operands, int32_t operandCount,
                     Tile tile) {
  using namespace product;
  alignas(Vec<S>) static constexpr S zeros[lanes<Vec<S>>] = {};
  const ptrdiff_t stride = planeStride<S>(tile);
  int32_t total = 0;
  for (int32_t s = 0; s < operandCount; s++) total += operands[s].k * tile.used;
  const int32_t groups = (total + maxColumns - 1) / maxColumns;
  if (groups == 0) return;
  const int32_t even = total / groups, larger = total % groups;

  for (int32_t first = 0; first < matrix.inputs; first += slabDepth) {
    const int32_t depth = matrix.inputs - first < slabDepth ? matrix.inputs - first : slabDepth;
    const S* weights = matrix.weights + ptrdiff_t(first) * matrix.outputs;
    Cursor<S> at{operands};
    for (int32_t group = 0; group < groups; group++) {
      const int32_t count = even + (group < larger);
      Columns<S> columns;
      for (int32_t c = 0; c < count; c++, at.next(tile)) {
        const Operand<S>& operand = *at.operand;
        const ptrdiff_t lane = ptrdiff_t(at.v) * lanes<Vec<S>>;
        columns.x[c] = operand.x + (ptrdiff_t(at.j) * matrix.inputs + first) * stride + lane;
        columns.y[c] = operand.y + ptrdiff_t(at.j) * matrix.outputs * stride + lane;
        if (first > 0 || operand.start == Start::accumulate) {
          columns.start[c] = columns.y[c];
          columns.startStride[c] = stride;
        } else if (operand.start == Start::bias) {
          columns.start[c] = matrix.bias;
          columns.startStride[c] = lanes<Vec<S>>;
        } else {
          columns.start[c] = zeros;
          columns.startStride[c] = 0;
        }
      }
      switch (count) {
        case 1: multiplySlab<S, 1>(weights, depth, matrix.outputs, stride, columns); break;
        case 2: multiplySlab<S, 2>(weights, depth, matrix.outputs, stride, columns); break;
#if LIOUVILLE_ISA_AVX512 || LIOUVILLE_ISA_NEON || LIOUVILLE_ISA_AVX2
        case 3: multiplySlab<S, 3>(weights, depth, matrix.outputs, stride, columns); break;
#endif
#if LIOUVILLE_ISA_AVX512 || LIOUVILLE_ISA_NEON
        case 4: multiplySlab<S, 4>(weights, depth, matrix.outputs, stride, columns); break;
        case 5: multiplySlab<S, 5>(weights, depth, matrix.outputs, stride, columns); break;
        case 6: multiplySlab<S, 6>(weights, depth, matrix.outputs, stride, columns); break;
#endif
      }
    }
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
