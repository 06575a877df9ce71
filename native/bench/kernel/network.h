// Whole networks through the kernels, for the choice of the tile: a value and its tangents through dense
// layers with a cheap activation between them, forward, and the reverse pass with the weight gradients.
#pragma once

#include <vector>

#include "../../kernel/gradient.h"
#include "../../kernel/product.h"
#include "measure.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// h <- s(h), h' <- s'(h) h' with a rational s; the multiplications of a tanh network, at less cost.
template <class S> void activate(S* value, int32_t tangents, int32_t n, Tile tile) {
  using V = Vec<S>;
  const ptrdiff_t plane = planeStride<S>(tile), size = n * plane;
  for (ptrdiff_t at = 0; at < size; at += lanes<V>) {
    const V h = loadAligned<V>(value + at);
    const V slope = S(1) - h * h * S(0.125);
    storeAligned<V>(value + at, h * slope);
    for (int32_t j = 1; j <= tangents; j++) {
      S* tangent = value + j * size + at;
      storeAligned<V>(tangent, loadAligned<V>(tangent) * slope);
    }
  }
}

template <class S> struct Network {
  std::vector<int32_t> widths;
  int32_t tangents;
  std::vector<PackedMatrix<S>> forward, backward;
  std::vector<S*> sums;
  double productWork = 0;  // for one row, all layers, value and tangents

  Network(std::vector<int32_t> layerWidths, int32_t tangents) : widths(layerWidths), tangents(tangents) {
    for (size_t l = 0; l + 1 < widths.size(); l++) {
      const int32_t in = widths[l], out = widths[l + 1];
      const S* matrix = memory<S>(size_t(in) * out);
      const S* bias = memory<S>(out);
      forward.push_back(pack<S>(memory<S>(packedSize<S>(out, in)), matrix, out, in, in, 1, bias));
      backward.push_back(pack<S, S>(memory<S>(packedSize<S>(in, out)), matrix, in, out, 1, in, nullptr));
      sums.push_back(memory<S>(gradientSize<S>(out, in)));
      productWork += 2.0 * in * out * (1 + tangents);
    }
  }

  int32_t widest() const {
    int32_t result = 0;
    for (int32_t width : widths) result = width > result ? width : result;
    return result;
  }

  // Scalars of a row that are alive at once: forward two neighbouring layers, backward all of them.
  size_t forwardScalars() const { return size_t(2) * (1 + tangents) * widest(); }
  size_t backwardScalars() const {
    size_t total = forwardScalars();
    for (int32_t width : widths) total += size_t(1 + tangents) * width;
    return total;
  }

  void layer(const PackedMatrix<S>& matrix, const S* x, S* y, bool bias, Tile tile) const {
    const ptrdiff_t plane = planeStride<S>(tile);
    const Operand<S> operands[] = {
        {x, y, 1, bias ? Start::bias : Start::zero},
        {x + matrix.inputs * plane, y + matrix.outputs * plane, tangents, Start::zero}};
    multiply<S>(matrix, operands, tangents > 0 ? 2 : 1, tile);
  }

  Rate density(Tile tile) const {
    const size_t size = size_t(1 + tangents) * widest() * planeStride<S>(tile);
    S* buffers[] = {memory<S>(size), memory<S>(size)};
    return measure<S>(productWork * planeStride<S>(tile), [&] {
      for (size_t l = 0; l < forward.size(); l++) {
        layer(forward[l], buffers[l % 2], buffers[(l + 1) % 2], true, tile);
        if (l + 1 < forward.size()) activate<S>(buffers[(l + 1) % 2], tangents, widths[l + 1], tile);
      }
    });
  }

  // Forward with everything kept, then cotangents and weight gradients: three times the forward work.
  Rate training(Tile tile) const {
    const ptrdiff_t plane = planeStride<S>(tile);
    std::vector<S*> values;
    for (int32_t width : widths) values.push_back(memory<S>(size_t(1 + tangents) * width * plane));
    const size_t size = size_t(1 + tangents) * widest() * plane;
    S* cotangents[] = {memory<S>(size), memory<S>(size)};
    return measure<S>(3 * productWork * plane, [&] {
      for (size_t l = 0; l < forward.size(); l++) {
        layer(forward[l], values[l], values[l + 1], true, tile);
        if (l + 1 < forward.size()) activate<S>(values[l + 1], tangents, widths[l + 1], tile);
      }
      for (size_t l = forward.size(); l-- > 0;) {
        const S* g = cotangents[l % 2];
        const GradientOperand<S> operands[] = {
            {values[l], g, 1, true},
            {values[l] + widths[l] * plane, g + widths[l + 1] * plane, tangents, false}};
        accumulateGradient<S>(sums[l], widths[l + 1], widths[l], operands, tangents > 0 ? 2 : 1, tile);
        layer(backward[l], g, cotangents[(l + 1) % 2], false, tile);
        if (l > 0) activate<S>(cotangents[(l + 1) % 2], tangents, widths[l], tile);
      }
    });
  }
};

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
