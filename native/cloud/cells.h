// A cloud in cells of points that lie close together, halved along the widest axis again and again, as in a k-d tree.
#pragma once

#include "points.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

namespace cells {

// The points of a cell; the last one of a cloud may have fewer.
inline constexpr ptrdiff_t size = 8;

// Moves the smallest along `axis` of order[first ... end - 1] before `middle`, and the others behind (Hoare's select).
inline void select(const float* x, ptrdiff_t dim, ptrdiff_t axis, int32_t* order, ptrdiff_t first, ptrdiff_t middle,
                   ptrdiff_t end) {
  const auto at = [&](ptrdiff_t i) { return x[order[i] * dim + axis]; };
  ptrdiff_t low = first, high = end - 1;
  while (low < high) {
    const float pivot = at(low + (high - low) / 2);
    ptrdiff_t i = low, j = high;
    while (i <= j) {
      while (at(i) < pivot) i++;
      while (pivot < at(j)) j--;
      if (i > j) break;
      const int32_t other = order[i];
      order[i++] = order[j];
      order[j--] = other;
    }
    if (middle > j && middle < i) return;
    if (middle <= j) high = j;
    else low = i;
  }
}

inline void sort(const float* x, ptrdiff_t dim, int32_t* order, ptrdiff_t first, ptrdiff_t end) {
  const ptrdiff_t count = (end - first + size - 1) / size;
  if (count < 2) return;
  ptrdiff_t widest = 0;
  float extent = -1;
  for (ptrdiff_t k = 0; k < dim; k++) {
    float low = x[order[first] * dim + k], high = low;
    for (ptrdiff_t i = first; i < end; i++) {
      const float value = x[order[i] * dim + k];
      low = value < low ? value : low;
      high = value > high ? value : high;
    }
    if (high - low > extent) {
      extent = high - low;
      widest = k;
    }
  }
  const ptrdiff_t middle = first + (count + 1) / 2 * size;
  select(x, dim, widest, order, first, middle, end);
  sort(x, dim, order, first, middle);
  sort(x, dim, order, middle, end);
}

}  // namespace cells

inline ptrdiff_t cellCount(ptrdiff_t n) { return (n + cells::size - 1) / cells::size; }

// The mean of each cell, row-major. x: n x dim, finite. order: room for n numbers.
inline void cellCenters(const float* x, ptrdiff_t n, ptrdiff_t dim, int32_t* order, float* centers) {
  for (ptrdiff_t i = 0; i < n; i++) order[i] = int32_t(i);
  cells::sort(x, dim, order, 0, n);
  for (ptrdiff_t c = 0; c < cellCount(n); c++) {
    const ptrdiff_t first = c * cells::size, end = first + cells::size < n ? first + cells::size : n;
    for (ptrdiff_t k = 0; k < dim; k++) {
      float sum = 0;
      for (ptrdiff_t i = first; i < end; i++) sum += x[order[i] * dim + k];
      centers[c * dim + k] = sum / float(end - first);
    }
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
