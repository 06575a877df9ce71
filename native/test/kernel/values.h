// Row values in planes, as the kernels see them, with random numbers where there are rows.
#pragma once

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

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
