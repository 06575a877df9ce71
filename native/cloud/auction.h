// Prices for an assignment of points to points that costs as little as can be, by an auction in single precision.
//
// Bertsekas, "The auction algorithm: a distributed relaxation method for the assignment problem", Annals of Operations
// Research 14, 1988, with the increment scaled down from round to round. Rows bid for columns, one at a time: a row takes
// the column that is cheapest after its price, and lowers that column's price (a price is taken off the cost, so it falls)
// by the advantage over the second best and the increment.
#pragma once

#include "points.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// What rows pay for columns: distances of points, less a price for each column. There are two columns at least.
struct Costs {
  const float* rows;    // row-major
  const float* planes;  // of the columns, in planes
  float* prices;        // of the columns, and `noPrice` behind the last
  ptrdiff_t n, dim;     // n columns

  const float* row(ptrdiff_t i) const { return rows + i * dim; }
};

// Of places that are no column: what nobody can afford, and yet a number to calculate with.
inline constexpr float noPrice = -1e30f;

inline void closePrices(const Costs& costs) {
  for (ptrdiff_t j = costs.n; j < paddedPoints(costs.n); j++) costs.prices[j] = noPrice;
}

struct Best {
  float least, second;
  int32_t column;
};

// The best of all lanes, where each lane has its least two.
LIOUVILLE_INLINE Best bestOf(F32 least, F32 second, I32 columns) {
  Best best{__builtin_inff(), __builtin_inff(), 0};
  for (int lane = 0; lane < lanes<F32>; lane++) {
    if (least[lane] < best.least) {
      best.second = best.least < second[lane] ? best.least : second[lane];
      best.least = least[lane];
      best.column = columns[lane];
    } else if (least[lane] < best.second) {
      best.second = least[lane];
    }
  }
  return best;
}

template <int dim> [[gnu::noinline]] Best bestOf(const Costs& c, const float* x) {
  const ptrdiff_t stride = paddedPoints(c.n);
  const F32 infinity = set1<F32>(__builtin_inff());
  F32 least = infinity, second = infinity;
  I32 columns{}, here = (I32)iota<I32>();
  for (ptrdiff_t j = 0; j < stride; j += lanes<F32>) {
    const F32 cost = sqrt(squaredDistance<F32, dim>(x, c.planes + j, stride, c.dim)) - loadAligned<F32>(c.prices + j);
    columns = cost < least ? here : columns;
    second = min(second, max(least, cost));
    least = min(least, cost);
    here += lanes<F32>;
  }
  return bestOf(least, second, columns);
}

// The columns that were the cheapest two of their lane when a row looked at all, and the least that any other costs. Prices only
// fall, so that no other gets cheaper than that: while two of the list are, they are the best two of all.
struct Candidates {
  static constexpr int count = 2 * lanes<F32>;

  alignas(64) float costs[count];
  alignas(64) int32_t columns[count];
  alignas(64) float others;

  Best best(const Costs& c) const {
    alignas(64) float prices[count];
    for (int k = 0; k < count; k++) prices[k] = c.prices[columns[k]];
    const F32 one = loadAligned<F32>(costs) - loadAligned<F32>(prices);
    const F32 other = loadAligned<F32>(costs + lanes<F32>) - loadAligned<F32>(prices + lanes<F32>);
    const I32 ofOne = loadAligned<I32>(columns), ofOther = loadAligned<I32>(columns + lanes<F32>);
    return bestOf(min(one, other), max(one, other), one < other ? ofOne : ofOther);
  }
};

