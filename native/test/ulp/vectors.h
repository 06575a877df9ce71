// Checks what native/simd promises of its vector types, lane by lane against plain numbers.
#pragma once

#include "../../simd/vec.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {
namespace {

// Bits as well as values, so that the sign of zero counts; any NaN is like any other.
template <class S> bool sameNumber(S a, S b) {
  return (a != a && b != b) || (a == b && __builtin_signbit(a) == __builtin_signbit(b));
}

template <class V> bool everywhere(V v, Scalar<V> wanted) {
  for (int lane = 0; lane < lanes<V>; lane++) {
    if (!sameNumber(v[lane], wanted)) return false;
  }
  return true;
}

template <class V> const char* checkUnary() {
  using S = Scalar<V>;
  const S big = sizeof(S) == 4 ? S(0x1p23) : S(0x1p52);
  const S inf = S(__builtin_inf()), nan = S(__builtin_nan(""));
  const S numbers[] = {0, S(-0.0), S(0.5), S(-0.5), S(1.5), S(2.5), S(-2.5), S(0.49999997), S(1e-30), S(-1e-30), S(7),
                       S(-7.25), big - S(0.5), -big + S(0.5), big + 1, -big * 4, inf, -inf, nan};
  for (S x : numbers) {
    const V v = set1<V>(x);
    if (!everywhere(v, x)) return "set1";
    if (!everywhere(round(v), S(__builtin_nearbyint(double(x))))) return "round";
    if (!everywhere(floor(v), S(__builtin_floor(double(x))))) return "floor";
    if (!everywhere(abs(v), S(__builtin_fabs(double(x))))) return "abs";
    if (!everywhere(copysign(set1<V>(3), v), S(__builtin_copysign(3.0, double(x))))) return "copysign";
    if (x >= 0 && !everywhere(sqrt(v), S(__builtin_sqrt(double(x))))) return "sqrt";
    if (all(isNan(v)) != (x != x) || any(isNan(v)) != (x != x)) return "isNan";
    for (S y : numbers) {
      const V w = set1<V>(y);
      if (!everywhere(min(v, w), x < y ? x : y) && !(x == 0 && y == 0)) return "min";
      if (!everywhere(max(v, w), x > y ? x : y) && !(x == 0 && y == 0)) return "max";
      if (!everywhere(select(v < w, v, w), x < y ? x : y)) return "select";
    }
  }
  // (1 + u)^2 - (1 + 2u) is u^2 when fused, and 0 when not.
  const S u = sizeof(S) == 4 ? S(0x1p-20) : S(0x1p-40);
  const V one = set1<V>(1 + u);
  if (!everywhere(fma(one, one, set1<V>(-1 - 2 * u)), hasFma ? u * u : S(0))) return "fma";
  if (!everywhere(nfma(one, one, set1<V>(1 + 2 * u)), hasFma ? -u * u : S(0))) return "nfma";
  return nullptr;
}

template <class V> const char* checkLanes() {
  using S = Scalar<V>;
  constexpr int count = lanes<V>;
  alignas(64) S memory[2 * count + 1];
  for (int i = 0; i < 2 * count + 1; i++) memory[i] = S(i);
  if (!all(load<V>(memory + 1) == iota<V>() + S(1)) || !all(loadAligned<V>(memory) == iota<V>())) return "load";
  store(memory + 1, set1<V>(9));
  storeAligned(memory + count, set1<V>(8));
  if (memory[0] != 0 || memory[1] != 9 || memory[count] != 8 || memory[2 * count] != S(2 * count)) return "store";
  for (int lane = 0; lane < count; lane++) {
    if (laneBits(iota<V>() == S(lane)) != 1u << lane) return "laneBits";
  }
  if (sum(iota<V>()) != S(count * (count - 1) / 2)) return "sum";
  // In halves: the large numbers meet each other first, and 1 survives.
  V v = zero<V>();
  const S large = sizeof(S) == 4 ? S(0x1p30) : S(0x1p60);
  v[0] = large;
  v[count / 2] = -large;
  v[count - 1] += 1;
  if (count > 2 && sum(v) != 1) return "the order of sum";
  return nullptr;
}

const char* checkWidening() {
  const F32 v = iota<F32>() * 0.1f;
  const WideF32 wide = widen(v);
  for (int lane = 0; lane < lanes<F64>; lane++) {
    if (wide.low[lane] != double(v[lane]) || wide.high[lane] != double(v[lane + lanes<F64>])) return "widen";
  }
  return all(narrow(wide) == v) ? nullptr : "narrow";
}

const char* checkVectors() {
  const char* (*const checks[])() = {checkUnary<F32>, checkUnary<F64>, checkLanes<F32>, checkLanes<F64>,
                                     checkWidening};
  for (const auto check : checks) {
    if (const char* wrong = check()) return wrong;
  }
  return nullptr;
}

}  // namespace
}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
