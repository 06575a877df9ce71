// Elementwise ops, strip by strip: what one op computes, the next one finds in registers.
//
// A strip is a few vectors that follow each other in the planes of a value [1, n]: of one feature, of several, or the
// end of one and the begin of the next. All ops of a chain are applied to a strip before the next strip comes. Every
// element goes through the same operations in the same order as if each op were run by itself: the bits are the same.
//
// For every run, a chain is written down as cells: a function, and where its operands lie. Each function calls the next
// cell's as the last thing that it does, so that compilers make a jump of the call, and hands it the strip in vector
// registers.
#pragma once

#include "chain-common.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

namespace chain {

// Vectors of a strip. The more, the more independent work there is between an op and the one that waits for its
// result; but they have to fit the registers, and those in which a function takes its arguments.
#if LIOUVILLE_ISA_AVX512
inline constexpr int stripVectors = 8;
#else
inline constexpr int stripVectors = 4;
#endif

// Of which feature and lanes each vector of a strip is.
struct Strip {
  ptrdiff_t feature[stripVectors], lane[stripVectors];
};

// `at`: where the strip begins, in scalars from a value's first plane.
template <class S, class... V> struct Cell {
  void (*run)(const Cell* cell, ptrdiff_t at, const Strip* strip, V... previous);
  const S *left, *right;  // operands
  S* out;
  ptrdiff_t terms, overTerms;  // sums over k
  Source leftFrom, rightFrom;  // where
};

// What cells run, for strips of as many vectors as V has.
template <class S, class... V> struct Functions {
  using Vector = Vec<S>;
  using OwnCell = Cell<S, V...>;
  static constexpr int count = sizeof...(V);

  struct Block {
    Vector at[count];
  };

  template <class F> LIOUVILLE_INLINE static Block made(F f) {
    Block result;
#pragma GCC unroll 16
    for (int i = 0; i < count; i++) result.at[i] = f(i);
    return result;
  }

  template <Source source>
  LIOUVILLE_INLINE static Block read(const S* from, ptrdiff_t at, const Strip* strip, const Block& previous) {
    return made([&](int i) LIOUVILLE_INLINE_BODY {
      if constexpr (source == Source::previous) return previous.at[i];
      else if constexpr (source == Source::planes) return loadAligned<Vector>(from + at + i * lanes<Vector>);
      else if constexpr (source == Source::plane) return loadAligned<Vector>(from + strip->lane[i]);
      else if constexpr (source == Source::numbers) return set1<Vector>(from[strip->feature[i]]);
      else return set1<Vector>(*from);
    });
  }

  // The same for a source that is only known now.
  LIOUVILLE_INLINE static Block readFrom(Source source, const S* from, ptrdiff_t at, const Strip* strip,
                                         const Block& previous) {
    switch (source) {
      case Source::planes: return read<Source::planes>(from, at, strip, previous);
      case Source::plane: return read<Source::plane>(from, at, strip, previous);
      case Source::numbers: return read<Source::numbers>(from, at, strip, previous);
      default: return read<Source::number>(from, at, strip, previous);
    }
  }

  template <bool stored, int... i>
  LIOUVILLE_INLINE static void next(const OwnCell* cell, ptrdiff_t at, const Strip* strip, const Block& result,
                                    Indices<i...>) {
    if constexpr (stored) (storeAligned<Vector>(cell->out + at + i * lanes<Vector>, result.at[i]), ...);
    return cell[1].run(cell + 1, at, strip, result.at[i]...);
  }

  template <bool stored>
  LIOUVILLE_INLINE static void next(const OwnCell* cell, ptrdiff_t at, const Strip* strip, const Block& result) {
    return next<stored>(cell, at, strip, result, IndicesTo<count>{});
  }

  static void stop(const OwnCell*, ptrdiff_t, const Strip*, V...) {}

  template <class F, Source left, bool stored>
  static void unary(const OwnCell* cell, ptrdiff_t at, const Strip* strip, V... v) {
    const Block x = read<left>(cell->left, at, strip, {{v...}});
    return next<stored>(cell, at, strip, made([&](int i) LIOUVILLE_INLINE_BODY { return F{}(x.at[i]); }));
  }

  template <class F, Source left, Source right, bool stored>
  static void binary(const OwnCell* cell, ptrdiff_t at, const Strip* strip, V... v) {
    const Block x = read<left>(cell->left, at, strip, {{v...}}), y = read<right>(cell->right, at, strip, {{v...}});
    return next<stored>(cell, at, strip, made([&](int i) LIOUVILLE_INLINE_BODY { return F{}(x.at[i], y.at[i]); }));
  }

  // The left operand times the weights on the right, added to the previous result or to zero.
  template <Source left, bool fresh, bool stored>
  static void scale(const OwnCell* cell, ptrdiff_t at, const Strip* strip, V... v) {
    const Block start{{v...}}, x = read<left>(cell->left, at, strip, start);
    const Block weights = read<Source::numbers>(cell->right, at, strip, start);
    return next<stored>(cell, at, strip, made([&](int i) LIOUVILLE_INLINE_BODY {
      return fma(weights.at[i], x.at[i], fresh ? zero<Vector>() : start.at[i]);
    }));
  }

  // The left operand where the previous result is not zero, else the right one.
  template <bool stored> static void where(const OwnCell* cell, ptrdiff_t at, const Strip* strip, V... v) {
    const Block x{{v...}};
    const Block yes = readFrom(cell->leftFrom, cell->left, at, strip, x);
    const Block no = readFrom(cell->rightFrom, cell->right, at, strip, x);
    return next<stored>(cell, at, strip, made([&](int i) LIOUVILLE_INLINE_BODY {
      return select<Vector>(x.at[i] == zero<Vector>(), no.at[i], yes.at[i]);
    }));
  }

  // Sums over k, from zero, of an operand or of the products of two.
  template <bool products, bool stored>
  static void sum(const OwnCell* cell, ptrdiff_t at, const Strip* strip, V...) {
    Block sums = made([](int) LIOUVILLE_INLINE_BODY { return zero<Vector>(); });
    const S *left = cell->left, *right = cell->right;
    for (ptrdiff_t term = 0; term < cell->terms; term++, left += cell->overTerms) {
      const Block x = read<Source::planes>(left, at, strip, sums);
      if constexpr (products) {
        const Block y = read<Source::planes>(right, at, strip, sums);
        right += cell->overTerms;
        sums = made([&](int i) LIOUVILLE_INLINE_BODY { return sums.at[i] + x.at[i] * y.at[i]; });
      } else {
        sums = made([&](int i) LIOUVILLE_INLINE_BODY { return sums.at[i] + x.at[i]; });
      }
    }
    return next<stored>(cell, at, strip, sums);
  }
};

}  // namespace chain

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
