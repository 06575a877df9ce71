// Y = X W^T: rows in lanes, weights broadcast, for several values that share the weights.
//
// Order of summation: every element of Y is one chain of multiply-adds, y <- fma(w[o][i], x[i], y) for
// i = 0, 1, ..., inputs - 1, that starts from zero, the bias or what Y held. A chain never leaves its lane
// and is never split, so a row's bits depend on nothing but the row and the weights: not on the tile, the
// lane, k, or what else is in the call.
//
// Inputs outside of a block's span are left out of its chains: their weights are zero, which changes no sum of
// finite numbers.
#pragma once

#include "pack.h"
#include "tile.h"
#if LIOUVILLE_ISA_WASM
#include "loops-wasm.h"
#endif

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// What the sums start from. `bias` is zero where the matrix was packed without one.
enum class Start : int32_t { zero, bias, accumulate };

// One value [k, inputs], k >= 1, and where its product [k, outputs] goes. `y` must not overlap any `x`.
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

// Inputs of the matrix that are multiplied together: their weights, and what they have in common with each block.
template <class S> struct Slab {
  const S* weights;
  int32_t first, depth;
  const Span* spans;  // of this slab, counted from the matrix's first input

  // The inputs of the slab that matter to the outputs from o on. A sum has to be started in any case, so that
  // the first slab has one input at least.
  template <int outputs> LIOUVILLE_INLINE Span inputsOf(int32_t o) const {
    if (spans == nullptr) return {0, depth};
    const Span all = spanOf<outputs>(spans + o / spanRows);
    if (all.first < all.last) return {all.first - first, all.last - first};
    return {0, first == 0 ? 1 : 0};
  }
};

// Multiplies the `outputs` outputs from o on with `count` columns over the given inputs of one slab, at least one.
// Outputs beyond four come from several packed blocks that follow each other.
template <class S, int outputs, int count>
LIOUVILLE_INLINE void multiplyBlock(const S* weights, int32_t depth, Span inputs, int32_t o, ptrdiff_t stride,
                                    const Columns<S>& columns) {
  using V = Vec<S>;
  constexpr int rows = outputs < blockRows ? outputs : blockRows;
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
#if LIOUVILLE_ISA_WASM
  multiplyInputs(sum, weights, blockSize, x, inputs, stride);
#else
  int32_t i = inputs.first;
  do {  // at least one: with a loop that may not run at all, GCC 12 spills every sum
    V value[count];
#pragma GCC unroll 16
    for (int c = 0; c < count; c++) value[c] = loadAligned<V>(x[c] + i * stride);
#pragma GCC unroll 16
    for (int r = 0; r < outputs; r++) {
      const V weight = set1<V>(weights[r / rows * blockSize + i * rows + r % rows]);
#pragma GCC unroll 16
      for (int c = 0; c < count; c++) sum[r][c] = fma(weight, value[c], sum[r][c]);
    }
  } while (++i < inputs.last);
#endif
#pragma GCC unroll 16
  for (int c = 0; c < count; c++) {
    S* y = columns.y[c] + o * stride;
#pragma GCC unroll 16
    for (int r = 0; r < outputs; r++) storeAligned<V>(y + r * stride, sum[r][c]);
  }
}

// All outputs of one slab.
template <class S, int count>
[[gnu::noinline]] void multiplySlab(const Slab<S>& slab, int32_t outputs, ptrdiff_t stride, const Columns<S>& columns) {
  forBlocks<count>(outputs, [&](auto rows, int32_t o) LIOUVILLE_INLINE_BODY {
    const Span inputs = slab.template inputsOf<rows.value>(o);
    if (inputs.first == inputs.last) return;
    multiplyBlock<S, rows.value, count>(slab.weights + ptrdiff_t(o) * slab.depth, slab.depth, inputs, o, stride,
                                        columns);
  });
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
  const Groups groups(total);
  const int32_t blocks = (matrix.outputs + spanRows - 1) / spanRows;

  for (int32_t first = 0; first < matrix.inputs; first += slabDepth) {
    const int32_t depth = matrix.inputs - first < slabDepth ? matrix.inputs - first : slabDepth;
    const Span* spans = matrix.spans == nullptr ? nullptr : matrix.spans + ptrdiff_t(first / slabDepth) * blocks;
    const Slab<S> slab{matrix.weights + ptrdiff_t(first) * matrix.outputs, first, depth, spans};
    Cursor<S> at{operands};
    for (int32_t group = 0; group < groups.count; group++) {
      const int32_t count = groups.size(group);
      Columns<S> columns;
      for (int32_t c = 0; c < count; c++, at.next(tile)) {
        const Operand<S>& operand = *at.operand;
        const ptrdiff_t lane = ptrdiff_t(at.v) * lanes<Vec<S>>;
        columns.x[c] = operand.x + (ptrdiff_t(at.j) * matrix.inputs + first) * stride + lane;
        columns.y[c] = operand.y + ptrdiff_t(at.j) * matrix.outputs * stride + lane;
        if (first > 0 || operand.start == Start::accumulate) {
          columns.start[c] = columns.y[c];
          columns.startStride[c] = stride;
        } else if (operand.start == Start::bias && matrix.bias != nullptr) {
          columns.start[c] = matrix.bias;
          columns.startStride[c] = lanes<Vec<S>>;
        } else {
          columns.start[c] = zeros;
          columns.startStride[c] = 0;
        }
      }
      withColumns(count, [&](auto n) LIOUVILLE_INLINE_BODY {
        multiplySlab<S, n.value>(slab, matrix.outputs, stride, columns);
      });
    }
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
