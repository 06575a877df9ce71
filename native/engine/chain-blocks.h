// Elementwise ops, block by block, for WebAssembly: what chain.h does strip by strip.
//
// Calls of WebAssembly are no jumps, and a call through a table costs as much as a cheap op on ten vectors; a constant
// vector takes three instructions wherever it is made. So an op is a loop here, over a block of many vectors in the L1
// cache: the call is made once for all of them, and constants once before the loop. What an op computes for the next
// one alone is kept in a block of its own. Every element goes through the same operations as in chain.h.
#pragma once

#include "chain-common.h"
#include "layout.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

namespace chain {

// The most vectors of a block: 2 KB.
inline constexpr int32_t blockVectors = 128;
static_assert(blockVectors >= maxTileVectors);

// Vectors that are computed side by side.
inline constexpr int stripVectors = 4;

// Some features of a value [1, n].
template <class S> struct Block {
  ptrdiff_t at;      // where they begin, in scalars from the value's first plane
  int32_t feature, features;
  ptrdiff_t stride;  // scalars of a plane
  S* unstored;       // the results that only the next op reads
};

// A null pointer stands for the results that are not stored.
template <class S> struct Cell {
  void (*run)(const Cell& cell, const Block<S>& block);
  const S* operands[3];
  S* out;
  ptrdiff_t terms, overTerms;  // sums over k
};

// x w, added to `start`.
template <class V> struct Scale {
  LIOUVILLE_INLINE V operator()(V x, V w) const { return fma(w, x, zero<V>()); }
  LIOUVILLE_INLINE V operator()(V x, V w, V start) const { return fma(w, x, start); }
};

// `yes` where x is not zero.
template <class V> struct Where {
  LIOUVILLE_INLINE V operator()(V x, V yes, V no) const { return select<V>(x == zero<V>(), no, yes); }
};

// The operands of what cells run come from `sources`, which are planes for all that differ from vector to vector.
template <class S> struct Functions {
  using V = Vec<S>;
  static constexpr ptrdiff_t W = lanes<V>;

  template <class F, Source... sources> static void apply(const Cell<S>& cell, const Block<S>& block) {
    apply<F, sources...>(cell, block, IndicesTo<int(sizeof...(sources))>{});
  }

  // Sums over k, from zero, of an operand or of the products of two.
  template <bool products> static void sum(const Cell<S>& cell, const Block<S>& block) {
    const S *left = cell.operands[0] + block.at, *right = products ? cell.operands[1] + block.at : nullptr;
    S* out = placeOf(cell.out, block);
    for (ptrdiff_t end = block.features * block.stride; end > 0; end -= W, left += W, right += W, out += W) {
      V result = zero<V>();
      const S *x = left, *y = right;
      for (ptrdiff_t term = 0; term < cell.terms; term++, x += cell.overTerms) {
        if constexpr (products) {
          result += loadAligned<V>(x) * loadAligned<V>(y);
          y += cell.overTerms;
        } else {
          result += loadAligned<V>(x);
        }
      }
      storeAligned<V>(out, result);
    }
  }

 private:
  template <class Place> LIOUVILLE_INLINE static Place placeOf(Place place, const Block<S>& block) {
    return place == nullptr ? block.unstored : place + block.at;
  }

  template <Source source> LIOUVILLE_INLINE static const S* begin(const S* operand, const Block<S>& block) {
    if constexpr (source == Source::planes) return placeOf(operand, block);
    else if constexpr (source == Source::numbers) return operand + block.feature;
    else return operand;
  }

  // A vector of an operand: of which lanes and feature, and where these stand in a block of planes.
  struct Position {
    ptrdiff_t at, lane, feature;
  };

  template <Source source> LIOUVILLE_INLINE static V read(const S* from, Position position) {
    if constexpr (source == Source::planes) return loadAligned<V>(from + position.at);
    else if constexpr (source == Source::plane) return loadAligned<V>(from + position.lane);
    else if constexpr (source == Source::numbers) return set1<V>(from[position.feature]);
    else return set1<V>(*from);
  }

  template <Source... sources> using Operands = const S* const (&)[sizeof...(sources)];

  // `count` vectors that follow each other. All are read before any is written: V8 then computes them side by side,
  // where it would otherwise finish one before it begins the next, and wait for the result of each operation.
  template <int count, class F, Source... sources, int... i>
  LIOUVILLE_INLINE static void strip(S* out, Operands<sources...> from, Position first, Indices<i...>) {
    V operands[sizeof...(sources)][count];
#pragma GCC unroll 16
    for (int c = 0; c < count; c++) {
      const Position position{first.at + c * W, first.lane + c * W, first.feature};
      ((operands[i][c] = read<sources>(from[i], position)), ...);
    }
    asm volatile("" ::: "memory");
#pragma GCC unroll 16
    for (int c = 0; c < count; c++) storeAligned<V>(out + first.at + c * W, F{}(operands[i][c]...));
  }

  // The vectors in `length` scalars.
  template <class F, Source... sources, class All>
  LIOUVILLE_INLINE static void row(S* out, Operands<sources...> from, Position at, ptrdiff_t length, All all) {
    constexpr ptrdiff_t together = stripVectors * W;
    for (; length >= together; length -= together, at.at += together, at.lane += together) {
      strip<stripVectors, F, sources...>(out, from, at, all);
    }
    for (; length > 0; length -= W, at.at += W, at.lane += W) strip<1, F, sources...>(out, from, at, all);
  }

  template <class F, Source... sources, int... i>
  LIOUVILLE_INLINE static void apply(const Cell<S>& cell, const Block<S>& block, Indices<i...> all) {
    const S* const from[] = {begin<sources>(cell.operands[i], block)...};
    S* const out = placeOf(cell.out, block);
    if constexpr (((sources == Source::planes || sources == Source::number) && ...)) {
      row<F, sources...>(out, from, {0, 0, 0}, block.features * block.stride, all);
    } else {
      for (ptrdiff_t feature = 0; feature < block.features; feature++) {
        row<F, sources...>(out, from, {feature * block.stride, 0, feature}, block.stride, all);
      }
    }
  }
};

}  // namespace chain

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
