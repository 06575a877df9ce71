// Row values in planes, as the kernels see them, with random numbers where there are rows.
#pragma once

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

// A random mask [outputs, inputs], and its spans: some blocks empty, some full, the others anything between.
struct RandomMask {
  std::vector<double> entries;
  std::vector<Span> rows, columns;

  RandomMask(int32_t outputs, int32_t inputs)
      : entries(size_t(outputs) * inputs),
        rows(size_t(outputs + spanRows - 1) / spanRows),
        columns(size_t(inputs + spanRows - 1) / spanRows) {
    for (size_t block = 0; block < rows.size(); block++) {
      const double kind = randomNumber();
      int32_t ends[2] = {0, kind < -0.4 ? 0 : inputs};
      for (int32_t& end : ends) {
        if (kind < 0.4) end = int32_t((randomNumber() + 1) / 2 * (inputs + 1));
      }
      for (int32_t o = int32_t(block) * spanRows; o < outputs && o < int32_t(block + 1) * spanRows; o++) {
        for (int32_t i = ends[0]; i < ends[1]; i++) entries[size_t(o) * inputs + i] = randomNumber() < 0.5;
      }
    }
    widen(rows, outputs, inputs, inputs, 1);
    widen(columns, inputs, outputs, 1, inputs);
  }

  Spans spans() const { return {rows.data(), columns.data()}; }

 private:
  void widen(std::vector<Span>& spans, int32_t lines, int32_t length, ptrdiff_t overLine, ptrdiff_t overEntry) {
    for (int32_t line = 0; line < lines; line++) {
      Span& span = spans[size_t(line / spanRows)];
      for (int32_t i = 0; i < length; i++) {
        if (entries[size_t(line * overLine + i * overEntry)] == 0) continue;
        if (span.first == span.last) span = {i, i + 1};
        if (i < span.first) span.first = i;
        if (i >= span.last) span.last = i + 1;
      }
    }
  }
};

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
