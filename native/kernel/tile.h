// A tile: the rows that the kernels work on at once.
//
// Rows stand in SIMD lanes. A tile holds `vectors` vectors of W lanes, W * vectors rows. A per-row value
// [k, n] is stored as k * n planes: plane (j, i), feature i of the j-th of k, is W * vectors contiguous
// scalars at offset (j * n + i) * vectors * W. Every value starts at a multiple of the vector's size.
#pragma once

#include "../simd/vec.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// `vectors` is the distance between planes; only the first `used` vectors of each are read and written
// (a batch that ends inside a tile leaves the others alone). 1 <= used <= vectors.
struct Tile {
  int32_t vectors;
  int32_t used;
};

template <class S> LIOUVILLE_INLINE ptrdiff_t planeStride(Tile tile) {
  return ptrdiff_t(tile.vectors) * lanes<Vec<S>>;
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
