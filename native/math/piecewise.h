// Odd saturating functions by sixteen polynomials of degree five, whose coefficients stand in registers
// (AVX-512): no division, about eighteen instructions.
#pragma once

#include "format.h"

#if LIOUVILLE_ISA_AVX512
namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Table: slope, scale and shift of the index, top, base, c0 to c5; see coefficients/piecewise.py.
template <class Table> LIOUVILLE_INLINE F32 piecewise(F32 x) {
  const F32 a = min(set1<F32>(Table::top), abs(x));
  const U32 piece = (U32)fma(a, set1<F32>(Table::scale), set1<F32>(Table::shift)) >> 21;
  const F32 t = a - lookup(Table::base, piece);
  F32 p = lookup(Table::c5, piece);
  p = fma(p, t, lookup(Table::c4, piece));
  p = fma(p, t, lookup(Table::c3, piece));
  p = fma(p, t, lookup(Table::c2, piece));
  p = fma(p, t, lookup(Table::c1, piece));
  const F32 start = lookup(Table::c0, piece);
  // In the first piece `start` is 0 and t = a; in all others t is below it.
  p = fma(p, t, Table::slope == 0 ? start : max(start, t));
  return fromBits(bits(p) | bits(signOf(x)));
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
#endif
