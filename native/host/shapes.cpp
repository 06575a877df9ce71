#include "shapes.h"

#include <algorithm>

#include "misuse.h"

namespace liouville::host {

namespace {

using Attributes = std::vector<int32_t>;

void expect(bool holds, const char* what) {
  if (!holds) refuse(std::string("expected ") + what);
}

void expectCounts(const std::vector<Shape>& inputs, size_t count, const Attributes& attributes, size_t numbers) {
  expect(inputs.size() == count, count == 1 ? "one operand" : count == 2 ? "two operands" : "three operands");
  expect(attributes.size() == numbers, "as many attributes as the op has");
}

void expectFlags(const Attributes& attributes) {
  expect(std::ranges::all_of(attributes, [](int32_t x) { return x == 0 || x == 1; }), "attributes of 0 or 1");
}

Shape broadcastShape(const std::vector<Shape>& inputs) {
  Shape shape{1, 1};
  for (const Shape& x : inputs) shape = {shape.k == 1 ? x.k : shape.k, shape.n == 1 ? x.n : shape.n};
  for (const Shape& x : inputs) {
    expect((x.k == shape.k || x.k == 1) && (x.n == shape.n || x.n == 1), "shapes that are equal, or 1");
  }
  return shape;
}

Shape concatShape(const std::vector<Shape>& inputs, const Attributes& attributes) {
  expect(!inputs.empty() && attributes.empty(), "at least one part and no attributes");
  Shape shape{inputs[0].k, 0};
  for (const Shape& x : inputs) {
    expect(x.k == shape.k, "parts with the same k");
    shape.n += x.n;
  }
  return shape;
}

Shape takeShape(const Shape& x, const Attributes& indices) {
  expect(std::ranges::all_of(indices, [&](int32_t i) { return i >= 0 && i < x.n; }), "indices of features");
  return {x.k, int64_t(indices.size())};
}

Shape scatterShape(const Shape& x, const Attributes& attributes) {
  expect(int64_t(attributes.size()) == 1 + x.n, "a width, and an index for each feature");
  const int32_t n = attributes[0];
  expect(std::all_of(attributes.begin() + 1, attributes.end(), [&](int32_t i) { return i >= 0 && i < n; }),
         "indices below the width");
  return {x.k, n};
}

Shape matmulShape(const Shape& a, const Shape& b, int32_t form) {
  switch (form) {
    case 0: return expect(a.n == b.n, "as many features left as right"), Shape{a.k, b.k};
    case 1: return expect(a.n == b.k, "as many features left as rows right"), Shape{a.k, b.n};
    case 2: return expect(a.k == b.k, "as many rows left as right"), Shape{a.n, b.n};
    default: refuse("expected the form nt, nn or tn");
  }
}

Shape outerShape(const std::vector<Shape>& inputs) {
  expect(!inputs.empty() && inputs.size() % 2 == 0, "pairs of operands");
  for (size_t i = 0; i < inputs.size(); i += 2) {
    expect(inputs[i].k == inputs[i + 1].k && inputs[i].n == inputs[0].n && inputs[i + 1].n == inputs[1].n,
           "pairs with equal k, all of the same widths");
  }
  return {inputs[0].n, inputs[1].n};
}

}  // namespace

std::string text(const Shape& shape) {
  return "[" + std::to_string(shape.k) + ", " + std::to_string(shape.n) + "]";
}

const char* nameOf(Op op) {
  switch (op) {
    case Op::neg: return "neg";
    case Op::exp: return "exp";
    case Op::expm1: return "expm1";
    case Op::log: return "log";
    case Op::log1p: return "log1p";
    case Op::tanh: return "tanh";
    case Op::sigmoid: return "sigmoid";
    case Op::softplus: return "softplus";
    case Op::relu: return "relu";
    case Op::step: return "step";
    case Op::sqrt: return "sqrt";
    case Op::square: return "square";
    case Op::reciprocal: return "reciprocal";
    case Op::sin: return "sin";
    case Op::cos: return "cos";
    case Op::abs: return "abs";
    case Op::sign: return "sign";
    case Op::erf: return "erf";
    case Op::add: return "add";
    case Op::sub: return "sub";
    case Op::mul: return "mul";
    case Op::div: return "div";
    case Op::max: return "max";
    case Op::min: return "min";
    case Op::less: return "less";
    case Op::where: return "where";
    case Op::slice: return "slice";
    case Op::concat: return "concat";
    case Op::take: return "take";
    case Op::scatter: return "scatter";
    case Op::pad: return "pad";
    case Op::broadcast: return "broadcast";
    case Op::reshape: return "reshape";
    case Op::transpose: return "transpose";
    case Op::stopGradient: return "stopGradient";
    case Op::sum: return "sum";
    case Op::cumsum: return "cumsum";
    case Op::matmul: return "matmul";
    case Op::triangularSolve: return "triangularSolve";
    case Op::total: return "total";
    case Op::outerTotal: return "outerTotal";
    case Op::inverseLogDet: return "inverseLogDet";
    case Op::largest: return "largest";
    case Op::product: return "product";
    case Op::spread: return "spread";
    case Op::scale: return "scale";
    case Op::sumOfProducts: return "sumOfProducts";
    case Op::chain: return "chain";
  }
  return nullptr;
}

bool isElementwise(Op op) { return op <= Op::where; }

bool isSum(Op op) { return op == Op::total || op == Op::outerTotal; }

Shape resultShape(Op op, const std::vector<Shape>& inputs, const std::vector<int32_t>& attributes) {
  if (op <= Op::erf) {
    expectCounts(inputs, 1, attributes, 0);
    return inputs[0];
  }
  if (op <= Op::where) {
    expectCounts(inputs, op == Op::where ? 3 : 2, attributes, 0);
    return broadcastShape(inputs);
  }
  if (op == Op::concat) return concatShape(inputs, attributes);
  if (op == Op::outerTotal) {
    expect(attributes.empty(), "no attributes");
    return outerShape(inputs);
  }
  if (op == Op::take || op == Op::scatter) {
    expect(inputs.size() == 1, "one operand");
    return op == Op::take ? takeShape(inputs[0], attributes) : scatterShape(inputs[0], attributes);
  }
  const bool two = op == Op::matmul || op == Op::triangularSolve;
  const auto numbers = [op]() -> size_t {
    switch (op) {
      case Op::slice:
      case Op::pad:
      case Op::broadcast:
      case Op::reshape: return 2;
      case Op::sum:
      case Op::cumsum:
      case Op::largest:
      case Op::matmul: return 1;
      case Op::triangularSolve: return 3;
      default: return 0;
    }
  };
  expectCounts(inputs, two ? 2 : 1, attributes, numbers());
  const Shape x = inputs[0];
  const auto at = [&](size_t i) -> int64_t { return attributes[i]; };
  switch (op) {
    case Op::slice:
      expect(at(0) >= 0 && at(1) >= 0 && at(0) + at(1) <= x.n, "features within the operand");
      return {x.k, at(1)};
    case Op::pad:
      expect(at(0) >= 0 && at(1) >= 0, "a number of zeros before and after");
      return {x.k, at(0) + x.n + at(1)};
    case Op::broadcast:
      expect((x.k == at(0) || x.k == 1) && (x.n == at(1) || x.n == 1), "a shape that the operand widens to");
      return {at(0), at(1)};
    case Op::reshape:
      expect(at(0) >= 0 && at(1) >= 0 && x.k * x.n == at(0) * at(1), "a shape of as many numbers");
      return {at(0), at(1)};
    case Op::transpose: return {x.n, x.k};
    case Op::sum:
      expectFlags(attributes);
      return at(0) == 0 ? Shape{1, x.n} : Shape{x.k, 1};
    case Op::cumsum: return expectFlags(attributes), x;
    case Op::matmul: return matmulShape(x, inputs[1], attributes[0]);
    case Op::triangularSolve:
      expectFlags(attributes);
      expect(x.k == x.n && x.n == inputs[1].n, "a square matrix as wide as the right-hand side");
      return inputs[1];
    case Op::largest:
      expectFlags(attributes);
      expect((at(0) == 0 ? x.k : x.n) > 0, "at least one number along the axis");
      return at(0) == 0 ? Shape{1, x.n} : Shape{x.k, 1};
    case Op::inverseLogDet:
      expect(x.k == x.n && x.n >= 1 && x.n <= mostInverseRows, "a square matrix of 1 to 1024 rows");
      return {x.n, x.n + 1};
    case Op::total:
    case Op::stopGradient: return x;
    default: refuse("expected an op of the bytecode");
  }
}

}  // namespace liouville::host
