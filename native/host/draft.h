// A program on its way from bytecode to a Plan: the same things in vectors, so that they can grow.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "../engine/plan.h"

namespace liouville::host {

// A compiled program as it arrives from JavaScript: copies of the arrays of src/program/compile.ts. Nothing
// about it has been checked.
struct Bytecode {
  std::vector<int32_t> values;  // four for each value: space, offset, k, n
  std::vector<double> constants;
  std::vector<int32_t> prologue, body, epilogue;
  std::vector<int32_t> sizes;            // numbers in each space
  std::vector<int32_t> inputs, outputs;  // four for each port: space, offset, k, n
  std::vector<int32_t> gradients;        // four for each: space, offset, count, first trained parameter
};

// An instruction with its operands.
struct Step {
  Op op;
  int32_t out = -1;
  std::vector<int32_t> inputs{};
  std::vector<int32_t> attributes{};
  int32_t index = -1;
};

// The gradient of trained parameters `target` ... target + count - 1 is what stands at `offset` in a space.
struct GradientPart {
  Space space;
  int32_t offset, count, target;
};

// The ops of a chain, each with the k of its result.
struct DraftChain {
  int32_t n;
  std::vector<std::pair<int32_t, ChainOp>> ops;
};

// A Mask, and the memory that it points into.
struct DraftMask {
  int32_t constant, k, n;
  std::vector<Span> rows, columns, rowSlabs, columnSlabs;
};

struct Draft {
  std::vector<Value> values;
  std::array<int32_t, spaceCount> sizes{};
  std::vector<double> constants;
  std::vector<Step> prologue, body, epilogue;
  std::vector<Matrix> matrices;
  std::vector<DraftMask> masks;
  std::vector<int32_t> shared;  // the shared values that the body reads as they are, not packed
  std::vector<DraftChain> chains;
  std::vector<Sum> sums;
  std::vector<Port> inputs, outputs;
  std::vector<GradientPart> gradients;

  const Value& value(int32_t number) const { return values[size_t(number)]; }
};

inline int64_t sizeOf(const Value& value) { return int64_t(value.k) * value.n; }

// Spaces whose numbers are known before the rows come.
inline bool isShared(Space space) { return space <= Space::prologue; }

// A value may hold no numbers at all.
inline bool isEmpty(const Value& value) { return sizeOf(value) == 0; }

inline bool overlap(const Value& a, const Value& b) {
  return a.space == b.space && !isEmpty(a) && !isEmpty(b) && a.offset < b.offset + sizeOf(b) && b.offset < a.offset + sizeOf(a);
}

// The same numbers in the same shape.
inline bool samePlace(const Value& a, const Value& b) {
  return a.space == b.space && a.offset == b.offset && a.k == b.k && a.n == b.n;
}

}  // namespace liouville::host
