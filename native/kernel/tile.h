// A tile: the rows that the kernels work on at once.
//
// Rows stand in SIMD lanes. A tile holds `vectors` vectors of W lanes, W * vectors rows. A per-row value
// [k, n] is stored as k * n planes: plane (j, i), feature i of the j-th of k, is W * vectors contiguous
// scalars at offset (j * n + i) * vectors * W. Every value starts at a multiple of the vector's size.
#pragma once

#include "blocking.h"

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

// How many vectors a tile should hold, for a program that keeps `bytesPerVector` bytes alive for each vector
// of rows (scalars of a row * sizeof(S) * W) and whose products have `columns` values [n] side by side (the
// sum of their k: 1 + the tangents).
//
// Measured (bench/kernel, tiles; Zen 5, AVX-512, 48 KB L1, 1 MB L2; value and tangents through the layers,
// share of the multiply-add peak; KB are what the tile keeps alive):
//                                       T  1           2           4           8          12          16
//   2-64-64-64-2, 2 tangents  forward   87 (24 KB)  88 (48)     87 (96)     87 (192)    87 (288)    81 (384)
//                             reverse   84 (61 KB)  85 (122)    85 (243)    85 (486)    84 (729)    79 (972)
//   6-60-60-60-6, 1 tangent   forward   88 (15 KB)  90 (30)     89 (60)     88 (120)    88 (180)    83 (240)
//                             reverse   79 (39 KB)  83 (78)     84 (156)    84 (312)    84 (468)    79 (624)
//   43-860-860-43, 1 tangent  forward   96 (215 KB) 97 (430)    97 (860)    94 (1720)   95 (2580)   82 (3440)
//                             reverse   92 (441 KB) 94 (882)    93 (1763)   89 (3526)   90 (5289)   79 (7052)
// So the products hardly care: a slab of operands is in the L1 cache whatever the tile. What decides:
//   - at least four columns, since fewer leave the multiply-add units idle (6-128-128-12 without tangents:
//     forward 80, 90, 91% and training 63, 84, 87% for T 1, 2, 4);
//   - what is done element by element between the products wants the tile in the L2 cache, so 128 KB;
//   - 16 vectors of 64 bytes are a plane of 1 KB, whose lines compete for a quarter of the L1 cache's sets;
//     12 is the limit;
//   - a small tile wastes fewer lanes when the rows of an ODE finish one by one.
// That gives 4 and 2 (2-64-64-64-2, forward and reverse), 6 and 3 (6-60-60-60-6), 2 and 2 (43-860-860-43).
inline int32_t tileVectors(size_t bytesPerVector, int32_t columns) {
  constexpr int32_t fewestColumns = 4, limit = 12;
  constexpr size_t cache = 128 * 1024;
  const int32_t least = columns < 1 ? fewestColumns : (fewestColumns + columns - 1) / columns;
  const size_t fitting = bytesPerVector > 0 ? cache / bytesPerVector : limit;
  int32_t vectors = fitting < size_t(limit) ? int32_t(fitting) : limit;
  // A multiple of `whole` leaves no group of columns smaller than the others.
  int32_t whole = 1;
  while (columns > 0 && whole * columns % maxColumns != 0) whole++;
  if (vectors > whole) vectors -= vectors % whole;
  return vectors < least ? least : vectors;
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
