// From the sums of a few groups of rows to their total in double.
//
// Order of summation: the sums of a group go to double one by one, partial sums of lanes added by halves before;
// then neighbours among the groups are added, then neighbours among the results, an odd one going up as it is.
#pragma once

#include "gradient.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Rows of a matrix that are totalled together.
inline constexpr int32_t rowsOfTotal = 16;

namespace total {

// A vector of S in double.
template <class S> struct Wide {
  static constexpr int parts = int(sizeof(double) / sizeof(S));
  F64 part[parts];

  LIOUVILLE_INLINE explicit Wide(const S* from) {
    if constexpr (parts == 2) {
      const WideF32 both = widen(loadAligned<F32>(from));
      part[0] = both.low;
      part[1] = both.high;
    } else {
      part[0] = loadAligned<F64>(from);
    }
  }

  LIOUVILLE_INLINE Wide operator+(const Wide& other) const {
    Wide result = *this;
    for (int i = 0; i < parts; i++) result.part[i] += other.part[i];
    return result;
  }

  LIOUVILLE_INLINE void storeTo(double* to) const {
    for (int i = 0; i < parts; i++) store<F64>(to + i * lanes<F64>, part[i]);
  }
};

// The sum of get(first) ... get(first + count - 1): the larger half is the greatest power of two below count.
template <int count, class Get> LIOUVILLE_INLINE auto pairwise(Get get, int first = 0) {
  if constexpr (count == 1) {
    return get(first);
  } else {
    constexpr int half = count > 4 ? 4 : count > 2 ? 2 : 1;
    return pairwise<half>(get, first) + pairwise<count - half>(get, first + half);
  }
}

// Inputs in the lanes: row after row.
template <class S, int groups>
[[gnu::noinline]] void totalRows(const S* const* sums, int32_t inputs, int32_t first, int32_t last, double* to) {
  constexpr int32_t W = lanes<Vec<S>>;
  const ptrdiff_t stride = gradient::padded<S>(inputs);
  for (ptrdiff_t o = first; o < last; o++) {
    for (int32_t i = 0; i < inputs; i += W) {
      const auto all = pairwise<groups>([&](int g) LIOUVILLE_INLINE_BODY { return Wide<S>(sums[g] + o * stride + i); });
      double* at = to + o * inputs + i;
      if (inputs - i >= W) {
        all.storeTo(at);
      } else {
        double rest[W];
        all.storeTo(rest);
        for (int32_t lane = 0; lane < inputs - i; lane++) at[lane] = rest[lane];
      }
    }
  }
}

// Outputs in the lanes: the matrix is transposed on the way.
template <class S, int groups>
[[gnu::noinline]] void totalColumns(const S* const* sums, int32_t outputs, int32_t inputs, int32_t first,
                                    int32_t last, double* to) {
  constexpr int32_t W = lanes<Vec<S>>;
  const ptrdiff_t stride = gradient::padded<S>(outputs);
  for (int32_t o = first; o < last; o += W) {
    const int32_t rows = last - o < W ? last - o : W;
    for (ptrdiff_t i = 0; i < inputs; i++) {
      double column[W];
      pairwise<groups>([&](int g) LIOUVILLE_INLINE_BODY { return Wide<S>(sums[g] + i * stride + o); }).storeTo(column);
      for (int32_t row = 0; row < rows; row++) to[ptrdiff_t(o + row) * inputs + i] = column[row];
    }
  }
}

// Rows in the lanes: a vector of partial sums for each number.
template <class S, int groups>
[[gnu::noinline]] void totalNumbers(const S* const* sums, int64_t first, int64_t last, double* to) {
  using V = Vec<S>;
  for (int64_t i = first; i < last; i++) {
    to[i] = pairwise<groups>([&](int g) LIOUVILLE_INLINE_BODY { return double(sum(loadAligned<V>(sums[g] + i * lanes<V>))); });
  }
}

// Calls body(Constant<groups>{}), 1 <= groups <= 8.
template <class Body> inline void withGroups(int32_t groups, Body body) {
  switch (groups) {
    case 1: return body(Constant<1>{});
    case 2: return body(Constant<2>{});
    case 3: return body(Constant<3>{});
    case 4: return body(Constant<4>{});
    case 5: return body(Constant<5>{});
    case 6: return body(Constant<6>{});
    case 7: return body(Constant<7>{});
    default: return body(Constant<8>{});
  }
}

}  // namespace total

// Numbers first ... last - 1 of a value that has a partial sum for each lane.
template <class S>
inline void totalLanes(const S* const* sums, int32_t groups, int64_t first, int64_t last, double* to) {
  total::withGroups(groups, [&](auto n) { total::totalNumbers<S, n.value>(sums, first, last, to); });
}

// Rows first ... last - 1 of the gradient of a matrix [outputs, inputs], row-major; `first` is a multiple of
// rowsOfTotal.
template <class S>
inline void totalGradient(const S* const* sums, int32_t groups, int32_t outputs, int32_t inputs, int32_t first,
                          int32_t last, double* to) {
  using namespace gradient;
  total::withGroups(groups, [&](auto n) {
    switch (lanesHold<S>(outputs, inputs)) {
      case LanesHold::rows:
        return total::totalNumbers<S, n.value>(sums, int64_t(first) * inputs, int64_t(last) * inputs, to);
      case LanesHold::inputs: return total::totalRows<S, n.value>(sums, inputs, first, last, to);
      case LanesHold::outputs: return total::totalColumns<S, n.value>(sums, outputs, inputs, first, last, to);
    }
  });
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
