#include "fuse.h"

#include <algorithm>
#include <utility>

#include "shapes.h"

namespace liouville::host {

namespace {

constexpr int32_t unstored = -1;

// What is left of the planes of a value when others have been written over some of them.
class Planes {
 public:
  explicit Planes(const Value& x) : space_(x.space) {
    if (!isEmpty(x)) parts_.push_back({x.offset, end(x)});
  }

  bool areGone() const { return parts_.empty(); }

  bool overlap(const Value& x) const {
    if (x.space != space_) return false;
    return std::ranges::any_of(parts_, [&](Part part) { return x.offset < part.end && part.first < end(x); });
  }

  void remove(const Value& x) {
    if (!overlap(x)) return;
    std::vector<Part> rest;
    for (const Part part : parts_) {
      if (part.first < x.offset) rest.push_back({part.first, std::min(part.end, x.offset)});
      if (end(x) < part.end) rest.push_back({std::max(part.first, end(x)), part.end});
    }
    parts_ = std::move(rest);
  }

 private:
  struct Part {
    int32_t first, end;
  };

  Space space_;
  std::vector<Part> parts_;

  static int32_t end(const Value& x) { return x.offset + int32_t(sizeOf(x)); }
};

class Fusion {
 public:
  explicit Fusion(Draft& draft) : draft_(draft), steps_(std::exchange(draft.body, {})) {}

  void run() {
    joinScales();
    for (size_t i = 0; i < steps_.size();) {
      if (isChained(steps_[i])) i = chain(i);
      else draft_.body.push_back(steps_[i++]);
    }
  }

 private:
  Draft& draft_;
  std::vector<Step> steps_;

  const Value& value(int32_t number) const { return draft_.value(number); }
  static bool isRow(const Value& x) { return x.space == Space::row; }
  const Value& outOf(const Step& step) const { return value(step.out); }

  bool isChained(const Step& step) const {
    if (step.op == Op::sum) return step.attributes[0] == 0 && value(step.inputs[0]).k > 1;
    return isElementwise(step.op) || step.op == Op::broadcast || step.op == Op::scale;
  }

  // What is added to a scaled value is what the multiply-add starts from.
  void joinScales() {
    for (size_t i = 0; i + 1 < steps_.size(); i++) {
      const Step &scale = steps_[i], &add = steps_[i + 1];
      if (scale.op != Op::scale || scale.inputs.size() > 2 || add.op != Op::add) continue;
      const Value &scaled = outOf(scale), &sum = outOf(add);
      const auto isScaled = [&](int32_t input) { return samePlace(value(input), scaled); };
      if (isScaled(add.inputs[0]) == isScaled(add.inputs[1])) continue;
      // Where a feature is repeated, nothing may be written over it.
      if (sum.k != scaled.k || sum.n != scaled.n || overlap(sum, value(scale.inputs[0]))) continue;
      if (isReadAfter(i + 1, scaled)) continue;
      const int32_t start = add.inputs[isScaled(add.inputs[0]) ? 1 : 0];
      steps_[i + 1] = {Op::scale, add.out, {scale.inputs[0], scale.inputs[1], start}};
      steps_.erase(steps_.begin() + ptrdiff_t(i));
    }
  }

  // Makes a chain of the instruction at `first` and those after it. Returns the first one that is left.
  size_t chain(size_t first) {
    size_t end = first + 1;
    const size_t limit = std::min(steps_.size(), first + size_t(mostChainOps));
    while (end < limit && isChained(steps_[end]) && fits(first, end)) end++;
    arrange(first, end);
    DraftChain made{outOf(steps_[first]).n, {}};
    const Value* previous = nullptr;
    for (size_t i = first; i < end;) {
      const size_t last = lastOfOp(i, end), next = last + 1;
      const Step& step = steps_[last];
      const Value& out = outOf(step);
      ChainOp op{last > i ? Op::sumOfProducts : step.op, out.offset, 1, {}};
      if (step.op == Op::sum) op.terms = value(step.inputs[0]).k;
      // Only ops with the same k follow each other vector by vector.
      if (previous != nullptr && previous->k != out.k) previous = nullptr;
      for (size_t operand = 0; operand < steps_[i].inputs.size(); operand++) {
        op.operands[operand] =
            operandOf(value(steps_[i].inputs[operand]), made.n, takesPrevious(step.op, operand) ? previous : nullptr);
      }
      if (next < end && outOf(steps_[lastOfOp(next, end)]).k == out.k && isReadByNextOnly(last)) op.out = unstored;
      made.ops.push_back({out.k, op});
      previous = &out;
      i = next;
    }
    draft_.body.push_back({Op::chain, -1, {}, {}, int32_t(draft_.chains.size())});
    draft_.chains.push_back(std::move(made));
    return end;
  }

  // May the instruction at `end` join the chain of those from `first` on?
  bool fits(size_t first, size_t end) const {
    const Step& step = steps_[end];
    if (outOf(step).n != outOf(steps_[first]).n) return false;
    for (size_t i = first; i < end; i++) {
      const Step& earlier = steps_[i];
      const bool sameGroup = outOf(earlier).k == outOf(step).k && outOf(step).k > 1;
      const auto fitsTo = [&](const Value& a, const Value& b) {
        if (!overlap(a, b) || samePlace(a, b)) return true;
        return a.n == b.n && (a.offset - b.offset) % a.n == 0 && !sameGroup;
      };
      const auto allFit = [&](const std::vector<int32_t>& inputs, const Value& result) {
        return std::ranges::all_of(inputs, [&](int32_t input) { return fitsTo(value(input), result); });
      };
      if (!fitsTo(outOf(earlier), outOf(step)) || !allFit(step.inputs, outOf(earlier)) ||
          !allFit(earlier.inputs, outOf(step))) {
        return false;
      }
    }
    return true;
  }

