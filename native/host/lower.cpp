#include "lower.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "check.h"
#include "misuse.h"
#include "shapes.h"

namespace liouville::host {

namespace {

// What the sums of a product start from, as in native/kernel/product.h.
enum Start : int32_t { zero = 0, bias = 1 };

enum Form : int32_t { nt = 0, nn = 1 };

class Lowering {
 public:
  explicit Lowering(Draft& draft) : draft_(draft), steps_(std::exchange(draft.body, {})) {
    scratch_ = draft_.sizes[size_t(Space::row)];
  }

  void run() {
    for (size_t i = 0; i < steps_.size();) {
      if (isScale(steps_[i])) i = scale(i);
      else if (isProduct(steps_[i])) i = product(i);
      else other(std::move(steps_[i++]));
    }
    draft_.sizes[size_t(Space::row)] += mostScratch_;
  }

 private:
  Draft& draft_;
  std::vector<Step> steps_;
  int32_t scratch_;          // the first plane for spread operands, which live for one instruction
  int32_t mostScratch_ = 0;

  const Value& value(int32_t number) const { return draft_.value(number); }
  bool isRow(int32_t number) const { return value(number).space == Space::row; }

  bool anyEmpty(const Step& step) const {
    return std::ranges::any_of(step.inputs, [&](int32_t i) { return isEmpty(value(i)); });
  }

  bool isProduct(const Step& step) const {
    return !isEmpty(value(step.out)) && !anyEmpty(step) && step.op == Op::matmul && (step.attributes[0] == nt || step.attributes[0] == nn) &&
           isRow(step.inputs[0]) && !isRow(step.inputs[1]);
  }

  // A product with a matrix of a single input works element by element.
  bool isScale(const Step& step) const { return isProduct(step) && value(step.inputs[0]).n == 1; }

  // Makes one instruction of the matmul at `i` and of a bias that is added to it in place. Returns the first step
  // after it.
  size_t scale(size_t i) {
    const Step& step = steps_[i];
    const Value matrix = value(step.inputs[1]), out = value(step.out);
    const int32_t weights = int32_t(draft_.values.size());
    draft_.values.push_back({matrix.space, matrix.offset, 1, out.n});
    Step made{Op::scale, step.out, {step.inputs[0], weights}};
    i++;
    const std::optional<int32_t> shift = i < steps_.size() ? addedTo(out, steps_[i]) : std::nullopt;
    if (shift) {
      made.inputs.push_back(*shift);
      i++;
    }
    draft_.body.push_back(std::move(made));
    return i;
  }

  // What a step adds in place to the value y [k, n], if that is a bias [1, n].
  std::optional<int32_t> addedTo(const Value& y, const Step& step) const {
    if (step.op != Op::add || !samePlace(y, value(step.out))) return std::nullopt;
    for (const size_t side : {0, 1}) {
      const Value& shift = value(step.inputs[1 - side]);
      if (!samePlace(value(step.inputs[side]), y)) continue;
      if (isShared(shift.space) && shift.k == 1 && shift.n == y.n) return step.inputs[1 - side];
    }
    return std::nullopt;
  }

  // Makes one product of the matmul at `i` and what follows it. Returns the first step after it.
  size_t product(size_t i) {
    const Step first = steps_[i];
    Step made{Op::product};
    made.index = matrixOf(first);
    while (i < steps_.size()) {
      const Step& step = steps_[i];
      if (isSameProduct(step, first) && isApart(made, step)) {
        made.inputs.insert(made.inputs.end(), {step.inputs[0], step.out, Start::zero});
      } else if (!takeBias(made, step)) {
        break;
      }
      i++;
    }
    draft_.body.push_back(std::move(made));
    return i;
  }

  bool isSameProduct(const Step& step, const Step& first) const {
    return isProduct(step) && step.attributes == first.attributes &&
           samePlace(value(step.inputs[1]), value(first.inputs[1]));
  }

  // The operands of one product are worked on side by side: no result may lie where another operand is read
  // or written.
  bool isApart(const Step& made, const Step& step) const {
    const Value &x = value(step.inputs[0]), &y = value(step.out);
    for (size_t operand = 0; operand < made.inputs.size(); operand += 3) {
      const Value &otherX = value(made.inputs[operand]), &otherY = value(made.inputs[operand + 1]);
      if (overlap(x, otherY) || overlap(y, otherX) || overlap(y, otherY)) return false;
    }
    return true;
  }

