// round and floor for instruction sets that have neither. Included by sse2.h and portable.h only.
#pragma once

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// From 2^23 (2^52) on every number is an integer; below it, adding and subtracting that power rounds to the
// nearest integer, halves to even.
template <class V> LIOUVILLE_INLINE V roundBySum(V value, Scalar<V> limit) {
  const V magnitude = abs(value);
  const V rounded = copysign((magnitude + limit) - limit, value);
  return select((Mask<V>)(magnitude < limit), rounded, value);
}

LIOUVILLE_INLINE F32 round(F32 a) { return roundBySum(a, 0x1p23f); }
LIOUVILLE_INLINE F64 round(F64 a) { return roundBySum(a, 0x1p52); }

template <class V> LIOUVILLE_INLINE V floorBySum(V value) {
  const V rounded = round(value);
  return select((Mask<V>)(rounded > value), rounded - Scalar<V>(1), rounded);
}

LIOUVILLE_INLINE F32 floor(F32 a) { return floorBySum(a); }
LIOUVILLE_INLINE F64 floor(F64 a) { return floorBySum(a); }

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
