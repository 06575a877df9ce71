#include "check.h"

#include <algorithm>
#include <string>

#include "misuse.h"
#include "shapes.h"

namespace liouville::host {

namespace {

// Which numbers of a space have been written.
class Written {
 public:
  explicit Written(int32_t size) : bits_(size_t(size)) {}

  bool covers(const Value& value) const {
    return std::all_of(begin(value), end(value), [](bool bit) { return bit; });
  }
  bool touches(const Value& value) const {
    return std::any_of(begin(value), end(value), [](bool bit) { return bit; });
  }
  void mark(const Value& value) {
    std::fill_n(bits_.begin() + value.offset, ptrdiff_t(sizeOf(value)), true);
  }

 private:
  std::vector<bool> bits_;

  std::vector<bool>::const_iterator begin(const Value& value) const { return bits_.begin() + value.offset; }
  std::vector<bool>::const_iterator end(const Value& value) const { return begin(value) + ptrdiff_t(sizeOf(value)); }
};

class Checker {
 public:
  explicit Checker(const Bytecode& code) : code_(code) {}

  Draft run() {
    readSizes();
    readValues();
    readPorts(code_.inputs, draft_.inputs, "input");
    readPorts(code_.outputs, draft_.outputs, "output");
    begin();
    draft_.prologue = section("prologue", code_.prologue, Space::prologue);
    draft_.body = section("body", code_.body, Space::row);
    draft_.epilogue = section("epilogue", code_.epilogue, Space::epilogue);
    checkOutputs();
    readGradients();
    return std::move(draft_);
  }

 private:
  const Bytecode& code_;
  Draft draft_;
  std::vector<Written> written_;  // by space; constants and parameters have none
  Written loaded_{0};             // planes of the inputs

  Written& written(Space space) { return written_[size_t(space)]; }
  bool isKnown(const Value& value) { return value.space < Space::prologue || written(value.space).covers(value); }

  void readSizes() {
    if (code_.sizes.size() != size_t(spaceCount)) refuse("sizes: expected one for each of the 7 spaces");
    for (int32_t i = 0; i < spaceCount; i++) {
      const int32_t most = Space(i) == Space::row ? mostPlanes : mostNumbers;
      if (code_.sizes[size_t(i)] < 0 || code_.sizes[size_t(i)] > most) {
        refuse("sizes[" + std::to_string(i) + "]: expected a number from 0 to " + std::to_string(most));
      }
      draft_.sizes[size_t(i)] = code_.sizes[size_t(i)];
    }
    if (code_.constants.size() != size_t(draft_.sizes[0])) refuse("constants: expected as many as sizes[0] says");
    draft_.constants = code_.constants;
  }

  Value valueAt(const std::vector<int32_t>& words, size_t at, const std::string& name) const {
    const int32_t space = words[at];
    const Value value{Space(space), words[at + 1], words[at + 2], words[at + 3]};
    if (space < 0 || space >= spaceCount) refuse(name + ": expected a space from 0 to 6");
    if (value.k < 0 || value.n < 0) refuse(name + ": expected a shape");
    if (value.offset < 0 || value.offset + sizeOf(value) > draft_.sizes[size_t(space)]) {
      refuse(name + ": lies outside its space");
    }
    return value;
  }

  void readValues() {
    if (code_.values.size() % 4 != 0) refuse("values: expected four numbers for each value");
    for (size_t at = 0; at < code_.values.size(); at += 4) {
      draft_.values.push_back(valueAt(code_.values, at, "value " + std::to_string(at / 4)));
    }
  }

  void readPorts(const std::vector<int32_t>& words, std::vector<Port>& ports, const char* what) {
    if (words.size() % 4 != 0) refuse(std::string(what) + "s: expected four numbers for each");
    for (size_t at = 0; at < words.size(); at += 4) {
      draft_.values.push_back(valueAt(words, at, what + std::string(" ") + std::to_string(at / 4)));
      ports.push_back({int32_t(draft_.values.size()) - 1});
    }
  }

  // What is known before the program runs: constants, parameters, and the inputs of the row.
  void begin() {
    for (int32_t i = 0; i < spaceCount; i++) {
      written_.emplace_back(Space(i) < Space::prologue ? 0 : draft_.sizes[size_t(i)]);
    }
    loaded_ = Written(draft_.sizes[size_t(Space::row)]);
    for (const Port& port : draft_.inputs) {
      const Value& value = draft_.value(port.value);
      if (value.space != Space::row) refuse("input: expected a value of the row");
      if (loaded_.touches(value)) refuse("input: two of them overlap");
      loaded_.mark(value);
      written(Space::row).mark(value);
    }
  }

