// The body of a program of elementwise ops, written down once and run many times: fields of few components are evaluated
// often, and cells take longer to write than to run. The output goes where it is wanted, without a copy.
#pragma once

#include "machine.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

#if LIOUVILLE_ISA_WASM
// There chains run without cells (run-chain-blocks.h).
template <class S> class WrittenBody {
 public:
  WrittenBody(const Plan&, const Machine<S>&, int32_t, Bump&) {}
  bool isWritten() const { return false; }
  void run(S*) {}
};
#else
namespace chain {

template <class S, int... i> Cells<S, VecOfIndex<S, i>...> stripCells(Indices<i...>);

}  // namespace chain

template <class S> class WrittenBody {
 public:
  // `output`: the value that is wanted.
  WrittenBody(const Plan& plan, const Machine<S>& machine, int32_t output, Bump& bump)
      : plan_(plan), tile_(machine.tile()), width_(plan.values[output].n) {
    int32_t cells = 0, segments = 0, widest = 0;
    for (int32_t i = 0; i < plan.body.count; i++) {
      const Instruction& instruction = plan.body.instructions[i];
      if (!isCells(instruction)) return;
      cells += instruction.op == Op::chain ? cellsOf(plan.chains[instruction.index]) : 2 * instruction.inputCount;
      segments += instruction.op == Op::chain ? 1 : instruction.inputCount;
      const int32_t n = instruction.op == Op::chain ? plan.chains[instruction.index].n : plan.values[instruction.out].n;
      widest = n > widest ? n : widest;
    }
    cells_ = bump.take<Cell>(cells);
    for (int32_t i = 0; i < cells && cells_ != nullptr; i++) cells_[i] = {};
    segments_ = bump.take<Segment>(segments);
    moved_ = bump.take<Moved>(3 * cells);
    strips_ = bump.take<chain::Strip>(stripsOf(widest));
    if (bump.block == nullptr) return;
    ptrdiff_t feature = 0, lane = 0;
    for (int32_t s = 0; s < stripsOf(widest); s++) strips_[s] = Strips::takeStrip(feature, lane, tile_);
    write(machine, output);
  }

  bool isWritten() const { return segmentCount_ > 0; }

  // Runs the body; the planes of the output are at `to`.
  void run(S* to) {
    for (int32_t i = 0; i < movedCount_; i++) *moved_[i].pointer = to + moved_[i].offset;
    const Cell* cells = cells_;
    for (int32_t i = 0; i < segmentCount_; i++) {
      for (int32_t s = 0; s < segments_[i].strips; s++) Strips::runStrip(cells, s * chain::stripVectors, strips_[s]);
      cells += segments_[i].cells;
    }
  }

 private:
  using Strips = decltype(chain::stripCells<S>(chain::IndicesTo<chain::stripVectors>{}));
  using Cell = typename Strips::OwnCell;

  // Cells that run over so many strips.
  struct Segment {
    int32_t cells, strips;
  };

  // A pointer of a cell into the planes of the output.
  struct Moved {
    S** pointer;
    ptrdiff_t offset;
  };

  const Plan& plan_;
  const Tile tile_;
  const int32_t width_;
  Cell* cells_ = nullptr;
  Segment* segments_ = nullptr;
  chain::Strip* strips_ = nullptr;
  Moved* moved_ = nullptr;
  int32_t segmentCount_ = 0, movedCount_ = 0;

  int32_t stripsOf(int32_t n) const { return n * tile_.vectors / chain::stripVectors; }

  static int32_t cellsOf(const Chain& chain) {
    int32_t count = 1;
    for (int32_t g = 0; g < chain.groupCount; g++) count += Strips::mostOfOp * chain.groups[g].k * chain.groups[g].count;
    return count;
  }

  // Chains, and concats of planes, of whole strips.
  bool isCells(const Instruction& instruction) const {
    const auto isWhole = [&](int32_t n) { return n * tile_.vectors % chain::stripVectors == 0; };
    if (instruction.op == Op::chain) return isWhole(plan_.chains[instruction.index].n);
    if (instruction.op != Op::concat) return false;
    for (int32_t i = 0; i < instruction.inputCount; i++) {
      const Value& part = plan_.values[instruction.inputs[i]];
      if (part.space != Space::row || part.k != 1 || !isWhole(part.n)) return false;
    }
    return true;
  }

  void write(const Machine<S>& machine, int32_t output) {
    const Value& value = plan_.values[output];
    if (value.space != Space::row || value.k != 1) return;
    S* const begin = machine.planes(output);
    S* const end = begin + width_ * machine.stride();
    for (int32_t port = 0; port < plan_.inputCount; port++) {
      // An output that is an input stays where it is.
      const Value& input = plan_.values[plan_.inputs[port].value];
      if (input.offset < value.offset + value.n && value.offset < input.offset + input.k * input.n) return;
    }
    Cell* next = cells_;
    int32_t segments = 0;
    for (int32_t i = 0; i < plan_.body.count; i++) {
      const Instruction& instruction = plan_.body.instructions[i];
      if (instruction.op == Op::chain) {
        const Chain& chain = plan_.chains[instruction.index];
        const int32_t count = Strips(machine.chainSpaces(), tile_, chain.n, next).write(chain);
        if (!move(next, count, chain.n, begin, end)) return;
        segments_[segments++] = {count, stripsOf(chain.n)};
        next += count;
        continue;
      }
      S* to = machine.planes(instruction.out);
      for (int32_t part = 0; part < instruction.inputCount; part++) {
        const int32_t n = plan_.values[instruction.inputs[part]].n;
        Strips::writeCopy(next, machine.planes(instruction.inputs[part]), to);
        if (!move(next, 2, n, begin, end)) return;
        segments_[segments++] = {2, stripsOf(n)};
        next += 2;
        to += n * machine.stride();
      }
    }
    segmentCount_ = segments;
  }

  // Notes the pointers of cells over n features into the output. False where a value lies across its bounds.
  bool move(Cell* cells, int32_t count, int32_t n, S* begin, S* end) {
    const ptrdiff_t length = n * planeStride<S>(tile_);
    for (Cell* cell = cells; cell < cells + count - 1; cell++) {
      S** const pointers[] = {const_cast<S**>(&cell->left), const_cast<S**>(&cell->right), &cell->out};
      for (S** pointer : pointers) {
        if (*pointer == nullptr) continue;
        const ptrdiff_t reach = pointer == &cell->out || cell->terms == 0 ? length : cell->terms * length;
        if (*pointer >= end || *pointer + reach <= begin) continue;
        if (*pointer < begin || *pointer + reach > end) return false;
        moved_[movedCount_++] = {pointer, *pointer - begin};
      }
    }
    return true;
  }
};
#endif

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
