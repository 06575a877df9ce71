// Where a matrix may have numbers other than zero: what plans tell kernels, which skip the rest. No functions here: the
// header is shared by units of every instruction set.
#pragma once

#include <stdint.h>

namespace liouville {

// Entries first ... last - 1; none where both are equal.
struct Span {
  int32_t first, last;
};

// Rows (or columns) of a matrix that have a span in common.
inline constexpr int32_t spanRows = 4;

// Columns (or rows) of a slab: products go slab by slab.
inline constexpr int32_t spanDepth = 64;

// Of a matrix [k, n]: for each `spanRows` rows, the columns outside of which all of them are zero, and the other way
// round. In `rowSlabs` the same for each slab of columns by itself, all spans of a slab before those of the next one:
// weights of several kinds of outputs side by side have zeros between them. Null: nothing is known.
struct Spans {
  const Span* rows = nullptr;
  const Span* columns = nullptr;
  const Span* rowSlabs = nullptr;
  const Span* columnSlabs = nullptr;
};

}  // namespace liouville
