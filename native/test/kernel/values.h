// Row values in planes, as the kernels see them, with random numbers where there are rows.
#pragma once

#include <algorithm>
#include <vector>

#include "../../kernel/tile.h"
#include "check.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// A value [k, n]. Vectors of the tile that are not used hold sentinels.
template <class S> struct Value {
  Tile tile;
  int32_t k, n;
  Buffer<S> planes;

  Value(Tile tile, int32_t k, int32_t n)
      : tile(tile), k(k), n(n), planes(size_t(k) * n * planeStride<S>(tile)) {}

  int32_t rows() const { return tile.used * lanes<Vec<S>>; }
  S& at(int32_t j, int32_t feature, int32_t row) {
    return planes[(size_t(j) * n + feature) * planeStride<S>(tile) + row];
  }
  void randomize() {
    for (int32_t j = 0; j < k; j++) {
      for (int32_t i = 0; i < n; i++) {
        for (int32_t r = 0; r < rows(); r++) at(j, i, r) = S(randomNumber());
      }
    }
  }
  bool intact() {
    for (int32_t j = 0; j < k; j++) {
      for (int32_t i = 0; i < n; i++) {
        for (int32_t r = rows(); r < planeStride<S>(tile); r++) {
          if (!isSentinel(at(j, i, r))) return false;
        }
      }
    }
    return planes.intact();
  }
};

// A random mask [outputs, inputs], and its spans: some blocks empty, some full, the others anything between. Half of the
// masks have a gap: a run of inputs that no output sees.
struct RandomMask {
  std::vector<double> entries;
  std::vector<Span> rows, columns, rowSlabs;

  RandomMask(int32_t outputs, int32_t inputs) : entries(size_t(outputs) * inputs) {
    for (int32_t block = 0; block * spanRows < outputs; block++) {
      const double kind = randomNumber();
      int32_t ends[2] = {0, kind < -0.4 ? 0 : inputs};
      for (int32_t& end : ends) {
        if (kind < 0.4) end = int32_t((randomNumber() + 1) / 2 * (inputs + 1));
      }
      for (int32_t o = block * spanRows; o < outputs && o < (block + 1) * spanRows; o++) {
        for (int32_t i = ends[0]; i < ends[1]; i++) entries[size_t(o) * inputs + i] = randomNumber() < 0.5;
      }
    }
    const int32_t gap = randomNumber() < 0 ? inputs / 8 : inputs;
    for (int32_t i = gap; i < inputs - inputs / 8; i++) {
      for (int32_t o = 0; o < outputs; o++) entries[size_t(o) * inputs + i] = 0;
    }
    rows = spansOf(outputs, 0, inputs, inputs, 1);
    columns = spansOf(inputs, 0, outputs, 1, inputs);
    for (int32_t first = 0; first < inputs; first += spanDepth) {
      const std::vector<Span> slab = spansOf(outputs, first, std::min(first + spanDepth, inputs), inputs, 1);
      rowSlabs.insert(rowSlabs.end(), slab.begin(), slab.end());
    }
  }

  Spans spans() const { return {rows.data(), columns.data()}; }

 private:
  std::vector<Span> spansOf(int32_t lines, int32_t begin, int32_t end, ptrdiff_t overLine, ptrdiff_t overEntry) const {
    std::vector<Span> spans(size_t(lines + spanRows - 1) / spanRows);
    for (int32_t line = 0; line < lines; line++) {
      Span& span = spans[size_t(line / spanRows)];
      for (int32_t i = begin; i < end; i++) {
        if (entries[size_t(line * overLine + i * overEntry)] == 0) continue;
        if (span.first == span.last) span = {i, i + 1};
        if (i < span.first) span.first = i;
        if (i >= span.last) span.last = i + 1;
      }
    }
    return spans;
  }
};

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
