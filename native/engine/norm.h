// Norms of lanes, and powers: what step-size control computes with (src/ode/error-norm.ts).
#pragma once

#include "functions.h"
#include "planes.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

template <class V> LIOUVILLE_INLINE auto isFinite(V x) { return abs(x) < set1<V>(Scalar<V>(__builtin_inf())); }

// x^p for x > 0, for `count` numbers.
inline void power(double* to, const double* x, double p, int32_t count) {
  constexpr int W = lanes<F64>;
  for (int32_t i = 0; i < count; i += W) {
    double values[W] = {};
    const int some = count - i < W ? count - i : W;
    for (int lane = 0; lane < some; lane++) values[lane] = x[i + lane];
    store<F64>(values, exp(set1<F64>(p) * log(load<F64>(values))));
    for (int lane = 0; lane < some; lane++) to[i + lane] = values[lane];
  }
}

inline double power(double x, double p) {
  power(&x, &x, p, 1);
  return x;
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
    const V root = sqrt(sum / set1<V>(S(n)));
    for (int l = 0; l < lanes<V>; l++) norm[lane + l] = double(root[l]);
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
