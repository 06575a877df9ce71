// A program as the kernels run it: plain data, made and checked by the host (native/host/plan.cpp) from the
// bytecode of src/program/compile.ts. No functions here: this header is shared by units of every
// instruction set, and an inline function would be linked once for all of them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "span.h"

namespace liouville {

// The memory spaces, in the order of `spaces` in src/program/compile.ts. `row` counts numbers per row, a
// plane each; all others hold plain numbers that the rows of a call share.
enum class Space : int32_t { constant, trained, state, prologue, row, total, epilogue };
inline constexpr int32_t spaceCount = 7;

// Op codes of the bytecode (src/program/ops/table.ts), and from `product` on those that only plans have.
enum class Op : int32_t {
  neg = 1, exp, expm1, log, log1p, tanh, sigmoid, softplus, relu, step, sqrt, square, reciprocal, sin, cos,
  abs, sign, erf,
  add = 32, sub, mul, div, max, min, less, where,
  slice = 48, concat, take, scatter, pad, broadcast, reshape, transpose, stopGradient,
  sum = 64, cumsum, matmul, triangularSolve, total, outerTotal, inverseLogDet, largest,
  product = 128,  // inputs are triples x, y, start: y (+)= x times `matrix`
  spread,         // out, a row value, takes a shared value in every lane
  scale,          // a matrix with a single input: w x + b, with one rounding where there is fma
  sumOfProducts,  // sum over k of a b
  chain,          // elementwise ops that are run together
};

// Larger matrices are not inverted: the order of the pivots lies on the stack.
inline constexpr int32_t mostInverseRows = 1024;

struct Value {
  Space space;
  int32_t offset;  // numbers into its space
  int32_t k, n;
};

struct Instruction {
  Op op;
  int32_t out;  // a value; unused by product
  int32_t inputCount;
  const int32_t* inputs;  // values
  int32_t attributeCount;
  const int32_t* attributes;
  int32_t index;  // product: the packed matrix; total and outerTotal: the sum; chain: the chain; else -1
};

// Where an op of a chain finds an operand.
enum class Source : int32_t {
  none,
  previous,  // what the op before has computed
  planes,    // of a row value [., n], one for each feature
  plane,     // of a row value [., 1], the same for all features
  numbers,   // that all rows share, one for each feature
  number,    // the same for all features
};

// `offset` counts planes, or the numbers of all shared spaces one behind the other; the next of k stands `overK`
// further.
struct ChainOperand {
  Source source;
  int32_t offset, overK;
};

inline constexpr int32_t mostChainOps = 64;

struct ChainOp {
  Op op;
  int32_t out;    // the first plane of the result; -1 where nothing but the next op reads it
  int32_t terms;  // sum and sumOfProducts: how many
  ChainOperand operands[3];
};

// Ops whose results are [k, n], done one after the other for each of the k.
struct ChainGroup {
  int32_t k;
  int32_t count;
  const ChainOp* ops;
};

struct Chain {
  int32_t n;
  int32_t groupCount;
  const ChainGroup* groups;
};

struct Section {
  int32_t count;
  const Instruction* instructions;
};

// A constant of zeros and ones that a matrix is multiplied with, entry by entry.
struct Mask {
  int32_t constant;  // its first number among the constants
  Spans spans;
};

// A matrix that all rows share, packed once per call: that of a value [outputs, inputs], or, transposed, of
// a value [inputs, outputs].
struct Matrix {
  int32_t value;
  int32_t outputs, inputs;
  bool transposed;
  int32_t bias;  // a value [1, outputs], or -1
  int32_t mask;  // of the value, or -1
};

// A sum over all rows: of a value (outer is false), or of outer products.
struct Sum {
  int32_t value;
  bool outer;
  int32_t mask;  // of the sum, or -1
};

// A row input or output.
struct Port {
  int32_t value;
};

struct Plan {
  int32_t valueCount;
  const Value* values;
  int32_t sizes[spaceCount];  // numbers in each space; row: planes
  const double* constants;
  Section prologue, body, epilogue;
  int32_t matrixCount;
  const Matrix* matrices;
  int32_t maskCount;
  const Mask* masks;
  int32_t sharedCount;
  const int32_t* shared;  // the shared values that the body reads as they are, not packed
  int32_t chainCount;
  const Chain* chains;
  int32_t sumCount;
  const Sum* sums;
  int32_t inputCount;
  const Port* inputs;
  int32_t outputCount;
  const Port* outputs;
};

}  // namespace liouville
