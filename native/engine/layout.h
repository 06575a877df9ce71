// Where a plan's memory lies for this instruction set and precision; packing at the begin of a call and
// adding up sums at its end.
#pragma once

#include "../kernel/gradient.h"
#include "../kernel/pack.h"
#include "../kernel/total.h"
#include "backend.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// The most rows of a tile.
inline constexpr int32_t maxTileVectors = 8;
template <class S> inline constexpr int32_t maxTileLanes = maxTileVectors * lanes<Vec<S>>;

inline size_t aligned(size_t bytes) { return (bytes + 63) & ~size_t(63); }

// Hands out parts of a block of memory; with a null block it only counts.
struct Bump {
  char* block;
  size_t used = 0;

  template <class T> T* take(size_t count) {
    T* result = block == nullptr ? nullptr : reinterpret_cast<T*>(block + used);
    used += aligned(count * sizeof(T));
    return result;
  }
};

inline Spans spansOf(const Plan& plan, int32_t mask) { return mask < 0 ? Spans{} : plan.masks[mask].spans; }

// The spans by which a matrix is packed and multiplied.
inline const Span* slabsOf(const Plan& plan, const Matrix& matrix) {
  const Spans spans = spansOf(plan, matrix.mask);
  return matrix.transposed ? spans.columnSlabs : spans.rowSlabs;
}

template <class S> inline PackedMatrix<S> packedAt(const Plan& plan, const S* weights, const Matrix& matrix) {
  const size_t width = lanes<Vec<S>>;
  const size_t count = (size_t(matrix.outputs) * matrix.inputs + width - 1) / width * width;
  return {matrix.outputs, matrix.inputs, weights, matrix.bias < 0 ? nullptr : weights + count, slabsOf(plan, matrix)};
}

// Rows whose results feed sums are few to a group, and rows of an ODE finish one by one: a small tile wastes
// fewer lanes. What the tile's length does to the products, see kernel/tile.h.
template <class S> inline int32_t tileVectorsOf(const Plan& plan) {
  int32_t columns = 0;
  for (int32_t i = 0; i < plan.body.count; i++) {
    const Instruction& instruction = plan.body.instructions[i];
    if (instruction.op != Op::product) continue;
    int32_t k = 0;
    for (int32_t j = 0; j < instruction.inputCount; j += 3) k += plan.values[instruction.inputs[j]].k;
    columns = columns < k ? k : columns;
  }
  const size_t bytes = size_t(plan.sizes[int32_t(Space::row)]) * sizeof(Vec<S>);
  const int32_t vectors = tileVectors(bytes, columns);
  return vectors < maxTileVectors ? vectors : maxTileVectors;
}

template <class S> void layOut(const Plan* plan, Layout* layout) {
  const int32_t planes = plan->sizes[int32_t(Space::row)];
  layout->vectors = tileVectorsOf<S>(*plan);
  layout->registerBytes = aligned(size_t(planes) * layout->vectors * sizeof(Vec<S>));
  size_t shared = 0;
  for (int32_t space = 0; space <= int32_t(Space::prologue); space++) shared += plan->sizes[space];
  layout->sharedBytes = aligned(shared * sizeof(S));
  layout->packedBytes = 0;
  for (int32_t i = 0; i < plan->matrixCount; i++) {
    layout->matrixOffsets[i] = layout->packedBytes;
    layout->packedBytes += aligned(packedSize<S>(plan->matrices[i].outputs, plan->matrices[i].inputs) * sizeof(S));
  }
  layout->sumBytes = 0;
  for (int32_t i = 0; i < plan->sumCount; i++) {
    const Value& value = plan->values[plan->sums[i].value];
    const size_t scalars = plan->sums[i].outer ? gradient::weightSums<S>(value.k, value.n)
                                               : size_t(value.k) * value.n * lanes<Vec<S>>;
    layout->sumOffsets[i] = layout->sumBytes;
    layout->sumBytes += aligned(scalars * sizeof(S));
  }
}

template <class S> void share(const Plan* plan, const double* const* spaces, void* block) {
  size_t offsets[int32_t(Space::prologue) + 1] = {};
  for (int32_t space = 1; space <= int32_t(Space::prologue); space++) {
    offsets[space] = offsets[space - 1] + size_t(plan->sizes[space - 1]);
  }
  for (int32_t i = 0; i < plan->sharedCount; i++) {
    const Value& value = plan->values[plan->shared[i]];
    const double* from = spaces[int32_t(value.space)] + value.offset;
    S* to = static_cast<S*>(block) + offsets[int32_t(value.space)] + value.offset;
    for (ptrdiff_t j = 0; j < ptrdiff_t(value.k) * value.n; j++) to[j] = S(from[j]);
  }
}

template <class S>
void packMatrices(const Plan* plan, const Layout* layout, const double* const* spaces, int32_t first, int32_t last,
          void* packedBlock) {
  for (int32_t i = first; i < last; i++) {
    const Matrix& matrix = plan->matrices[i];
    const Value& value = plan->values[matrix.value];
    const double* from = spaces[int32_t(value.space)] + value.offset;
    const double* bias = nullptr;
    if (matrix.bias >= 0) {
      const Value& v = plan->values[matrix.bias];
      bias = spaces[int32_t(v.space)] + v.offset;
    }
    S* to = reinterpret_cast<S*>(static_cast<char*>(packedBlock) + layout->matrixOffsets[i]);
    const double* mask = matrix.mask < 0 ? nullptr : plan->constants + plan->masks[matrix.mask].constant;
    const ptrdiff_t n = value.n;
    pack<S>(to, from, matrix.outputs, matrix.inputs, matrix.transposed ? 1 : n, matrix.transposed ? n : 1, bias, mask,
            slabsOf(*plan, matrix));
  }
}

template <class S>
void addUp(const Plan* plan, const Layout* layout, const void* const* blocks, int32_t groups, int64_t first,
           int64_t last, double* const* to) {
  int64_t begin = 0;
  for (int32_t i = 0; i < plan->sumCount; i++) {
    const Value& value = plan->values[plan->sums[i].value];
    const int64_t count = int64_t(value.k) * value.n;
    const int64_t from = first > begin ? first - begin : 0;
    const int64_t end = last - begin < count ? last - begin : count;
    begin += count;
    if (from >= end) continue;
    const S* sums[mostGroupsAtOnce];
    for (int32_t group = 0; group < groups; group++) {
      sums[group] = reinterpret_cast<const S*>(static_cast<const char*>(blocks[group]) + layout->sumOffsets[i]);
    }
    if (plan->sums[i].outer) {
      // The blocks of rows that begin in this part.
      const int64_t block = int64_t(rowsOfTotal) * value.n;
      const int64_t firstRow = (from + block - 1) / block * rowsOfTotal;
      const int64_t lastRow = (end + block - 1) / block * rowsOfTotal;
      const int64_t endRow = lastRow < value.k ? lastRow : value.k;
      totalGradient<S>(sums, groups, value.k, value.n, int32_t(firstRow), int32_t(endRow), to[i]);
      if (plan->sums[i].mask < 0) continue;
      const double* mask = plan->constants + plan->masks[plan->sums[i].mask].constant;
      for (int64_t j = firstRow * value.n; j < endRow * value.n; j++) to[i][j] = mask[j] != 0 ? to[i][j] : 0;
    } else {
      totalLanes<S>(sums, groups, from, end, to[i]);
    }
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
