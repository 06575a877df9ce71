// The Chamfer distance of two clouds, every point against every other: the least squares of both directions come from
// one pass. The bits are those of src/engine/reference/cloud-distances.ts: least numbers do not depend on the order,
// and they are added up from the first point to the last.
#pragma once

#include "points.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Bytes, aligned to 64.
inline size_t chamferWorkspace(ptrdiff_t m, ptrdiff_t dim) {
  return size_t(paddedPoints(m) * (dim + 1)) * sizeof(double);
}

namespace chamfer {

// Rows of x that pass over y together.
inline constexpr int rowsAtOnce = 4;

// Least squares from `rows` points of x to y, and what they do to those from y.
template <int rows, int dim>
[[gnu::noinline]] void pass(const double* x, const double* planes, ptrdiff_t stride, ptrdiff_t runtimeDim, double* toY,
                            double* fromY) {
  F64 least[rows];
  for (int r = 0; r < rows; r++) least[r] = set1<F64>(__builtin_inf());
  for (ptrdiff_t j = 0; j < stride; j += lanes<F64>) {
    F64 back = loadAligned<F64>(fromY + j);
    for (int r = 0; r < rows; r++) {
      const F64 square = squaredDistance<F64, dim>(x + r * runtimeDim, planes + j, stride, runtimeDim);
      least[r] = min(least[r], square);
      back = min(back, square);
    }
    storeAligned<F64>(fromY + j, back);
  }
  for (int r = 0; r < rows; r++) {
    double smallest = least[r][0];
    for (int lane = 1; lane < lanes<F64>; lane++) smallest = least[r][lane] < smallest ? least[r][lane] : smallest;
    toY[r] = smallest;
  }
}

template <int dim> void distances(const Points& x, const Points& y, double* workspace, double* result) {
  const ptrdiff_t stride = paddedPoints(y.count);
  double *planes = workspace, *fromY = workspace + stride * y.dim;
  fillPlanes<double>(y, nullptr, 1, planes);
  for (ptrdiff_t j = 0; j < stride; j++) fromY[j] = __builtin_inf();
  double forward = 0, backward = 0;
  ptrdiff_t i = 0;
  for (; i + rowsAtOnce <= x.count; i += rowsAtOnce) {
    double toY[rowsAtOnce];
    pass<rowsAtOnce, dim>(x.data + i * x.dim, planes, stride, x.dim, toY, fromY);
    for (const double least : toY) forward += least;
  }
  for (; i < x.count; i++) {
    double toY[1];
    pass<1, dim>(x.data + i * x.dim, planes, stride, x.dim, toY, fromY);
    forward += toY[0];
  }
  for (ptrdiff_t j = 0; j < y.count; j++) backward += fromY[j];
  result[0] = forward / double(x.count);
  result[1] = backward / double(y.count);
}

}  // namespace chamfer

// result: the mean over x of the least squared distance to y, and the mean over y of that to x.
inline void chamferDistances(const Points& x, const Points& y, void* workspace, double* result) {
  withDim(x.dim, [&]<int dim>() { chamfer::distances<dim>(x, y, static_cast<double*>(workspace), result); });
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
