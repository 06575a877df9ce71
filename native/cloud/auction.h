// Prices for an assignment of points to points that costs as little as can be, by an auction in single precision.
//
// Bertsekas, "The auction algorithm: a distributed relaxation method for the assignment problem", Annals of Operations
// Research 14, 1988, with the increment scaled down from round to round. Rows bid for columns, one at a time: a row takes
// the column that is cheapest after its price, and lowers that column's price (a price is taken off the cost, so it falls)
// by the advantage over the second best and the increment. Whatever the prices are when this ends, the shortest
// augmenting paths of assignment.h make an optimal assignment of them; good prices leave these little to do. (From zero
// prices, those need 20 times as long for clouds of 2048 points.)
#pragma once

#include "points.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

struct Auction {
  const float* x;          // row-major, n x dim
  const float* planes;     // of the columns, in planes
  float* prices;           // of the columns; at the end what the auction has found
  int32_t* columnOf;       // by row
  int32_t* rowOf;          // by column
  int32_t* waiting;        // rows without a column, as a stack
  ptrdiff_t n, dim;
  const int32_t* cancelled;
};

namespace auction {

// The first increment is this part of the largest cost; it shrinks by `shrink` in each of the `rounds` rounds.
inline constexpr float firstIncrement = 0.25f, shrink = 0.2f;
inline constexpr int rounds = 7;
// After rounds before this one, bounds say little.
inline constexpr int boundsFrom = 2;
// The bids of a round, a row: what needs more is left to the augmenting paths. Rounds take 2 to 10 mostly.
inline constexpr ptrdiff_t mostBids = 200;

struct Best {
  float least, second;
  int32_t column;
};

template <int dim> [[gnu::noinline]] Best bestOf(const Auction& a, const float* x) {
  const ptrdiff_t stride = paddedPoints(a.n);
  const F32 infinity = set1<F32>(__builtin_inff());
  F32 least = infinity, second = infinity;
  I32 columns{}, here = (I32)iota<I32>();
  for (ptrdiff_t j = 0; j < stride; j += lanes<F32>) {
    const F32 cost = sqrt(squaredDistance<F32, dim>(x, a.planes + j, stride, a.dim)) - loadAligned<F32>(a.prices + j);
    columns = cost < least ? here : columns;
    second = min(second, max(least, cost));
    least = min(least, cost);
    here += lanes<F32>;
  }
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

// Whether every row got a column within the bids that a round has.
template <int dim> bool round(const Auction& a, float increment) {
  for (ptrdiff_t i = 0; i < a.n; i++) a.columnOf[i] = a.rowOf[i] = -1;
  ptrdiff_t count = a.n;
  for (ptrdiff_t i = 0; i < a.n; i++) a.waiting[i] = int32_t(a.n - 1 - i);
  for (ptrdiff_t bids = 0; count > 0; bids++) {
    if (bids >= mostBids * a.n || __atomic_load_n(a.cancelled, __ATOMIC_RELAXED) != 0) return false;
    const int32_t row = a.waiting[--count];
    const Best best = bestOf<dim>(a, a.x + row * a.dim);
    a.prices[best.column] -= best.second - best.least + increment;
    const int32_t loser = a.rowOf[best.column];
    a.rowOf[best.column] = row;
    a.columnOf[row] = best.column;
    if (loser >= 0) a.waiting[count++] = loser;
  }
  return true;
}

// No assignment has a smaller mean cost than this, by the prices of the columns (weak duality), however good they are. Points
// lie in the unit cube, up to a rounding that moves each by sqrt(dim) / 2^24 at most; distances, of at most sqrt(dim),
// are rounded dim / 2 + 2 times, and once more with the price taken off. What is taken off the bound is four times that.
template <int dim> double meanBound(const Auction& a) {
  double sum = 0;
  float largest = 0;
  for (ptrdiff_t j = 0; j < a.n; j++) {
    sum += double(a.prices[j]);
    largest = -a.prices[j] > largest ? -a.prices[j] : a.prices[j] > largest ? a.prices[j] : largest;
  }
  for (ptrdiff_t i = 0; i < a.n; i++) sum += double(bestOf<dim>(a, a.x + i * a.dim).least);
  const double span = __builtin_sqrt(double(a.dim)) + double(largest);
  return sum / double(a.n) - span * double(a.dim + 8) * 0x1p-22;
}

}  // namespace auction

// `largest`: a number that no cost exceeds by much. There are two columns at least. Ends early where no assignment has a mean
// cost below `limit`; gives the bound that says so, or 0.
inline double auctionPrices(const Auction& a, float largest, double limit) {
  const ptrdiff_t stride = paddedPoints(a.n);
  for (ptrdiff_t j = 0; j < stride; j++) a.prices[j] = j < a.n ? 0 : -__builtin_inff();
  float increment = largest * auction::firstIncrement;
  for (int i = 0; i < auction::rounds; i++, increment *= auction::shrink) {
    if (!withDim(a.dim, [&]<int dim>() { return auction::round<dim>(a, increment); })) return 0;
    if (i < auction::boundsFrom || !(limit < double(largest))) continue;
    const double bound = withDim(a.dim, [&]<int dim>() { return auction::meanBound<dim>(a); });
    if (bound > limit) return bound;
  }
  return 0;
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
