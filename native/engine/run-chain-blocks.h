// Writes a chain down as cells and runs them over a tile, block by block.
#pragma once

#include "chain-blocks.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

namespace chain {

// Calls body(From<source>{}) for any place but the previous op's, whose results are planes here.
template <class Body> LIOUVILLE_INLINE auto withSource(Source source, Body body) {
  switch (source) {
    case Source::plane: return body(From<Source::plane>{});
    case Source::numbers: return body(From<Source::numbers>{});
    case Source::number: return body(From<Source::number>{});
    default: return body(From<Source::planes>{});
  }
}

template <class S> class Cells {
 public:
  using V = Vec<S>;
  using Own = Functions<S>;
  using Function = decltype(Cell<S>::run);

  Cells(const ChainSpaces<S>& spaces, Tile tile, int32_t n)
      : spaces_(spaces), stride_(planeStride<S>(tile)), n_(n), featuresOfBlock_(blockVectors / tile.vectors) {}

  void run(const Chain& chain) {
    for (int32_t g = 0; g < chain.groupCount; g++) {
      const ChainGroup& group = chain.groups[g];
      for (int32_t j = 0; j < group.k; j++) {
        if (used_ + mostOfOp * group.count > capacity) runCells();
        for (int32_t i = 0; i < group.count; i++) add(group.ops[i], j);
      }
    }
    runCells();
  }

 private:
  static constexpr int32_t mostOfOp = 2;
  static constexpr int32_t capacity = mostOfOp * mostChainOps;

  // An operand of a cell.
  struct Place {
    Source source;
    const S* at;
  };

  const ChainSpaces<S> spaces_;
  const ptrdiff_t stride_;
  const int32_t n_, featuresOfBlock_;
  int32_t used_ = 0;
  const S* previous_ = nullptr;  // where the op before keeps its results
  Cell<S> cells_[capacity];
  alignas(V) S unstored_[blockVectors * lanes<V>];

  void add(const ChainOp& op, int32_t j) {
    const Place x = placeOf(op.operands[0], j), y = placeOf(op.operands[1], j), z = placeOf(op.operands[2], j);
    const auto isUnary = withUnary<V>(op.op, [&](auto f) LIOUVILLE_INLINE_BODY {
      add(op, j, Own::template apply<decltype(f), Source::planes>, asPlanes(x));
    });
    if (isUnary) return;
    const auto isBinary =
        withBinary<V>(op.op, [&](auto f) LIOUVILLE_INLINE_BODY { addBinary<decltype(f)>(op, j, x, y); });
    if (isBinary) return;
    switch (op.op) {
      case Op::scale: return addScale(op, j, x, y, z);
      case Op::where: return addWhere(op, j, asPlanes(x), y, z);
      case Op::sum:
      case Op::sumOfProducts:
        add(op, j, op.op == Op::sum ? Own::template sum<false> : Own::template sum<true>, x.at, y.at);
        cells_[used_ - 1].terms = op.terms;
        cells_[used_ - 1].overTerms = n_ * stride_;
        return;
      default:  // broadcast
        return add(op, j, Own::template apply<Same<V>, Source::planes>, asPlanes(x));
    }
  }

  template <class F> void addBinary(const ChainOp& op, int32_t j, Place x, Place y) {
    if (y.source != Source::planes) x = {Source::planes, asPlanes(x)};
    if (x.source == Source::planes) {
      return add(op, j, withSource(y.source, [](auto from) -> Function {
        return Own::template apply<F, Source::planes, from.value>;
      }), x.at, y.at);
    }
    add(op, j, withSource(x.source, [](auto from) -> Function {
      return Own::template apply<F, from.value, Source::planes>;
    }), x.at, y.at);
  }

  void addScale(const ChainOp& op, int32_t j, Place x, Place weights, Place start) {
    const S* from = start.source == Source::none ? nullptr : asPlanes(start);
    const auto choose = [&](auto source) -> Function {
      if (start.source == Source::none) return Own::template apply<Scale<V>, source.value, Source::numbers>;
      return Own::template apply<Scale<V>, source.value, Source::numbers, Source::planes>;
    };
    add(op, j, x.source == Source::planes ? choose(From<Source::planes>{}) : choose(From<Source::plane>{}), x.at,
        weights.at, from);
  }

  void addWhere(const ChainOp& op, int32_t j, const S* x, Place yes, Place no) {
    add(op, j, withSource(yes.source, [&](auto left) -> Function {
      constexpr Source from = left.value;
      return withSource(no.source, [](auto right) -> Function {
        return Own::template apply<Where<V>, Source::planes, from, right.value>;
      });
    }), x, yes.at, no.at);
  }

  // A cell for the op; its results stand where the op's do, or nowhere if only the next op reads them.
  void add(const ChainOp& op, int32_t j, Function run, const S* x, const S* y = nullptr, const S* z = nullptr) {
    S* out = op.out < 0 ? nullptr : spaces_.planes + (op.out + ptrdiff_t(j) * n_) * stride_;
    cells_[used_++] = {run, {x, y, z}, out, 0, 0};
    previous_ = out;
  }

  // Copies to planes what stands elsewhere.
  const S* asPlanes(Place x) {
    if (x.source == Source::planes) return x.at;
    const Function run = withSource(x.source, [](auto from) -> Function {
      return Own::template apply<Same<V>, from.value>;
    });
    cells_[used_++] = {run, {x.at}, nullptr, 0, 0};
    return nullptr;
  }

  Place placeOf(const ChainOperand& x, int32_t j) const {
    const ptrdiff_t offset = x.offset + ptrdiff_t(j) * x.overK;
    switch (x.source) {
      case Source::previous: return {Source::planes, previous_};
      case Source::planes:
      case Source::plane: return {x.source, spaces_.planes + offset * stride_};
      case Source::numbers:
      case Source::number: return {x.source, spaces_.numbers + offset};
      default: return {Source::none, nullptr};
    }
  }

  void runCells() {
    for (int32_t feature = 0; feature < n_; feature += featuresOfBlock_) {
      const int32_t left = n_ - feature;
      const Block<S> block{feature * stride_, feature, left < featuresOfBlock_ ? left : featuresOfBlock_, stride_,
                           unstored_};
      for (int32_t i = 0; i < used_; i++) cells_[i].run(cells_[i], block);
    }
    used_ = 0;
  }
};

}  // namespace chain

// All vectors of the tile pass, also those that are not used.
template <class S> inline void runChain(const Chain& chain, const ChainSpaces<S>& spaces, Tile tile) {
  chain::Cells<S>(spaces, tile, chain.n).run(chain);
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
