// The earth mover's distance of two clouds of n points: the cheapest one-to-one assignment, exact in double, by shortest
// augmenting paths (Jonker and Volgenant, Computing 38, 1987) that begin with the prices of auctions. Costs are computed
// where they are needed: a matrix of them would not fit into the caches.
#pragma once

#include "prices.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

namespace assignment {

struct Space {
  double *planes, *prices, *distance, *shift;
  int64_t *before, *settled;  // settled: all bits of a column that a path has passed, and of places behind the last
  int32_t *columnOf, *rowOf, *list, *passed;
  StartPrices start;

  // Divides `at`, or counts bytes where it is null.
  size_t divide(ptrdiff_t n, ptrdiff_t dim, char* at) {
    const ptrdiff_t stride = paddedPoints(n);
    size_t used = 0;
    const auto take = [&](auto*& array, ptrdiff_t count) {
      array = reinterpret_cast<decltype(+array)>(at + used);
      used += (size_t(count) * sizeof(*array) + 63) / 64 * 64;
    };
    take(planes, stride * dim);
    take(prices, stride);
    take(distance, stride);
    take(shift, dim);
    take(before, stride);
    take(settled, stride);
    take(columnOf, stride);
    take(rowOf, stride);
    take(list, stride);
    take(passed, stride);
    start.divide(n, dim, take);
    return used;
  }
};

struct Nearest {
  double distance;
  int32_t column;
};

// Takes the paths through `row` into account, which get to it after `length`, and finds the nearest column that no
// path has passed. Where `first`, the row is where paths begin.
template <int dim, bool first>
[[gnu::noinline]] Nearest relax(const Space& s, const double* x, int64_t row, double length, ptrdiff_t stride,
                                ptrdiff_t runtimeDim) {
  F64 least = set1<F64>(__builtin_inf());
  I64 columns{}, here = (I64)iota<I64>();
  for (ptrdiff_t j = 0; j < stride; j += lanes<F64>) {
    const F64 cost = sqrt(squaredDistance<F64, dim>(x, s.planes + j, stride, runtimeDim));
    const F64 through = cost - loadAligned<F64>(s.prices + j) + length;
    const I64 settled = loadAligned<I64>((const Scalar<I64>*)s.settled + j);
    F64 distance = through;
    if constexpr (!first) {
      const F64 known = loadAligned<F64>(s.distance + j);
      const I64 better = (through < known) & ~settled;
      distance = better ? through : known;
      const I64 before = loadAligned<I64>((const Scalar<I64>*)s.before + j);
      storeAligned<I64>((Scalar<I64>*)s.before + j, better ? set1<I64>(row) : before);
    }
    storeAligned<F64>(s.distance + j, distance);
    const I64 nearer = (distance < least) & ~settled;
    least = nearer ? distance : least;
    columns = nearer ? here : columns;
    here += lanes<F64>;
  }
  Nearest nearest{least[0], int32_t(columns[0])};
  for (int lane = 1; lane < lanes<F64>; lane++) {
    if (least[lane] < nearest.distance) nearest = {least[lane], int32_t(columns[lane])};
  }
  return nearest;
}

inline double costOf(const Points& x, ptrdiff_t i, const Points& y, ptrdiff_t j) {
  double sum = 0;
  for (ptrdiff_t k = 0; k < x.dim; k++) {
    const double difference = x.data[i * x.dim + k] - y.data[j * x.dim + k];
    sum += difference * difference;
  }
  return __builtin_sqrt(sum);
}

// One path: from the row that enters to a column that is free. Prices change so that costs less prices stay least along
// the assignment.
template <int dim> void augment(const Points& x, const Space& s, int32_t entering) {
  const ptrdiff_t stride = paddedPoints(x.count);
  for (ptrdiff_t j = 0; j < x.count; j++) s.before[j] = entering;
  Nearest nearest = relax<dim, true>(s, x.data + entering * x.dim, entering, 0, stride, x.dim);
  ptrdiff_t count = 0;
  while (s.rowOf[nearest.column] >= 0) {
    const int32_t row = s.rowOf[nearest.column];
    s.settled[nearest.column] = -1;
    s.passed[count++] = nearest.column;
    double edge = 0;
    for (ptrdiff_t k = 0; k < x.dim; k++) {
      const double difference = x.data[row * x.dim + k] - s.planes[k * stride + nearest.column];
      edge += difference * difference;
    }
    const double length = nearest.distance - (__builtin_sqrt(edge) - s.prices[nearest.column]);
    nearest = relax<dim, false>(s, x.data + row * x.dim, row, length, stride, x.dim);
  }
  for (ptrdiff_t i = 0; i < count; i++) {
    const int32_t column = s.passed[i];
    s.settled[column] = 0;
    s.prices[column] += s.distance[column] - nearest.distance;
  }
  for (int32_t column = nearest.column, row = -1; row != entering;) {
    row = int32_t(s.before[column]);
    s.rowOf[column] = row;
    const int32_t next = s.columnOf[row];
    s.columnOf[row] = column;
    column = next;
  }
}

template <int dim> void solve(const Points& x, const Space& s, const int32_t* cancelled) {
  const ptrdiff_t n = x.count, stride = paddedPoints(n);
  for (ptrdiff_t j = 0; j < stride; j++) {
    s.settled[j] = j < n ? 0 : -1;
    s.rowOf[j] = s.columnOf[j] = -1;
  }
  // Rows take the column that is cheapest at these prices, if nobody has it.
  ptrdiff_t count = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    const Nearest nearest = relax<dim, true>(s, x.data + i * x.dim, i, 0, stride, x.dim);
    if (s.rowOf[nearest.column] < 0) {
      s.rowOf[nearest.column] = int32_t(i);
      s.columnOf[i] = nearest.column;
    } else {
      s.list[count++] = int32_t(i);
    }
  }
  for (ptrdiff_t i = 0; i < count; i++) {
    if (__atomic_load_n(cancelled, __ATOMIC_RELAXED) != 0) return;
    augment<dim>(x, s, s.list[i]);
  }
}

