// dW += G^T X and db += sum of G: the sums over rows that become the gradient of the parameters.
//
// The sums are kept in a buffer of their own, in the layout that suits the kernel, over as many calls as
// the caller likes, and become the gradient of the parameters once (total.h). The layout follows from the shape:
//   - rows in the lanes, where a dimension is narrow (2 -> 64): every element of dW has W partial sums, one
//     for each lane, which are added by halves in the end. Nothing has to be transposed.
//   - inputs (or outputs) in the lanes: the values (or cotangents) of a few vectors of rows are transposed,
//     and the other factor is broadcast row by row.
//
// Order of summation: a call walks over the tile's vectors, within a vector over the operands and their k,
// within those over the lanes, all in index order. Every element of dW (with rows in the lanes: every
// partial sum) is one chain of multiply-adds in that order, and continues from call to call. So the bits
// depend on the order of the rows, on the operands and on W, but not on the tile: two calls with tiles of
// two vectors leave what one call with the same four vectors leaves.
//
// Lanes of a used vector that have no row must hold finite values and zero cotangents.
//
// Of a matrix with spans, sums outside of them may stay as they were.
#pragma once

#include "gradient-block.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// One value [k, inputs], the cotangent [k, outputs] of its product, and whether the bias was added there.
template <class S> struct GradientOperand {
  const S* x;
  const S* g;
  int32_t k;
  bool bias;
};

namespace gradient {

enum class LanesHold : int32_t { rows, inputs, outputs };

// Multiply-adds for each row, in units of a quarter, when `inLanes` features are transposed. Transposing a
// vector costs about as much as 3/8 W of them, and with a single vector the loads are the limit.
template <int32_t W> inline int64_t transposedCost(int32_t inLanes, int32_t broadcast) {
  const int64_t vectors = (inLanes + W - 1) / W;
  return vectors * (broadcast + 3 * W / 8) * (vectors == 1 ? 5 : 4);
}

// Which form is faster. Measured on AVX-512 in float32, as a share of the peak: 2 -> 64 47% with rows in the
// lanes and 9% without, 8 -> 64 60% and 45%, 16 -> 64 60% and 70%, 64 -> 64 90% without.
template <class S> inline LanesHold lanesHold(int32_t outputs, int32_t inputs) {
  constexpr int32_t W = lanes<Vec<S>>;
  const int32_t narrow = outputs < inputs ? outputs : inputs;
  if (narrow <= W / 2) return LanesHold::rows;
  return transposedCost<W>(inputs, outputs) <= transposedCost<W>(outputs, inputs) ? LanesHold::inputs
                                                                                  : LanesHold::outputs;
}

template <class S> inline int32_t padded(int32_t n) {
  constexpr int32_t W = lanes<Vec<S>>;
  return (n + W - 1) / W * W;
}

// Scalars of dW's sums. The bias's, W for each output, stand behind them.
template <class S> inline size_t weightSums(int32_t outputs, int32_t inputs) {
  switch (lanesHold<S>(outputs, inputs)) {
    case LanesHold::rows: return size_t(outputs) * inputs * lanes<Vec<S>>;
    case LanesHold::inputs: return size_t(outputs) * padded<S>(inputs);
    default: return size_t(inputs) * padded<S>(outputs);
  }
}

// Vectors of rows in one pass over the sums, at most: many, so that loading and storing the sums is cheap;
// but few enough for the transposed block, 64 rows of maxColumns vectors (24 KB), to stay in the L1 cache.
inline constexpr int32_t longestPass = 32;
template <class S> inline constexpr int32_t transposedPass = 64 / lanes<Vec<S>>;

// The same for a block with fewer columns.
template <class S> inline int32_t passLength(int32_t inLanes) {
  const int32_t columns = Groups(padded<S>(inLanes) / lanes<Vec<S>>).size(0);
  const int32_t length = transposedPass<S> * maxColumns / columns;
  return length < longestPass ? length : longestPass;
}

// Calls body(outputs, columns) for outputs that follow each other and the columns that any of them needs, of a group of
// columns that begins at `first`. A column holds `width` inputs.
template <class Body>
LIOUVILLE_INLINE void forSpans(const Span* spans, int32_t outputs, int32_t first, int32_t columns, int32_t width,
                               Body body) {
  if (spans == nullptr) return body(Span{0, outputs}, Span{0, columns});
  const auto columnsOf = [=](int32_t o) {
    const Span span = spans[o / spanRows];
    const int32_t from = span.first / width - first, to = (span.last + width - 1) / width - first;
    const Span clipped{from > 0 ? from : 0, to < columns ? to : columns};
    return span.first < span.last && clipped.first < clipped.last ? clipped : Span{0, 0};
  };
  for (int32_t o = 0; o < outputs;) {
    const Span needed = columnsOf(o);
    int32_t end = o + spanRows;
    for (; end < outputs; end += spanRows) {
      const Span next = columnsOf(end);
      if (next.first != needed.first || next.last != needed.last) break;
    }
    end = end < outputs ? end : outputs;
    if (needed.first < needed.last) body(Span{o, end}, needed);
    o = end;
  }
}

template <class S, int columns>
[[gnu::noinline]] void addLaneColumns(S* sums, ptrdiff_t sumStride, const Segment<S>* segments, int32_t count,
                                      Span outputs, ptrdiff_t xOffset, ptrdiff_t stride) {
  forBlocks<columns>(outputs.last - outputs.first, [&](auto rows, int32_t block) LIOUVILLE_INLINE_BODY {
    const ptrdiff_t o = outputs.first + block;
    addLanes<S, rows.value, columns>(sums + o * sumStride, sumStride, segments, count, xOffset, o * stride, stride);
  });
}

template <class S, int columns>
[[gnu::noinline]] void addRowColumns(S* sums, ptrdiff_t sumStride, const Segment<S>* segments, int32_t count,
                                     Span outputs, const S* x, ptrdiff_t xStride, ptrdiff_t stride) {
  forBlocks<columns>(outputs.last - outputs.first, [&](auto rows, int32_t block) LIOUVILLE_INLINE_BODY {
    const ptrdiff_t o = outputs.first + block;
    addRows<S, rows.value, columns>(sums + o * sumStride, sumStride, segments, count, x, xStride, o * stride, stride);
  });
}

template <class S>
inline void addLanePass(S* sums, const Segment<S>* segments, int32_t count, int32_t outputs, int32_t inputs,
                        const Span* spans, ptrdiff_t stride) {
  constexpr ptrdiff_t W = lanes<Vec<S>>;
  const Groups groups(inputs);
  for (int32_t group = 0, first = 0; group < groups.count; first += groups.size(group++)) {
    forSpans(spans, outputs, first, groups.size(group), 1, [&](Span rows, Span columns) LIOUVILLE_INLINE_BODY {
      const int32_t i = first + columns.first;
      withColumns(columns.last - columns.first, [&](auto n) LIOUVILLE_INLINE_BODY {
        addLaneColumns<S, n.value>(sums + i * W, inputs * W, segments, count, rows, i * stride, stride);
      });
    });
  }
}

template <class S>
inline void addTransposedPass(S* sums, const Segment<S>* segments, int32_t count, int32_t outputs,
                              int32_t inputs, const Span* spans, ptrdiff_t stride) {
  constexpr ptrdiff_t W = lanes<Vec<S>>;
  alignas(Vec<S>) S x[transposedPass<S> * W * maxColumns * W];
  const int32_t vectors = padded<S>(inputs) / W;
  const Groups groups(vectors);
  for (int32_t group = 0, v = 0; group < groups.count; v += groups.size(group++)) {
    const int32_t columns = groups.size(group);
    for (int32_t s = 0; s < count; s++) {
      transpose<S>(x + s * W * columns * W, columns * W, segments[s].x + v * W * stride, stride,
                   int32_t(inputs - v * W), columns);
    }
    forSpans(spans, outputs, v, columns, W, [&](Span rows, Span needed) LIOUVILLE_INLINE_BODY {
      withColumns(needed.last - needed.first, [&](auto n) LIOUVILLE_INLINE_BODY {
        addRowColumns<S, n.value>(sums + (v + needed.first) * W, vectors * W, segments, count, rows,
                                  x + needed.first * W, columns * W, stride);
      });
    });
  }
}

template <class S>
inline void addBias(S* sums, const Segment<S>* segments, int32_t count, int32_t outputs, ptrdiff_t stride) {
  using V = Vec<S>;
  const S* cotangents[longestPass];
  int32_t n = 0;
  for (int32_t s = 0; s < count; s++) {
    if (segments[s].bias) cotangents[n++] = segments[s].g;
  }
  if (n == 0) return;
  for (int32_t o = 0; o < outputs; o++) {
    V sum = loadAligned<V>(sums + o * lanes<V>);
    for (int32_t s = 0; s < n; s++) sum += loadAligned<V>(cotangents[s] + o * stride);
    storeAligned<V>(sums + o * lanes<V>, sum);
  }
}

}  // namespace gradient

