// Uniform, normal and Rademacher draws. Draw `index` of a stream under a seed is the same number, bit for
// bit, as src/random/draws.ts gives, on every instruction set: the law is written there. Only operations
// that IEEE 754 rounds in one way are used, in the same order, and never a fused multiply-add.
#pragma once

#include "philox.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

namespace draws {

inline constexpr int W = lanes<F64>;

// An integer below 2^52 as a double.
LIOUVILLE_INLINE F64 toDouble(U64 integer) {
  return fromBits((I64)(integer | philox::broadcast(0x4330000000000000))) - 0x1p52;
}

// 2^27 floor(p / 64) + 2 floor(q / 64) + 1: an odd integer below 2^53, of 52 random bits.
LIOUVILLE_INLINE F64 oddInteger(U64 p, U64 q) {
  return toDouble(p >> 6) * 0x1p27 + toDouble((q >> 6 << 1) | philox::broadcast(1));
}

LIOUVILLE_INLINE PhiloxBlock block(uint64_t seed, uint64_t stream, U64 index) {
  const PhiloxBlock counter{
      {index, index >> 32, philox::broadcast(stream), philox::broadcast(stream >> 32)}};
  return philox4x32(counter, uint32_t(seed), uint32_t(seed >> 32));
}

// c[0] + x (c[1] + x (c[2] + ...)), from the innermost outwards.
template <int count> LIOUVILLE_INLINE F64 horner(const double (&c)[count], F64 x) {
  F64 sum = set1<F64>(c[count - 1]);
  for (int k = count - 2; k >= 0; k--) sum = sum * x + c[k];
  return sum;
}

inline constexpr double atanhSeries[] = {1.0,      1 / 3.0,  1 / 5.0,  1 / 7.0,  1 / 9.0,  1 / 11.0,
                                         1 / 13.0, 1 / 15.0, 1 / 17.0, 1 / 19.0, 1 / 21.0, 1 / 23.0};
inline constexpr double sineSeries[] = {1.0,          -1 / 6.0,        1 / 120.0,
                                        -1 / 5040.0,  1 / 362880.0,    -1 / 39916800.0,
                                        1 / 6227020800.0, -1 / 1307674368000.0, 1 / 355687428096000.0};
inline constexpr double cosineSeries[] = {1.0,           -1 / 2.0,       1 / 24.0,
                                          -1 / 720.0,    1 / 40320.0,    -1 / 3628800.0,
                                          1 / 479001600.0, -1 / 87178291200.0, 1 / 20922789888000.0};

// ln(n 2^-53): n 2^-53 = m 2^e with m in [sqrt(1/2), sqrt(2)), s = (m - 1)/(m + 1).
LIOUVILLE_INLINE F64 logOfUnit(F64 n) {
  const I64 pattern = bits(n);
  F64 length = toDouble((U64)pattern >> 52) - 1022.0;  // of n in bits
  F64 m = fromBits((pattern & 0x000fffffffffffff) | 0x3fe0000000000000);
  const M64 small = (M64)(m < 0.7071067811865476);
  m = select(small, m * 2.0, m);
  length = select(small, length - 1.0, length);
  const F64 s = (m - 1.0) / (m + 1.0);
  return (length - 53.0) * 0.6931471805599453 + 2.0 * s * horner(atanhSeries, s * s);
}

// cos(2 pi v), 0 <= v <= 1: with q = floor(4v + 1/2) cos, -sin, -cos, sin, cos of 2 pi (v - q/4).
LIOUVILLE_INLINE F64 cosineOfTurns(F64 v) {
  const F64 q = floor(4.0 * v + 0.5);
  const F64 x = (v - q * 0.25) * 6.283185307179586;
  const F64 square = x * x;
  const M64 odd = (M64)(q == 1.0) | (M64)(q == 3.0);
  const M64 negative = (M64)(q == 1.0) | (M64)(q == 2.0);
  const F64 value = select(odd, x * horner(sineSeries, square), horner(cosineSeries, square));
  return select(negative, -value, value);
}

// Calls draw(index) for W indices at a time and stores the first `count` results.
template <class S, class Draw> LIOUVILLE_INLINE void fill(S* to, size_t count, uint64_t offset, Draw draw) {
  for (size_t first = 0; first < count; first += W) {
    const F64 values = draw(philox::broadcast(offset + first) + iota<U64>());
    const size_t rest = count - first;
    for (int lane = 0; lane < W; lane++) {
      if (size_t(lane) < rest) to[first + lane] = S(values[lane]);
    }
  }
}

}  // namespace draws

// Draws at W indices of a stream: uniform on (0, 1), standard normal (Box-Muller), 1 or -1.
LIOUVILLE_INLINE F64 uniform(uint64_t seed, uint64_t stream, U64 index) {
  const PhiloxBlock block = draws::block(seed, stream, index);
  return draws::oddInteger(block.words[0], block.words[1]) * 0x1p-53;
}

LIOUVILLE_INLINE F64 normal(uint64_t seed, uint64_t stream, U64 index) {
  const PhiloxBlock block = draws::block(seed, stream, index);
  const F64 a = draws::oddInteger(block.words[0], block.words[1]);
  const F64 b = draws::oddInteger(block.words[2], block.words[3]);
  return sqrt(-2.0 * draws::logOfUnit(a)) * draws::cosineOfTurns(b * 0x1p-53);
}

LIOUVILLE_INLINE F64 rademacher(uint64_t seed, uint64_t stream, U64 index) {
  const PhiloxBlock block = draws::block(seed, stream, index);
  const M64 upper = -(M64)(block.words[0] >> 31);
  return select(upper, set1<F64>(-1.0), set1<F64>(1.0));
}

// to[i] = the draw at offset + i, rounded to S. A single-precision uniform stays below 1.
template <class S>
inline void fillUniform(S* to, size_t count, uint64_t seed, uint64_t stream, uint64_t offset) {
  const double largest = sizeof(S) == 4 ? 1 - 0x1p-24 : 1;
  draws::fill(to, count, offset, [&](U64 index) {
    return min(uniform(seed, stream, index), set1<F64>(largest));
  });
}

template <class S>
inline void fillNormal(S* to, size_t count, uint64_t seed, uint64_t stream, uint64_t offset) {
  draws::fill(to, count, offset, [&](U64 index) { return normal(seed, stream, index); });
}

template <class S>
inline void fillRademacher(S* to, size_t count, uint64_t seed, uint64_t stream, uint64_t offset) {
  draws::fill(to, count, offset, [&](U64 index) { return rademacher(seed, stream, index); });
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
