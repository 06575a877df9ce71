// The inverse of a square matrix and the logarithm of its determinant.
#pragma once

#include "../math/math.h"
#include "plan.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Gauss-Jordan elimination with row pivoting, in place: the matrix in columns 0 to n - 1 becomes its inverse,
// column n becomes log|det| / n. Entry (j, i) lies at `at[(j * (n + 1) + i) * stride]`.
template <class S> inline void invertInPlace(S* at, int32_t n, ptrdiff_t stride) {
  const auto magnitude = [](S x) { return x < 0 ? -x : x; };
  const ptrdiff_t rowStride = ptrdiff_t(n + 1) * stride;
  const auto swapEntries = [&](S* a, ptrdiff_t stepA, S* b) {
    for (int32_t i = 0; i < n; i++, a += stepA, b += stepA) {
      const S kept = *a;
      *a = *b;
      *b = kept;
    }
  };
  int32_t pivots[mostInverseRows];
  S logDet = 0;
  for (int32_t p = 0; p < n; p++) {
    int32_t best = p;
    for (int32_t j = p + 1; j < n; j++) {
      if (magnitude(at[j * rowStride + p * stride]) > magnitude(at[best * rowStride + p * stride])) best = j;
    }
    pivots[p] = best;
    S* row = at + p * rowStride;
    if (best != p) swapEntries(row, stride, at + best * rowStride);
    const S pivot = row[p * stride];
    logDet += log(set1<Vec<S>>(magnitude(pivot)))[0];
    row[p * stride] = 1;
    for (int32_t i = 0; i < n; i++) row[i * stride] = row[i * stride] / pivot;
    for (int32_t j = 0; j < n; j++) {
      if (j == p) continue;
      S* other = at + j * rowStride;
      const S factor = other[p * stride];
      other[p * stride] = 0;
      for (int32_t i = 0; i < n; i++) other[i * stride] = other[i * stride] - factor * row[i * stride];
    }
  }
  for (int32_t p = n - 1; p >= 0; p--) {
    if (pivots[p] != p) swapEntries(at + p * stride, rowStride, at + pivots[p] * stride);
  }
  for (int32_t j = 0; j < n; j++) at[j * rowStride + n * stride] = logDet / S(n);
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
