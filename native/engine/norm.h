// Norms of lanes, and powers: what step-size control computes with (src/ode/tolerance.ts).
#pragma once

#include "functions.h"
#include "planes.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

template <class V> LIOUVILLE_INLINE auto isFinite(V x) { return abs(x) < set1<V>(Scalar<V>(__builtin_inf())); }

// x^p for x > 0.
LIOUVILLE_INLINE F64 power(F64 x, double p) { return exp(set1<F64>(p) * log(x)); }

// Calls body(offset) for every vector of doubles of `count` lanes.
template <class Body> LIOUVILLE_INLINE void overDoubles(int32_t count, Body body) {
  for (ptrdiff_t at = 0; at < count; at += lanes<F64>) body(at);
}

// f(offset), in doubles, for the lanes of a vector of S that begin at `lane`.
template <class S, class F> LIOUVILLE_INLINE Vec<S> narrowed(ptrdiff_t lane, F f) {
  if constexpr (sizeof(S) == sizeof(double)) return f(lane);
  else return narrow({f(lane), f(lane + lanes<F64>)});
}

template <class S> LIOUVILLE_INLINE Vec<S> loadNarrowed(const double* from, ptrdiff_t lane) {
  return narrowed<S>(lane, [=](ptrdiff_t at) LIOUVILLE_INLINE_BODY { return loadAligned<F64>(from + at); });
}

LIOUVILLE_INLINE void storeWidened(double* to, F64 value) { storeAligned<F64>(to, value); }
LIOUVILLE_INLINE void storeWidened(double* to, F32 value) {
  const WideF32 wide = widen(value);
  storeAligned<F64>(to, wide.low);
  storeAligned<F64>(to + lanes<F64>, wide.high);
}

struct Tolerance {
  double rtol, atol;
};

// For each lane sqrt(mean over i of (v_i / (atol + rtol |y_i|))^2), summed by increasing i.
template <class S>
inline void scaledNorm(double* norm, const S* v, const S* y, int32_t n, Tolerance tolerance, Tile tile) {
  using V = Vec<S>;
  const ptrdiff_t stride = planeStride<S>(tile);
  const V rtol = set1<V>(S(tolerance.rtol)), atol = set1<V>(S(tolerance.atol));
  overPlanes<S>(1, tile, [&](ptrdiff_t lane) {
    V sum = zero<V>();
    for (int32_t i = 0; i < n; i++) {
      const V ratio = loadAligned<V>(v + i * stride + lane) / (atol + rtol * abs(loadAligned<V>(y + i * stride + lane)));
      sum += ratio * ratio;
    }
    storeWidened(norm + lane, sqrt(sum / set1<V>(S(n))));
  });
}

// For each lane: are all of its n entries finite?
template <class S> inline void finiteLanes(bool* finite, const S* v, int32_t n, Tile tile) {
  using V = Vec<S>;
  const ptrdiff_t stride = planeStride<S>(tile);
  overPlanes<S>(1, tile, [&](ptrdiff_t lane) {
    auto good = isFinite(loadAligned<V>(v + lane));
    for (int32_t i = 1; i < n; i++) good &= isFinite(loadAligned<V>(v + i * stride + lane));
    for (int l = 0; l < lanes<V>; l++) finite[lane + l] = good[l] != 0;
  });
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