template <int dim> [[gnu::noinline]] void findCandidates(const Costs& c, const float* x, Candidates& found) {
  const ptrdiff_t stride = paddedPoints(c.n);
  const F32 infinity = set1<F32>(__builtin_inff());
  F32 least = infinity, second = infinity, third = infinity;
  I32 column{}, secondColumn{}, here = (I32)iota<I32>();
  for (ptrdiff_t j = 0; j < stride; j += lanes<F32>) {
    const F32 cost = sqrt(squaredDistance<F32, dim>(x, c.planes + j, stride, c.dim)) - loadAligned<F32>(c.prices + j);
    const I32 isLeast = cost < least, isSecond = cost < second;
    third = min(third, max(second, cost));
    secondColumn = isLeast ? column : isSecond ? here : secondColumn;
    second = min(second, max(least, cost));
    column = isLeast ? here : column;
    least = min(least, cost);
    here += lanes<F32>;
  }
  storeAligned<I32>(found.columns, column);
  storeAligned<I32>(found.columns + lanes<F32>, secondColumn);
  storeAligned<F32>(found.costs, least);
  storeAligned<F32>(found.costs + lanes<F32>, second);
  for (int k = 0; k < Candidates::count; k++) found.costs[k] += c.prices[found.columns[k]];
  found.others = third[0];
  for (int lane = 1; lane < lanes<F32>; lane++) found.others = third[lane] < found.others ? third[lane] : found.others;
}

// Who has what, while rows bid. As many rows as columns.
struct Auction {
  Costs costs;
  int32_t* columnOf;       // by row
  int32_t* rowOf;          // by column
  int32_t* waiting;        // rows without a column, as a stack
  Candidates* candidates;  // by row; null where rows always look at all columns
  const int32_t* cancelled;
};

namespace auction {

// The bids of a round, a row: what needs more is left to the augmenting paths. Rounds take 2 to 10 mostly.
inline constexpr ptrdiff_t mostBids = 200;

template <int dim> Best bestOf(const Auction& a, int32_t row) {
  if (a.candidates == nullptr) return liouville::LIOUVILLE_ISA_NAMESPACE::bestOf<dim>(a.costs, a.costs.row(row));
  Candidates& candidates = a.candidates[row];
  const Best best = candidates.best(a.costs);
  if (best.second <= candidates.others) return best;
  findCandidates<dim>(a.costs, a.costs.row(row), candidates);
  return candidates.best(a.costs);
}

}  // namespace auction

// No row knows any candidates.
inline void forgetCandidates(const Auction& a) {
  for (ptrdiff_t i = 0; i < a.costs.n; i++) {
    for (int k = 0; k < Candidates::count; k++) a.candidates[i].columns[k] = 0;
    a.candidates[i].others = -__builtin_inff();
  }
}

// Whether every row got a column within the bids that a round has.
template <int dim> bool auctionRound(const Auction& a, float increment) {
  const ptrdiff_t n = a.costs.n;
  for (ptrdiff_t i = 0; i < n; i++) {
    a.columnOf[i] = a.rowOf[i] = -1;
    a.waiting[i] = int32_t(n - 1 - i);
  }
  ptrdiff_t count = n;
  for (ptrdiff_t bids = 0; count > 0; bids++) {
    if (bids >= auction::mostBids * n || __atomic_load_n(a.cancelled, __ATOMIC_RELAXED) != 0) return false;
    const int32_t row = a.waiting[--count];
    const Best best = auction::bestOf<dim>(a, row);
    a.costs.prices[best.column] -= best.second - best.least + increment;
    const int32_t loser = a.rowOf[best.column];
    a.rowOf[best.column] = row;
    a.columnOf[row] = best.column;
    if (loser >= 0) a.waiting[count++] = loser;
  }
  return true;
}

// No assignment of n rows to the n columns has a smaller mean cost than this, by the prices (weak duality), however good these
// are. `least`: for each row the least cost after prices.
//
// Points lie in the unit cube, up to a rounding that moves each by sqrt(dim) / 2^24 at most; distances, of at most
// sqrt(dim), are rounded dim / 2 + 2 times, and once more with the price taken off. What is taken off the bound is four
// times that.
template <int dim> double meanBound(const Costs& c, float* least) {
  double sum = 0, largest = 0;
  for (ptrdiff_t j = 0; j < c.n; j++) {
    const double price = double(c.prices[j]);
    sum += price;
    largest = price > largest ? price : -price > largest ? -price : largest;
  }
  for (ptrdiff_t i = 0; i < c.n; i++) {
    least[i] = bestOf<dim>(c, c.row(i)).least;
    sum += double(least[i]);
  }
  return sum / double(c.n) - (__builtin_sqrt(double(c.dim)) + largest) * double(c.dim + 8) * 0x1p-22;
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