  std::vector<Step> section(const char* name, const std::vector<int32_t>& words, Space target) {
    std::vector<Step> steps;
    for (size_t at = 0; at < words.size(); at += size_t(words[at])) {
      std::string where = std::string(name) + ", instruction " + std::to_string(steps.size());
      try {
        steps.push_back(decode(words, at));
        where += std::string(" (") + nameOf(steps.back().op) + ")";
        check(steps.back(), target);
      } catch (const Misuse& misuse) {
        refuse(where + ": " + misuse.what());
      }
    }
    return steps;
  }

  Step decode(const std::vector<int32_t>& words, size_t at) const {
    const size_t left = words.size() - at;
    if (left < 4 || words[at] < 4 || size_t(words[at]) > left) refuse("expected an instruction of its own length");
    const int32_t length = words[at], inputs = words[at + 2];
    const Op op = Op(words[at + 1]);
    if (nameOf(op) == nullptr || op >= Op::product) refuse("expected the code of an op");
    if (inputs < 0 || inputs > length - 4) refuse("expected a number of operands that fits its length");
    const auto begin = words.begin() + ptrdiff_t(at);
    Step step{op, words[at + 3], {begin + 4, begin + 4 + inputs}, {begin + 4 + inputs, begin + length}};
    const auto isValue = [&](int32_t i) { return i >= 0 && size_t(i) < draft_.values.size(); };
    if (!isValue(step.out) || !std::ranges::all_of(step.inputs, isValue)) refuse("expected numbers of values");
    return step;
  }

  void check(const Step& step, Space target) {
    const Value& out = draft_.value(step.out);
    std::vector<Shape> shapes;
    for (const int32_t i : step.inputs) {
      const Value& value = draft_.value(i);
      shapes.push_back({value.k, value.n});
      if (!readable(value.space, target)) refuse("an operand belongs to a later section");
      if (!isKnown(value)) refuse("an operand is read before it was written");
    }
    const Shape shape = resultShape(step.op, shapes, step.attributes);
    if (shape != Shape{out.k, out.n}) {
      refuse("expected a result of shape " + text(shape) + "; got " + text({out.k, out.n}));
    }
    if (isSum(step.op)) {
      if (target != Space::row || out.space != Space::total) refuse("sums over rows belong to the body");
      if (written(Space::total).touches(out)) refuse("a sum has its place to itself");
    } else {
      if (out.space != target) refuse("writes to the space of another section");
      if (target == Space::row && loaded_.touches(out)) refuse("writes over an input");
      checkOverlap(step, out);
    }
    written(out.space).mark(out);
  }

  static bool readable(Space space, Space target) {
    if (target == Space::epilogue) return space != Space::row;
    return isShared(space) || (target == Space::row && space == Space::row);
  }

  void checkOverlap(const Step& step, const Value& out) const {
    for (const int32_t i : step.inputs) {
      const Value& value = draft_.value(i);
      if (!overlap(value, out) || (isElementwise(step.op) && samePlace(value, out))) continue;
      refuse("the result overlaps an operand");
    }
  }

  void checkOutputs() {
    for (const Port& port : draft_.outputs) {
      const Value& value = draft_.value(port.value);
      if (value.space > Space::row) refuse("output: expected a value of the row, or one that is known before");
      if (!isKnown(value)) refuse("output: it is never written");
    }
  }

  void readGradients() {
    if (code_.gradients.size() % 4 != 0) refuse("gradients: expected four numbers for each");
    for (size_t at = 0; at < code_.gradients.size(); at += 4) {
      const int32_t* words = code_.gradients.data() + at;
      const Value value = valueAt({words[0], words[1], 1, words[2]}, 0, "gradient " + std::to_string(at / 4));
      if (value.space == Space::row) refuse("gradient: expected a sum over rows");
      if (!isKnown(value)) refuse("gradient: it is never written");
      if (words[3] < 0 || words[3] > mostNumbers) refuse("gradient: expected the number of a parameter");
      draft_.gradients.push_back({value.space, value.offset, value.n, words[3]});
    }
  }
};

}  // namespace

Draft checked(const Bytecode& code) { return Checker(code).run(); }

}  // namespace liouville::host
