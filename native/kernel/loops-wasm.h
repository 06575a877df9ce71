// The innermost loops of the kernels for WebAssembly. They do what those in product.h and gradient-block.h do, in the
// same order.
//
// An instruction takes its address from one register and a constant, so that every index costs an addition: here an
// address is a pointer and a constant. Unrolling is left to V8, which puts a branch behind each copy of a body: what
// stands between two branches it begins all at once, and runs out of registers.
#pragma once

#include "blocking.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Hides that a pointer is a base and an index: compilers would make these of it again.
template <class T> LIOUVILLE_INLINE T* opaque(T* pointer) {
  asm("" : "+r"(pointer));
  return pointer;
}

namespace product {

// sum += weights x over `depth` >= 1 inputs. Columns that are `adjacent` follow the first one.
template <bool adjacent, class V, int outputs, int count>
LIOUVILLE_INLINE void multiplyInputs(V (&sum)[outputs][count], const Scalar<V>* weights, ptrdiff_t blockSize,
                                     const Scalar<V>* const (&columns)[count], int32_t depth, ptrdiff_t stride) {
  constexpr size_t rows = outputs < blockRows ? outputs : blockRows, blocks = outputs / rows;
  constexpr size_t W = lanes<V>, pointers = adjacent ? 1 : count;
  const Scalar<V> *x[pointers], *w[blocks];
  for (size_t c = 0; c < pointers; c++) x[c] = columns[c];
  for (size_t b = 0; b < blocks; b++) w[b] = weights + ptrdiff_t(b) * blockSize;
  do {
    V value[count];
#pragma GCC unroll 16
    for (size_t c = 0; c < count; c++) value[c] = loadAligned<V>(adjacent ? x[0] + c * W : x[c % pointers]);
#pragma GCC unroll 16
    for (size_t r = 0; r < outputs; r++) {
      const V weight = set1<V>(w[r / rows][r % rows]);
#pragma GCC unroll 16
      for (size_t c = 0; c < count; c++) sum[r][c] = fma(weight, value[c], sum[r][c]);
    }
#pragma GCC unroll 16
    for (size_t c = 0; c < pointers; c++) x[c] = opaque(x[c] + stride);
#pragma GCC unroll 16
    for (size_t b = 0; b < blocks; b++) w[b] = opaque(w[b] + rows);
  } while (--depth > 0);
}

// The same over the given inputs. Weights stand as in packed blocks, `blockSize` apart.
template <class V, int outputs, int count>
LIOUVILLE_INLINE void multiplyInputs(V (&sum)[outputs][count], const Scalar<V>* weights, ptrdiff_t blockSize,
                                     const Scalar<V>* const (&columns)[count], Span inputs, ptrdiff_t stride) {
  constexpr int rows = outputs < blockRows ? outputs : blockRows;
  const Scalar<V>* from[count];
  for (int c = 0; c < count; c++) from[c] = columns[c] + inputs.first * stride;
  weights += inputs.first * rows;
  const int32_t depth = inputs.last - inputs.first;
  if (count > 1 && from[count - 1] == from[0] + (count - 1) * lanes<V>) {
    multiplyInputs<true>(sum, weights, blockSize, from, depth, stride);
  } else {
    multiplyInputs<false>(sum, weights, blockSize, from, depth, stride);
  }
}

}  // namespace product

namespace gradient {

// sum += g x over the rows of one vector of rows: `g` are the planes of the outputs, `x` has `columns` vectors for each
// row, `xStride` apart.
template <class V, int rows, int columns>
LIOUVILLE_INLINE void addVector(V (&sum)[rows][columns], const Scalar<V>* g, ptrdiff_t stride, const Scalar<V>* x,
                                ptrdiff_t xStride) {
  constexpr size_t W = lanes<V>;
#pragma clang loop unroll(disable)
  for (size_t lane = 0; lane < W; lane++, x += xStride) {
    V values[columns];
#pragma GCC unroll 16
    for (size_t c = 0; c < columns; c++) values[c] = loadAligned<V>(x + c * W);
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
      const V factor = set1<V>(g[r * stride + ptrdiff_t(lane)]);
#pragma GCC unroll 16
      for (size_t c = 0; c < columns; c++) sum[r][c] = fma(factor, values[c], sum[r][c]);
    }
  }
}

}  // namespace gradient

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
