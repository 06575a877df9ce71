// Runs the body of a program on one tile of rows.
#pragma once

#include "../kernel/gradient.h"
#include "../kernel/row-matrix.h"
#include "layout.h"
#if LIOUVILLE_ISA_WASM
#include "run-chain-blocks.h"
#else
#include "run-chain.h"
#endif
#include "structure.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// The registers of a tile and everything that its instructions read.
template <class S> class Machine {
 public:
  using V = Vec<S>;

  Machine(const Prepared& program, S* registers, void* sums)
      : plan_(*program.plan),
        layout_(*program.layout),
        packed_(static_cast<const char*>(program.packed)),
        registers_(registers),
        sums_(static_cast<char*>(sums)),
        tile_{program.layout->vectors, program.layout->vectors} {
    const S* shared = static_cast<const S*>(program.shared);
    for (int32_t space = 0; space <= int32_t(Space::prologue); space++) {
      shared_[space] = shared;
      shared += plan_.sizes[space];
    }
  }

  // Rows stand in the first `count` lanes; the others hold some row again, and do not enter any sum.
  void setActive(int32_t count) {
    constexpr int32_t W = lanes<V>;
    tile_.used = (count + W - 1) / W;
    partial_ = count < tile_.used * W;
    for (int32_t lane = 0; lane < tile_.used * W; lane++) mask_[lane] = lane < count ? S(1) : S(0);
  }

  // The same, with any lanes. `active` has a number for each lane, not zero where a row stands.
  template <class Flag> void setActiveLanes(const Flag* active, int32_t vectors) {
    tile_.used = vectors;
    partial_ = false;
    for (int32_t lane = 0; lane < vectors * lanes<V>; lane++) {
      mask_[lane] = active[lane] ? S(1) : S(0);
      partial_ = partial_ || !active[lane];
    }
  }

  Tile tile() const { return tile_; }
  ptrdiff_t stride() const { return planeStride<S>(tile_); }

  // The planes of a row value.
  S* planes(int32_t value) const { return registers_ + plan_.values[value].offset * stride(); }

  ChainSpaces<S> chainSpaces() const { return {registers_, shared_[0]}; }

  // Where a value of the body lies.
  Slot<S> slot(int32_t value) const {
    const Value& v = plan_.values[value];
    if (v.space == Space::row) return {registers_ + v.offset * stride(), v.k, v.n, true};
    return {const_cast<S*>(shared_[int32_t(v.space)]) + v.offset, v.k, v.n, false};
  }

  void body() {
    for (int32_t i = 0; i < plan_.body.count; i++) execute(plan_.body.instructions[i]);
  }

 private:
  const Plan& plan_;
  const Layout& layout_;
  const char* packed_;
  S* registers_;
  char* sums_;
  const S* shared_[4];
  Tile tile_;
  bool partial_ = false;
  alignas(64) S mask_[maxTileLanes<S>];

  void execute(const Instruction& instruction) {
    const Tile tile = tile_;
    const int32_t* in = instruction.inputs;
    const int32_t* attributes = instruction.attributes;
    const auto out = [&] { return slot(instruction.out); };
    switch (instruction.op) {
      case Op::product: return multiplyPacked(instruction);
      case Op::chain: return runChain<S>(plan_.chains[instruction.index], chainSpaces(), tile);
      case Op::slice: return structure::copyFeatures<S>(out(), 0, slot(in[0]), attributes[0], attributes[1], tile);
      case Op::concat: return concat(instruction);
      case Op::take: return structure::take<S>(out(), slot(in[0]), attributes, tile);
      case Op::scatter: return structure::scatter<S>(out(), slot(in[0]), attributes + 1, tile);
      case Op::pad: return structure::pad<S>(out(), slot(in[0]), attributes[0], tile);
      case Op::broadcast: return structure::broadcast<S>(out(), slot(in[0]), tile);
      case Op::reshape:
      case Op::stopGradient: return copyPlanes<S>(out().at, slot(in[0]).at, size(instruction.out), tile);
      case Op::transpose: return structure::transposeAxes<S>(out(), slot(in[0]), tile);
      case Op::sum: return structure::sumAxis<S>(out(), slot(in[0]), attributes[0] == 1, tile);
      case Op::cumsum: return structure::runningSum<S>(out(), slot(in[0]), attributes[0] == 1, tile);
      case Op::largest: return structure::largestAlong<S>(out(), slot(in[0]), attributes[0] == 1, tile);
      case Op::inverseLogDet: return structure::inverseLogDet<S>(out(), slot(in[0]), tile);
      case Op::matmul: return multiplyRowValues(instruction);
      case Op::triangularSolve:
        return structure::solveTriangle<S>(out(), slot(in[0]), slot(in[1]),
                                           {attributes[0] == 1, attributes[1] == 1, attributes[2] == 1}, tile);
      case Op::total: return addTotal(instruction);
      case Op::outerTotal: return addOuter(instruction);
      case Op::spread: return spread(instruction);
      default: return;
    }
  }

  int32_t size(int32_t value) const { return plan_.values[value].k * plan_.values[value].n; }

  void multiplyPacked(const Instruction& instruction) {
    const Matrix& matrix = plan_.matrices[instruction.index];
    const S* weights = reinterpret_cast<const S*>(packed_ + layout_.matrixOffsets[instruction.index]);
    const PackedMatrix<S> packed = packedAt<S>(plan_, weights, matrix);
    constexpr int32_t together = 8;
    Operand<S> operands[together];
    for (int32_t first = 0; first < instruction.inputCount; first += 3 * together) {
      int32_t count = 0;
      for (int32_t i = first; i < instruction.inputCount && count < together; i += 3, count++) {
        const Slot<S> x = slot(instruction.inputs[i]);
        operands[count] = {x.at, slot(instruction.inputs[i + 1]).at, x.k, Start(instruction.inputs[i + 2])};
      }
      multiply<S>(packed, operands, count, tile_);
    }
  }

  void multiplyRowValues(const Instruction& instruction) {
    const Slot<S> a = slot(instruction.inputs[0]), b = slot(instruction.inputs[1]), out = slot(instruction.out);
    switch (instruction.attributes[0]) {
      case 0: return multiplyRowMatrix<S>(b.at, false, out.n, a.n, a.at, out.at, a.k, Start::zero, tile_);
      case 1: return multiplyRowMatrix<S>(b.at, true, out.n, a.n, a.at, out.at, a.k, Start::zero, tile_);
      default: return outerRows<S>(out.at, out.k, out.n, a.at, b.at, a.k, Start::zero, tile_);
    }
  }

  void concat(const Instruction& instruction) {
    int32_t start = 0;
    const Slot<S> to = slot(instruction.out);
    for (int32_t i = 0; i < instruction.inputCount; i++) {
      const Slot<S> part = slot(instruction.inputs[i]);
      structure::copyFeatures<S>(to, start, part, 0, part.n, tile_);
      start += part.n;
    }
  }

  void spread(const Instruction& instruction) {
    const Slot<S> to = slot(instruction.out), from = slot(instruction.inputs[0]);
    for (int32_t i = 0; i < to.k * to.n; i++) fillPlanes<S>(to.at + i * stride(), from.at[i], 1, tile_);
  }

  // One partial sum for each lane, added up when the group ends.
  void addTotal(const Instruction& instruction) {
    const Slot<S> x = slot(instruction.inputs[0]);
    S* sums = reinterpret_cast<S*>(sums_ + layout_.sumOffsets[instruction.index]);
    for (int32_t i = 0; i < x.k * x.n; i++, sums += lanes<V>) {
      V sum = loadAligned<V>(sums);
      for (int32_t v = 0; v < tile_.used; v++) {
        const ptrdiff_t lane = ptrdiff_t(v) * lanes<V>;
        const V value = loadAligned<V>(x.at + i * stride() + lane);
        sum += partial_ ? select<V>(loadAligned<V>(mask_ + lane) == zero<V>(), zero<V>(), value) : value;
      }
      storeAligned<V>(sums, sum);
    }
  }

  void addOuter(const Instruction& instruction) {
    constexpr int32_t together = 8;
    GradientOperand<S> operands[together];
    const Value& shape = plan_.values[instruction.out];
    const Spans spans = spansOf(plan_, plan_.sums[instruction.index].mask);
    S* sums = reinterpret_cast<S*>(sums_ + layout_.sumOffsets[instruction.index]);
    for (int32_t first = 0; first < instruction.inputCount; first += 2 * together) {
      int32_t count = 0;
      for (int32_t i = first; i < instruction.inputCount && count < together; i += 2, count++) {
        const Slot<S> g = slot(instruction.inputs[i]), x = slot(instruction.inputs[i + 1]);
        if (partial_) clearInactive(g);
        operands[count] = {x.at, g.at, x.k, false};
      }
      accumulateGradient<S>(sums, shape.k, shape.n, operands, count, tile_, spans);
    }
  }

  // What stands in lanes without a row is not read by anything but sums, so it may be changed in place.
  void clearInactive(const Slot<S>& x) {
    overPlanes<S>(1, tile_, [&](ptrdiff_t lane) {
      const auto none = loadAligned<V>(mask_ + lane) == zero<V>();
      for (int32_t i = 0; i < x.k * x.n; i++) {
        S* at = x.at + i * stride() + lane;
        storeAligned<V>(at, select<V>(none, zero<V>(), loadAligned<V>(at)));
      }
    });
  }
};

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
