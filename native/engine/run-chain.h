// Writes a chain down as cells and runs them over a tile.
#pragma once

#include "chain.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

namespace chain {

template <class S, int> using VecOfIndex = Vec<S>;

// Calls body(From<source>{}) for a source of a row, or of shared numbers.
template <class Body> LIOUVILLE_INLINE auto withSource(Source source, Body body) {
  switch (source) {
    case Source::planes: return body(From<Source::planes>{});
    case Source::plane: return body(From<Source::plane>{});
    case Source::numbers: return body(From<Source::numbers>{});
    case Source::number: return body(From<Source::number>{});
    default: return body(From<Source::previous>{});
  }
}

template <class Body> LIOUVILLE_INLINE auto withFlag(bool flag, Body body) {
  return flag ? body(Constant<1>{}) : body(Constant<0>{});
}

// The cells of a chain, for strips of as many vectors as Vs has.
template <class S, class... Vs> class Cells {
 public:
  using V = Vec<S>;
  using OwnCell = Cell<S, Vs...>;
  using Own = Functions<S, Vs...>;
  using Function = decltype(OwnCell::run);

  // The most cells of an op, and of all that is run at a time.
  static constexpr int32_t mostOfOp = 2;
  static constexpr int32_t capacity = mostOfOp * mostChainOps + 1;

  Cells(const ChainSpaces<S>& spaces, Tile tile, int32_t n, OwnCell* cells)
      : spaces_(spaces), tile_(tile), n_(n), cells_(cells) {}

  // Runs the chain on `vectors` vectors from the one numbered `first` on, counted over all features.
  void run(const Chain& chain, int32_t first, int32_t vectors) {
    for (int32_t g = 0; g < chain.groupCount; g++) {
      const ChainGroup& group = chain.groups[g];
      for (int32_t j = 0; j < group.k; j++) {
        if (used_ + mostOfOp * group.count >= capacity) runCells(first, vectors);
        for (int32_t i = 0; i < group.count; i++) add(group.ops[i], j);
      }
    }
    runCells(first, vectors);
  }

  // Writes the chain down without running it. How many cells it takes.
  int32_t write(const Chain& chain) {
    for (int32_t g = 0; g < chain.groupCount; g++) {
      for (int32_t j = 0; j < chain.groups[g].k; j++) {
        for (int32_t i = 0; i < chain.groups[g].count; i++) add(chain.groups[g].ops[i], j);
      }
    }
    cells_[used_].run = Own::stop;
    return used_ + 1;
  }

  // Two cells that copy planes.
  static void writeCopy(OwnCell* cells, const S* from, S* to) {
    cells[0].run = Own::template unary<Same<V>, Source::planes, true>;
    cells[0].left = from;
    cells[0].out = to;
    cells[1].run = Own::stop;
  }

  // The strip that begins at a feature and a lane, which go on to the next one's.
  static Strip takeStrip(ptrdiff_t& feature, ptrdiff_t& lane, Tile tile) {
    Strip strip;
    for (int c = 0; c < Own::count; c++) {
      strip.feature[c] = feature;
      strip.lane[c] = lane;
      lane += lanes<V>;
      if (lane == planeStride<S>(tile)) lane = 0, feature++;
    }
    return strip;
  }

  static void runStrip(const OwnCell* cells, int32_t first, const Strip& strip) {
    cells->run(cells, first * ptrdiff_t(lanes<V>), &strip, Vs{}...);
  }

 private:
  const ChainSpaces<S> spaces_;
  const Tile tile_;
  const int32_t n_;
  OwnCell* const cells_;
  int32_t used_ = 0;

  void add(const ChainOp& op, int32_t j) {
    const ChainOperand &x = op.operands[0], &y = op.operands[1];
    const auto isUnary = withUnary<V>(op.op, [&](auto f) LIOUVILLE_INLINE_BODY {
      load(x, j);
      add(op, j, [](auto stored) { return Own::template unary<decltype(f), Source::previous, stored.value == 1>; });
    });
    if (isUnary) return;
    const auto isBinary = withBinary<V>(op.op, [&](auto f) LIOUVILLE_INLINE_BODY { addBinary<decltype(f)>(op, j); });
    if (isBinary) return;
    switch (op.op) {
      case Op::scale: return addScale(op, j);
      case Op::where:
        load(x, j);
        add(op, j, [](auto stored) { return Own::template where<stored.value == 1>; });
        last().left = at(y, j);
        last().right = at(op.operands[2], j);
        last().leftFrom = y.source;
        last().rightFrom = op.operands[2].source;
        return;
      case Op::sum:
      case Op::sumOfProducts:
        add(op, j, [&](auto stored) {
          return op.op == Op::sum ? Own::template sum<false, stored.value == 1> : Own::template sum<true, stored.value == 1>;
        });
        last().left = at(x, j);
        last().right = at(y, j);
        last().terms = op.terms;
        last().overTerms = n_ * planeStride<S>(tile_);
        return;
      default:  // broadcast
        load(x, j);
        add(op, j, [](auto stored) { return Own::template unary<Same<V>, Source::previous, stored.value == 1>; });
    }
  }

  void addScale(const ChainOp& op, int32_t j) {
    const ChainOperand &x = op.operands[0], &start = op.operands[2];
    const bool fresh = start.source == Source::none;
    if (!fresh) load(start, j);
    add(op, j, [&](auto stored) {
      constexpr bool keeps = stored.value == 1;
      if (x.source == Source::planes) {
        return fresh ? Own::template scale<Source::planes, true, keeps> : Own::template scale<Source::planes, false, keeps>;
      }
      return fresh ? Own::template scale<Source::plane, true, keeps> : Own::template scale<Source::plane, false, keeps>;
    });
    last().left = at(x, j);
    last().right = at(op.operands[1], j);
  }

  template <class F> void addBinary(const ChainOp& op, int32_t j) {
    Source left = op.operands[0].source;
    const Source right = op.operands[1].source;
    const bool direct = left == Source::previous || right == Source::previous ||
                        (left == Source::planes && right == Source::planes);
    if (!direct) {
      load(op.operands[0], j);
      left = Source::previous;
    }
    add(op, j, [&](auto stored) LIOUVILLE_INLINE_BODY {
      constexpr bool keeps = stored.value == 1;
      if (left == Source::previous) {
        return withSource(right, [](auto from) -> Function {
          return Own::template binary<F, Source::previous, from.value, keeps>;
        });
      }
      if (right == Source::planes) return Function(Own::template binary<F, Source::planes, Source::planes, keeps>);
      return withSource(left, [](auto from) -> Function {
        return Own::template binary<F, from.value, Source::previous, keeps>;
      });
    });
    last().left = at(op.operands[0], j);
    last().right = at(op.operands[1], j);
  }

  OwnCell& last() { return cells_[used_ - 1]; }

  // Adds a cell with choose(stored), which keeps its result if the op's is to be stored.
  template <class Choose> LIOUVILLE_INLINE void add(const ChainOp& op, int32_t j, Choose choose) {
    OwnCell& cell = cells_[used_++];
    if (op.out < 0) {
      cell.run = choose(Constant<0>{});
      return;
    }
    cell.run = choose(Constant<1>{});
    cell.out = spaces_.planes + (op.out + ptrdiff_t(j) * n_) * planeStride<S>(tile_);
  }

  // Makes the operand the previous result.
  void load(const ChainOperand& x, int32_t j) {
    if (x.source == Source::previous) return;
    OwnCell& cell = cells_[used_++];
    cell.run = withSource(x.source, [](auto from) -> Function { return Own::template unary<Same<V>, from.value, false>; });
    cell.left = at(x, j);
  }

  const S* at(const ChainOperand& x, int32_t j) const {
    const ptrdiff_t offset = x.offset + ptrdiff_t(j) * x.overK;
    switch (x.source) {
      case Source::planes:
      case Source::plane: return spaces_.planes + offset * planeStride<S>(tile_);
      case Source::numbers:
      case Source::number: return spaces_.numbers + offset;
      default: return nullptr;
    }
  }

  void runCells(int32_t first, int32_t vectors) {
    cells_[used_].run = Own::stop;
    used_ = 0;
    ptrdiff_t feature = first / tile_.vectors, lane = first % tile_.vectors * ptrdiff_t(lanes<V>);
    for (const int32_t end = first + vectors; first < end; first += Own::count) {
      runStrip(cells_, first, takeStrip(feature, lane, tile_));
    }
  }
};

template <class S, class... V>
[[gnu::noinline]] void runVectors(const Chain& chain, int32_t first, int32_t vectors, const ChainSpaces<S>& spaces,
                                  Tile tile) {
  if (vectors <= 0) return;
  typename Cells<S, V...>::OwnCell cells[Cells<S, V...>::capacity];
  Cells<S, V...>(spaces, tile, chain.n, cells).run(chain, first, vectors);
}

template <class S, int... i>
inline void runWholeStrips(const Chain& chain, int32_t vectors, const ChainSpaces<S>& spaces, Tile tile,
                           Indices<i...>) {
  runVectors<S, VecOfIndex<S, i>...>(chain, 0, vectors, spaces, tile);
}

}  // namespace chain

// All vectors of the tile pass, also those that are not used: strips go on from one feature to the next.
template <class S> inline void runChain(const Chain& chain, const ChainSpaces<S>& spaces, Tile tile) {
  constexpr int32_t length = chain::stripVectors;
  const int32_t vectors = chain.n * tile.vectors, whole = vectors - vectors % length;
  chain::runWholeStrips<S>(chain, whole, spaces, tile, chain::IndicesTo<length>{});
  chain::runVectors<S, Vec<S>>(chain, whole, vectors - whole, spaces, tile);
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