template <int dim> double lowerBound(const Points& x, const Space& s) {
  const ptrdiff_t stride = paddedPoints(x.count);
  double bound = 0;
  for (ptrdiff_t j = 0; j < x.count; j++) bound += s.prices[j];
  for (ptrdiff_t i = 0; i < x.count; i++) bound += relax<dim, true>(s, x.data + i * x.dim, i, 0, stride, x.dim).distance;
  return bound;
}

}  // namespace assignment

// Bytes, aligned to 64.
inline size_t assignmentWorkspace(ptrdiff_t n, ptrdiff_t dim) {
  return assignment::Space{}.divide(n, dim, nullptr);
}

// result: the least mean distance of an assignment of x to y, which has as many points, and a lower bound from its
// prices. Where it is certain that the first will come out above `limit`: infinity, and a lower bound above the limit.
// Nothing that means anything where `cancelled` is set meanwhile.
inline void earthMoverDistance(const Points& x, const Points& y, double limit, void* workspace, const int32_t* cancelled,
                               double* result) {
  assignment::Space s;
  s.divide(x.count, x.dim, static_cast<char*>(workspace));
  fillPlanes<double>(y, nullptr, 1, s.planes);
  const double bound = startPrices(x, y, limit, s.start, s.shift, cancelled, s.prices);
  if (bound > 0) {
    result[0] = __builtin_inf();
    result[1] = bound;
    return;
  }
  withDim(x.dim, [&]<int dim>() { assignment::solve<dim>(x, s, cancelled); });
  if (__atomic_load_n(cancelled, __ATOMIC_RELAXED) != 0) return;
  double total = 0;
  for (ptrdiff_t i = 0; i < x.count; i++) total += assignment::costOf(x, i, y, s.columnOf[i]);
  result[0] = total / double(x.count);
  result[1] = withDim(x.dim, [&]<int dim>() { return assignment::lowerBound<dim>(x, s); }) / double(x.count);
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
