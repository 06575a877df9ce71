// What the functions need to know of a floating-point format, and how polynomials are evaluated.
#pragma once

#include "../simd/vec.h"
#include "coefficients.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

template <class S> struct Format;

template <> struct Format<float> {
  static constexpr int mantissaBits = 23;
  static constexpr int32_t bias = 127;
  static constexpr uint32_t mantissaMask = 0x007fffff;
  static constexpr float smallestNormal = 0x1p-126f;
  static constexpr float infinity = __builtin_inff();
  static constexpr float nan = __builtin_nanf("");
  // Adding it rounds to an integer, which then stands in the low bits.
  static constexpr float rounder = 0x1.8p23f;
  // Below it f(x) = x, to the last bit, for every f here with f(x) = x + O(x^2).
  static constexpr float tiny = 0x1p-30f;
};

template <> struct Format<double> {
  static constexpr int mantissaBits = 52;
  static constexpr int64_t bias = 1023;
  static constexpr uint64_t mantissaMask = 0x000fffffffffffff;
  static constexpr double smallestNormal = 0x1p-1022;
  static constexpr double infinity = __builtin_inf();
  static constexpr double nan = __builtin_nan("");
  static constexpr double rounder = 0x1.8p52;
  static constexpr double tiny = 0x1p-60;
};

// c[first] + c[first + stride] x + c[first + 2 stride] x^2 + ... Long sums are split into even and odd powers
// (Estrin), again and again: a chain of many dependent fma would keep the processor waiting.
template <int first, int stride, class V, int count>
LIOUVILLE_INLINE V polynomialFrom(V x, const Scalar<V> (&c)[count]) {
  constexpr int terms = (count - first + stride - 1) / stride;
  if constexpr (terms == 1) {
    return set1<V>(c[first]);
  } else if constexpr (terms < 5) {
    return fma(polynomialFrom<first + stride, stride>(x, c), x, set1<V>(c[first]));
  } else {
    const V square = x * x;
    const V even = polynomialFrom<first, 2 * stride>(square, c);
    const V odd = polynomialFrom<first + stride, 2 * stride>(square, c);
    return fma(odd, x, even);
  }
}

// c[0] + c[1] x + c[2] x^2 + ...
template <class V, int count> LIOUVILLE_INLINE V polynomial(V x, const Scalar<V> (&c)[count]) {
  return fma(polynomialFrom<1, 1>(x, c), x, set1<V>(c[0]));
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