// Scalars of the sums of a matrix [outputs, inputs] and its bias. The buffer is aligned to the vector and
// starts as zeros. Sums of the same matrix may be added element by element.
template <class S> inline size_t gradientSize(int32_t outputs, int32_t inputs) {
  return gradient::weightSums<S>(outputs, inputs) + size_t(outputs) * lanes<Vec<S>>;
}

// Adds what the tile's rows contribute.
template <class S>
inline void accumulateGradient(S* sums, int32_t outputs, int32_t inputs, const GradientOperand<S>* operands,
                               int32_t operandCount, Tile tile, Spans spans = {}) {
  using namespace gradient;
  const LanesHold form = lanesHold<S>(outputs, inputs);
  const ptrdiff_t stride = planeStride<S>(tile);
  const int32_t limit = form == LanesHold::rows     ? longestPass
                        : form == LanesHold::inputs ? passLength<S>(inputs)
                                                    : passLength<S>(outputs);
  S* biasSums = sums + weightSums<S>(outputs, inputs);
  Segment<S> segments[longestPass];
  int32_t count = 0;
  const auto pass = [&] {
    addBias(biasSums, segments, count, outputs, stride);
    if (form == LanesHold::rows) {
      addLanePass(sums, segments, count, outputs, inputs, spans.rows, stride);
    } else if (form == LanesHold::inputs) {
      addTransposedPass(sums, segments, count, outputs, inputs, spans.rows, stride);
    } else {
      for (int32_t s = 0; s < count; s++) segments[s] = {segments[s].g, segments[s].x, false};
      addTransposedPass(sums, segments, count, inputs, outputs, spans.columns, stride);
    }
    count = 0;
  };
  for (int32_t v = 0; v < tile.used; v++) {
    const ptrdiff_t lane = ptrdiff_t(v) * lanes<Vec<S>>;
    for (int32_t s = 0; s < operandCount; s++) {
      const GradientOperand<S>& operand = operands[s];
      for (int32_t j = 0; j < operand.k; j++) {
        segments[count++] = {operand.x + ptrdiff_t(j) * inputs * stride + lane,
                             operand.g + ptrdiff_t(j) * outputs * stride + lane, operand.bias};
        if (count == limit) pass();
      }
    }
  }
  if (count > 0) pass();
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