  // Is this the addition of a bias to a result of the product, in place? Then it starts from the bias. A
  // matrix is packed with one bias at most; another one stays an addition.
  bool takeBias(Step& made, const Step& step) {
    Matrix& matrix = draft_.matrices[size_t(made.index)];
    for (size_t operand = 0; operand < made.inputs.size(); operand += 3) {
      if (made.inputs[operand + 2] != Start::zero) continue;
      const std::optional<int32_t> shift = addedTo(value(made.inputs[operand + 1]), step);
      if (!shift || (matrix.bias >= 0 && !samePlace(value(matrix.bias), value(*shift)))) continue;
      matrix.bias = *shift;
      made.inputs[operand + 2] = Start::bias;
      return true;
    }
    return false;
  }

  int32_t matrixOf(const Step& step) {
    const int32_t number = step.inputs[1];
    const Value& w = value(number);
    const bool transposed = step.attributes[0] == nn;
    const auto found = std::ranges::find_if(draft_.matrices, [&](const Matrix& matrix) {
      return matrix.transposed == transposed && samePlace(value(matrix.value), w);
    });
    if (found != draft_.matrices.end()) return int32_t(found - draft_.matrices.begin());
    draft_.matrices.push_back({number, transposed ? w.n : w.k, transposed ? w.k : w.n, transposed, -1, -1});
    return int32_t(draft_.matrices.size()) - 1;
  }

  void other(Step step) {
    if (isEmpty(value(step.out))) return;
    removeEmpty(step);
    int32_t used = 0;
    const bool elementwise = isElementwise(step.op);
    const bool anyRow = std::ranges::any_of(step.inputs, [&](int32_t i) { return isRow(i); });
    for (size_t i = 0; i < step.inputs.size(); i++) {
      // An elementwise op reads shared numbers by itself, as long as there is a row to work on.
      if (isRow(step.inputs[i]) || step.op == Op::spread || (elementwise && (anyRow || i > 0))) continue;
      step.inputs[i] = spread(step.inputs[i], used);
    }
    if (isSum(step.op)) {
      step.index = int32_t(draft_.sums.size());
      draft_.sums.push_back({step.out, step.op == Op::outerTotal, -1});
    }
    mostScratch_ = std::max(mostScratch_, used);
    draft_.body.push_back(std::move(step));
  }

  // Parts without numbers add nothing to a concat or a sum. Any other op that makes numbers from none makes
  // zeros: padding, scattering, and sums of no terms.
  void removeEmpty(Step& step) {
    if (!anyEmpty(step)) return;
    if (step.op != Op::concat && step.op != Op::outerTotal) {
      const int32_t zeros = zerosLike(value(step.out));
      step = {Op::spread, step.out, {zeros}};
      return;
    }
    const size_t together = step.op == Op::outerTotal ? 2 : 1;
    std::vector<int32_t> kept;
    for (size_t i = 0; i < step.inputs.size(); i += together) {
      if (isEmpty(value(step.inputs[i])) || isEmpty(value(step.inputs[i + together - 1]))) continue;
      kept.insert(kept.end(), step.inputs.begin() + ptrdiff_t(i), step.inputs.begin() + ptrdiff_t(i + together));
    }
    step.inputs = std::move(kept);
  }

  int32_t zerosLike(const Value& like) {
    const Value zeros{Space::constant, int32_t(draft_.constants.size()), like.k, like.n};
    draft_.constants.resize(draft_.constants.size() + size_t(sizeOf(like)));
    draft_.sizes[size_t(Space::constant)] = int32_t(draft_.constants.size());
    draft_.values.push_back(zeros);
    return int32_t(draft_.values.size()) - 1;
  }

  // A row value that holds the numbers of a shared one. `used`: planes that this instruction has taken.
  int32_t spread(int32_t number, int32_t& used) {
    const Value from = value(number);
    if (scratch_ + used + sizeOf(from) > mostPlanes) refuse("body: expected fewer numbers per row");
    const int32_t made = int32_t(draft_.values.size());
    draft_.values.push_back({Space::row, scratch_ + used, from.k, from.n});
    used += from.k * from.n;
    draft_.body.push_back({Op::spread, made, {number}});
    return made;
  }
};

}  // namespace

void lower(Draft& draft) {
  Lowering(draft).run();
  const auto note = [&](int32_t number) {
    if (isShared(draft.value(number).space)) draft.shared.push_back(number);
  };
  for (const Step& step : draft.body) {
    if (step.op != Op::product) std::ranges::for_each(step.inputs, note);
  }
  for (const Port& port : draft.outputs) note(port.value);
  std::ranges::sort(draft.shared);
  const auto repeated = std::ranges::unique(draft.shared);
  draft.shared.erase(repeated.begin(), repeated.end());
}

}  // namespace liouville::host
