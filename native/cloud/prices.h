// Prices from which augmenting paths have little left to do, and bounds of an assignment that they prove on the way.
//
// Whatever the prices are, the shortest augmenting paths of assignment.h make an optimal assignment of them. (From zero
// prices, those need 20 times as long for clouds of 2048 points.) What is far from optimal is mended where it costs
// little: the first prices are those of an auction of the means of cells, carried over to the points.
#pragma once

#include "auction.h"
#include "cells.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

struct StartPrices {
  float *x, *y, *xPlanes, *yPlanes;  // both clouds, shifted and scaled to the unit cube
  float *prices, *least, *others;
  float *rows, *columns, *planes, *cellPrices;  // the means of cells
  int32_t *columnOf, *rowOf, *list;
  Candidates* candidates;

  template <class Take> void divide(ptrdiff_t n, ptrdiff_t dim, const Take& take) {
    const ptrdiff_t stride = paddedPoints(n), cells = paddedPoints(cellCount(n));
    float** const points[] = {&x, &y, &xPlanes, &yPlanes};
    for (float** array : points) take(*array, stride * dim);
    float** const numbers[] = {&prices, &least, &others};
    for (float** array : numbers) take(*array, stride);
    float** const means[] = {&rows, &columns, &planes};
    for (float** array : means) take(*array, cells * dim);
    take(cellPrices, cells);
    int32_t** const places[] = {&columnOf, &rowOf, &list};
    for (int32_t** array : places) take(*array, stride);
    take(candidates, n);
  }
};

namespace prices {

// The increments of round i are the largest cost times `firstIncrement` times `shrink`^i.
inline constexpr float firstIncrement = 0.25f, shrink = 0.2f;
inline constexpr int rounds = 9;
// Rounds of the cells, and the first round of the points after these.
inline constexpr int cellRounds = 5, firstAfterCells = 2;
// With fewer cells than this, points begin with the first round.
inline constexpr ptrdiff_t fewestCells = 8;
// From this round on, prices change so little that candidates last.
inline constexpr int firstWithCandidates = 3;
// After rounds before this one, bounds say little.
inline constexpr int firstWithBound = 2;
// Below this, squares of distances get lost, and what is computed may be far below the truth that bounds are about.
inline constexpr double leastWidth = 1e-140;

inline float increment(float largest, int round) {
  float result = largest * firstIncrement;
  for (int i = 0; i < round; i++) result *= shrink;
  return result;
}

// How wide the box of both clouds is along its widest axis. Fills their points and planes with that as a unit.
inline double scale(const Points& x, const Points& y, double* shift, const StartPrices& s) {
  const ptrdiff_t n = x.count, dim = x.dim;
  double widest = 0;
  for (ptrdiff_t k = 0; k < dim; k++) {
    double low = x.data[k], high = low;
    for (ptrdiff_t i = 0; i < 2 * n; i++) {
      const double value = i < n ? x.data[i * dim + k] : y.data[(i - n) * dim + k];
      low = value < low ? value : low;
      high = value > high ? value : high;
    }
    shift[k] = low;
    widest = high - low > widest ? high - low : widest;
  }
  const double factor = 1 / widest;
  for (ptrdiff_t i = 0; i < n * dim; i++) {
    s.x[i] = float((x.data[i] - shift[i % dim]) * factor);
    s.y[i] = float((y.data[i] - shift[i % dim]) * factor);
  }
  fillPlanes<float>(x, shift, factor, s.xPlanes);
  fillPlanes<float>(y, shift, factor, s.yPlanes);
  return widest;
}

// The prices of an auction of cells: what a column costs is a function of its place that changes by no more than the way,
// so that it has a meaning everywhere.
template <int dim> void carryOver(const Costs& costs, float largest, const StartPrices& s, const int32_t* cancelled) {
  const ptrdiff_t cells = cellCount(costs.n), d = costs.dim, stride = paddedPoints(cells);
  cellCenters(s.x, costs.n, d, s.list, s.rows);
  cellCenters(s.y, costs.n, d, s.list, s.columns);
  for (ptrdiff_t i = 0; i < stride * d; i++) {
    const ptrdiff_t cell = i % stride < cells ? i % stride : cells - 1;
    s.planes[i] = s.columns[cell * d + i / stride];
  }
  const Auction auction{{s.rows, s.planes, s.cellPrices, cells, d}, s.columnOf, s.rowOf, s.list, nullptr, cancelled};
  for (ptrdiff_t j = 0; j < cells; j++) s.cellPrices[j] = 0;
  closePrices(auction.costs);
  for (int i = 0; i < cellRounds; i++) {
    if (!auctionRound<dim>(auction, increment(largest, i))) break;
  }
  for (ptrdiff_t j = 0; j < costs.n; j++) costs.prices[j] = -bestOf<dim>(auction.costs, s.y + j * d).least;
}

// Finds prices, or a bound above `limit`, which is not negative; it gives the bound, or 0.
template <int dim> double find(const Auction& a, double limit, const StartPrices& s) {
  const Costs& costs = a.costs;
  const float largest = float(__builtin_sqrt(double(costs.dim)));
  const bool isLimited = limit < double(largest), byCells = cellCount(costs.n) >= fewestCells;
  for (ptrdiff_t j = 0; j < costs.n; j++) costs.prices[j] = 0;
  closePrices(costs);
  if (byCells) carryOver<dim>(costs, largest, s, a.cancelled);
  if (byCells && isLimited) {
    double bound = meanBound<dim>(costs, s.least);
    if (bound > limit) return bound;
    // The least that rows pay are prices of rows: with these, columns pay at least what their own prices were.
    const Costs reversed{s.y, s.xPlanes, s.least, costs.n, costs.dim};
    closePrices(reversed);
    bound = meanBound<dim>(reversed, s.others);
    if (bound > limit) return bound;
  }
  Auction plain = a;
  plain.candidates = nullptr;
  forgetCandidates(a);
  for (int i = byCells ? firstAfterCells : 0; i < rounds; i++) {
    if (!auctionRound<dim>(i < firstWithCandidates ? plain : a, increment(largest, i))) return 0;
    if (!isLimited || i < firstWithBound) continue;
    const double bound = meanBound<dim>(costs, s.least);
    if (bound > limit) return bound;
  }
  return 0;
}

}  // namespace prices

// Fills `found` with prices of the points of y, zero where all points are one. Where it is certain that no assignment of x to
// y has a mean cost up to `limit`, it gives a number between the limit and all mean costs instead; else 0. shift: room for dim
// numbers.
inline double startPrices(const Points& x, const Points& y, double limit, const StartPrices& s, double* shift,
                          const int32_t* cancelled, double* found) {
  const ptrdiff_t n = x.count, dim = x.dim;
  for (ptrdiff_t j = 0; j < paddedPoints(n); j++) found[j] = 0;
  const double widest = prices::scale(x, y, shift, s);
  // Distances near the smallest numbers have no reciprocal.
  if (n < 2 || !(1 / widest < __builtin_inf())) return 0;
  const Auction auction{{s.x, s.yPlanes, s.prices, n, dim}, s.columnOf, s.rowOf, s.list, s.candidates, cancelled};
  // A little more than the limit, so that no rounding puts the bound below it.
  const double share = widest > prices::leastWidth ? (limit > 0 ? limit : 0) / widest * (1 + 0x1p-48) : __builtin_inf();
  const double bound = withDim(dim, [&]<int fixed>() { return prices::find<fixed>(auction, share, s); });
  if (bound > 0) return bound * widest;
  for (ptrdiff_t j = 0; j < n; j++) found[j] = double(s.prices[j]) * widest;
  return 0;
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
