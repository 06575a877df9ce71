// x = n pi/2 + r for arguments of any size, one number at a time (Payne and Hanek, 1983).
#pragma once

#include "format.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// r = high + low with |r| <= pi/4, and n mod 4.
struct QuarterTurns { double high, low; int64_t quadrant; };

// a * b = product + error, exactly (Dekker; not every instruction set has fma).
inline double productError(double a, double b, double product) {
  const double aHigh = a * 0x8000001p0 - (a * 0x8000001p0 - a), aLow = a - aHigh;
  const double bHigh = b * 0x8000001p0 - (b * 0x8000001p0 - b), bLow = b - bHigh;
  return ((aHigh * bHigh - product) + aHigh * bLow + aLow * bHigh) + aLow * bLow;
}

// 2^exponent for a normal result.
inline double powerOfTwo(int exponent) { return __builtin_bit_cast(double, uint64_t(exponent + 1023) << 52); }

// For finite |x| >= 1.
inline QuarterTurns reduceHuge(double x) {
  const uint64_t xBits = __builtin_bit_cast(uint64_t, x);
  const bool negative = xBits >> 63;
  // |x| = mantissa 2^exponent
  const uint64_t mantissa = (xBits & 0x000fffffffffffffu) | 0x0010000000000000u;
  const int exponent = int(xBits >> 52 & 0x7ff) - 1075;

  // |x| 2/pi modulo 4, in fixed point: the words of 2/pi before `first` give multiples of 4 only, and seven
  // words leave more than 50 digits even where x is as near to a multiple of pi/2 as a double can be.
  constexpr int count = 7;
  const int first = exponent > 2 ? (exponent - 2) / 32 : 0;
  uint32_t product[count + 3] = {};  // the lowest word first
  for (int half = 0; half < 2; half++) {
    const uint64_t factor = uint32_t(mantissa >> (32 * half));
    uint64_t carry = 0;
    for (int i = 0; i < count; i++) {
      const uint64_t sum = factor * twoOverPiWords[first + count - 1 - i] + product[i + half] + carry;
      product[i + half] = uint32_t(sum);
      carry = sum >> 32;
    }
    product[count + half] += uint32_t(carry);
  }

  // The point stands `point` bits above the end; above it the quadrant, below it the fraction.
  const int point = 32 * (first + count) - exponent;
  const int word = point / 32, bit = point % 32;
  const uint64_t above = (uint64_t(product[word + 1]) << 32 | product[word]) >> bit;
  int64_t quadrant = int64_t(above & 3);
  product[word] &= (uint32_t(1) << bit) - 1;
  // A fraction of a half or more is taken from above: 1 - fraction, with the other sign.
  const bool upper = bit > 0 ? product[word] >> (bit - 1) & 1 : product[word - 1] >> 31;
  if (upper) {
    quadrant++;
    uint64_t borrow = 0;
    for (int i = 0; i <= word; i++) {
      const uint64_t whole = i == word ? uint64_t(1) << bit : 0;
      const uint64_t difference = whole - product[i] - borrow;
      product[i] = uint32_t(difference);
      borrow = difference >> 63;
    }
  }

  // The fraction as a sum of two doubles, from the highest word down.
  double high = 0, low = 0;
  for (int i = word; i >= 0; i--) {
    const double term = double(product[i]) * powerOfTwo(32 * i - point);
    const double sum = high + term;
    low += term - (sum - high);
    high = sum;
  }

  // Times pi/2.
  constexpr double halfPi = 0x1.921fb54442d18p0, halfPiLow = 0x1.1a62633145c07p-54;
  const double r = high * halfPi;
  const double rLow = productError(high, halfPi, r) + (low * halfPi + high * halfPiLow);
  const double sum = r + rLow;
  const double sumLow = rLow - (sum - r);
  const double sign = negative != upper ? -1 : 1;
  return {sign * sum, sign * sumLow, negative ? -quadrant : quadrant};
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
