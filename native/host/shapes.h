// The shape rules of the ops, as in src/program/ops.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../engine/plan.h"

namespace liouville::host {

struct Shape {
  int64_t k, n;
  bool operator==(const Shape&) const = default;
};

std::string text(const Shape& shape);

// The name of an op of the bytecode; null for a number that is none.
const char* nameOf(Op op);

// Elementwise ops read and write one position after the other, so that the result may overwrite an operand.
bool isElementwise(Op op);

// total and outerTotal: the ops that add up over all rows.
bool isSum(Op op);

// The shape of a result. Throws Misuse where the number of operands, their shapes or the attributes are
// none that the op can have.
Shape resultShape(Op op, const std::vector<Shape>& inputs, const std::vector<int32_t>& attributes);

}  // namespace liouville::host