  // Must b stay after a?
  bool dependsOn(const Step& b, const Step& a) const {
    const auto touches = [&](const std::vector<int32_t>& inputs, const Value& result) {
      return std::ranges::any_of(inputs, [&](int32_t input) { return overlap(value(input), result); });
    };
    return overlap(outOf(a), outOf(b)) || touches(b.inputs, outOf(a)) || touches(a.inputs, outOf(b));
  }

  // Puts the instructions of a chain into an order in which more of them read what the one before has computed, and
  // those with the same k follow each other.
  void arrange(size_t first, size_t end) {
    std::vector<Step> waiting(std::make_move_iterator(steps_.begin() + ptrdiff_t(first)),
                              std::make_move_iterator(steps_.begin() + ptrdiff_t(end)));
    const Step* last = nullptr;
    for (size_t to = first; to < end; to++) {
      size_t best = 0;
      int32_t bestRank = -1;
      for (size_t i = 0; i < waiting.size(); i++) {
        const auto isBefore = [&](const Step& step) { return dependsOn(waiting[i], step); };
        if (std::any_of(waiting.begin(), waiting.begin() + ptrdiff_t(i), isBefore)) continue;
        const int32_t rank = last == nullptr ? 0 : rankAfter(*last, waiting[i]);
        if (rank <= bestRank) continue;
        bestRank = rank;
        best = i;
      }
      steps_[to] = std::move(waiting[best]);
      waiting.erase(waiting.begin() + ptrdiff_t(best));
      last = &steps_[to];
    }
  }

  // How well an instruction follows another one.
  int32_t rankAfter(const Step& last, const Step& step) const {
    if (outOf(last).k != outOf(step).k) return 0;
    for (size_t operand = 0; operand < step.inputs.size(); operand++) {
      if (takesPrevious(step.op, operand) && samePlace(value(step.inputs[operand]), outOf(last))) return 2;
    }
    return 1;
  }

  // May this operand come from registers?
  static bool takesPrevious(Op op, size_t operand) {
    if (op == Op::where) return operand == 0;
    return op == Op::scale ? operand == 2 : op != Op::sum;
  }

  // The last instruction of the op that begins at i: that itself, or the sum over k of the product at i.
  size_t lastOfOp(size_t i, size_t end) const {
    if (i + 1 >= end || steps_[i].op != Op::mul || steps_[i + 1].op != Op::sum) return i;
    const Value& out = outOf(steps_[i]);
    const bool full = std::ranges::all_of(steps_[i].inputs, [&](int32_t input) {
      return isRow(value(input)) && value(input).k == out.k && value(input).n == out.n;
    });
    return full && samePlace(value(steps_[i + 1].inputs[0]), out) && !isReadAfter(i + 1, out) ? i + 1 : i;
  }

  bool isReadByNextOnly(size_t i) const {
    const Value& out = outOf(steps_[i]);
    const Step& next = steps_[i + 1];
    bool reads = false;
    for (size_t operand = 0; operand < next.inputs.size(); operand++) {
      if (!overlap(value(next.inputs[operand]), out)) continue;
      if (!samePlace(value(next.inputs[operand]), out) || !takesPrevious(next.op, operand)) return false;
      reads = true;
    }
    return reads && !isReadAfter(i + 1, out);
  }

  // Does any instruction after that at i, or the caller, read planes of this value before they are written anew?
  bool isReadAfter(size_t i, const Value& x) const {
    Planes left(x);
    left.remove(outOf(steps_[i]));
    for (i++; i < steps_.size() && !left.areGone(); i++) {
      const Step& step = steps_[i];
      const size_t triple = step.op == Op::product ? 3 : 1;
      for (size_t input = 0; input < step.inputs.size(); input += triple) {
        if (left.overlap(value(step.inputs[input]))) return true;
      }
      for (size_t input = 1; triple == 3 && input < step.inputs.size(); input += triple) {
        left.remove(value(step.inputs[input]));
      }
      if (triple == 1) left.remove(outOf(step));
    }
    return std::ranges::any_of(draft_.outputs, [&](const Port& port) { return left.overlap(value(port.value)); });
  }

  ChainOperand operandOf(const Value& x, int32_t n, const Value* previous) const {
    const bool each = x.n == n;
    const int32_t overK = x.k == 1 ? 0 : x.n;
    if (!isRow(x)) {
      int32_t offset = x.offset;
      for (int32_t space = 0; space < int32_t(x.space); space++) offset += draft_.sizes[size_t(space)];
      return {each ? Source::numbers : Source::number, offset, overK};
    }
    if (previous != nullptr && samePlace(*previous, x)) return {Source::previous, x.offset, overK};
    return {each ? Source::planes : Source::plane, x.offset, overK};
  }
};

}  // namespace

void fuse(Draft& draft) { Fusion(draft).run(); }

}  // namespace liouville::host
