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

namespace packing {

// The most outputs that a kernel multiplies together (rowsTogether): it begins at a multiple of their number, and takes
// the inputs that any of their blocks needs.
inline constexpr int32_t mostTogether = 16;

// The inputs of the slab first ... last - 1 that a kernel may read of the block at `o`; `spans` are those of the slab.
inline Span readInputs(const Span* spans, int32_t o, int32_t outputs, int32_t first, int32_t last) {
  if (spans == nullptr) return {first, last};
  // The first slab begins the sums, with one input at least.
  Span all = first == 0 ? Span{0, 1} : Span{last, first};
  const int32_t from = o - o % mostTogether;
  for (int32_t other = from; other < outputs && other < from + mostTogether; other += blockRows) {
    const Span span = spans[other / blockRows];
    if (span.first == span.last) continue;
    all.first = span.first < all.first ? span.first : all.first;
    all.last = span.last > all.last ? span.last : all.last;
  }
  return all;
}

// Where an element stands, from the first one of the block.
struct Strides {
  ptrdiff_t output, input;
};

template <class S, int rows, bool masked, class From>
LIOUVILLE_INLINE void packInputs(S* to, const From* matrix, const From* mask, Strides strides, Span inputs) {
  for (int32_t i = inputs.first; i < inputs.last; i++) {
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
      const ptrdiff_t at = r * strides.output + i * strides.input;
      to[i * rows + r] = !masked || mask[at] != 0 ? S(matrix[at]) : S(0);
    }
  }
}

// Input i of the block's `rows` outputs to to[i rows ...]. What is known about the strides makes vectors of the loops.
template <class S, int rows, class From>
[[gnu::noinline]] void packBlock(S* to, const From* matrix, const From* mask, Strides strides, Span inputs) {
  if (mask == nullptr) {
    if (strides.input == 1) packInputs<S, rows, false>(to, matrix, mask, {strides.output, 1}, inputs);
    else packInputs<S, rows, false>(to, matrix, mask, {1, strides.input}, inputs);
  } else {
    if (strides.input == 1) packInputs<S, rows, true>(to, matrix, mask, {strides.output, 1}, inputs);
    else packInputs<S, rows, true>(to, matrix, mask, {1, strides.input}, inputs);
  }
}

}  // namespace packing

// Packs the matrix whose element (o, i) stands at matrix[o * outputStride + i * inputStride], one of which is 1, and
// `bias` (null for none), into `buffer`. The stored parameters [outputs, inputs] have strides (inputs, 1); their
// transpose, for the reverse pass, is packed with outputs and inputs and the strides exchanged. Where `mask`, a
// matrix like it, is zero, the weight counts as zero; `spans` says where that is, and what no kernel reads because of
// them is not written.
template <class S, class From>
inline PackedMatrix<S> pack(S* buffer, const From* matrix, int32_t outputs, int32_t inputs,
                            ptrdiff_t outputStride, ptrdiff_t inputStride, const From* bias,
                            const From* mask = nullptr, const Span* spans = nullptr) {
  using namespace packing;
  constexpr int width = lanes<Vec<S>>;
  const int32_t blocks = (outputs + blockRows - 1) / blockRows;
  S* to = buffer;
  for (int32_t first = 0; first < inputs; first += slabDepth) {
    const int32_t last = first + slabDepth < inputs ? first + slabDepth : inputs;
    const Span* slab = spans == nullptr ? nullptr : spans + ptrdiff_t(first / slabDepth) * blocks;
    for (int32_t o = 0; o < outputs; o += blockRows) {
      const int32_t rows = outputs - o < blockRows ? outputs - o : blockRows;
      const Span read = readInputs(slab, o, outputs, first, last);
      const From* from = matrix + o * outputStride;
      const From* zeros = mask == nullptr ? nullptr : mask + o * outputStride;
      S* const block = to - ptrdiff_t(first) * rows;
      const Strides strides{outputStride, inputStride};
      switch (rows) {
        case 1: packBlock<S, 1>(block, from, zeros, strides, read); break;
        case 2: packBlock<S, 2>(block, from, zeros, strides, read); break;
        case 3: packBlock<S, 3>(block, from, zeros, strides, read); break;
        default: packBlock<S, 4>(block, from, zeros, strides, read);
      }
      to += ptrdiff_t(last - first) * rows;
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
