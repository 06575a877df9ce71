// Weights in the order in which the product kernel reads them.
//
// The outputs are cut into blocks of `blockRows` (the last one may be narrower), the inputs into slabs of
// `slabDepth`. Slab after slab, block after block, input after input, the weights of one block's outputs
// stand side by side: the kernel reads a slab front to back. Behind them, optionally, the bias with every
// element repeated over a vector's lanes.
#pragma once

#include "blocking.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Inputs multiplied before the partial sums go back to memory: the rows' vectors of a slab
// (slabDepth * maxColumns of them, 24 KB) then stay in the L1 cache while all outputs pass by. Measured: 64
// to 128 do equally well, 32 loses some percent to loading and storing the sums.
inline constexpr int slabDepth = 64;
static_assert(slabDepth == spanDepth);

template <class S> struct PackedMatrix {
  int32_t outputs;
  int32_t inputs;
  const S* weights;
  const S* bias;      // outputs * lanes scalars, or null
  // For each slab, for each block of outputs, the inputs with weights that are not zero; or null.
  const Span* spans;
};

// Scalars that a packed matrix takes, its bias included. The buffer is aligned to the vector.
template <class S> inline size_t packedSize(int32_t outputs, int32_t inputs) {
  constexpr size_t width = lanes<Vec<S>>;
  const size_t weights = (size_t(outputs) * inputs + width - 1) / width * width;
  return weights + size_t(outputs) * width;
}

// Packs the matrix whose element (o, i) stands at matrix[o * outputStride + i * inputStride], and `bias`
// (null for none), into `buffer`. The stored parameters [outputs, inputs] have strides (inputs, 1); their
// transpose, for the reverse pass, is packed with outputs and inputs and the strides exchanged. Where `mask`, a
// matrix like it, is zero, the weight counts as zero; `spans` says where that is.
template <class S, class From>
inline PackedMatrix<S> pack(S* buffer, const From* matrix, int32_t outputs, int32_t inputs,
                            ptrdiff_t outputStride, ptrdiff_t inputStride, const From* bias,
                            const From* mask = nullptr, const Span* spans = nullptr) {
  constexpr int width = lanes<Vec<S>>;
  S* to = buffer;
  for (int32_t first = 0; first < inputs; first += slabDepth) {
    const int32_t last = first + slabDepth < inputs ? first + slabDepth : inputs;
    for (int32_t o = 0; o < outputs; o += blockRows) {
      const int32_t rows = outputs - o < blockRows ? outputs - o : blockRows;
      for (int32_t i = first; i < last; i++) {
        for (int32_t r = 0; r < rows; r++) {
          const ptrdiff_t at = (o + r) * outputStride + i * inputStride;
          *to++ = mask == nullptr || mask[at] != 0 ? S(matrix[at]) : S(0);
        }
      }
    }
  }
  PackedMatrix<S> packed{outputs, inputs, buffer, nullptr, spans};
  if (bias != nullptr) {
    to = buffer + (size_t(outputs) * inputs + width - 1) / width * width;
    packed.bias = to;
    for (int32_t o = 0; o < outputs; o++) {
      for (int lane = 0; lane < width; lane++) *to++ = S(bias[o]);
    }
  }
  return packed;
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
