// The scalar meaning of the elementwise ops, lane by lane (src/program/ops/table.ts has the definition).
#pragma once

#include "../math/math.h"
#include "plan.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

namespace function {

template <class V> LIOUVILLE_INLINE V one() { return set1<V>(Scalar<V>(1)); }

template <class V> LIOUVILLE_INLINE V sign(V x) {
  const V unit = copysign(one<V>(), x);
  return select<V>(x == zero<V>(), x, select<V>(isNan(x), x, unit));
}

template <class V> LIOUVILLE_INLINE V step(V x) {
  return select<V>(isNan(x), x, select<V>(x > zero<V>(), one<V>(), zero<V>()));
}

// NaN if either is: Math.max and Math.min do so.
template <class V> LIOUVILLE_INLINE V larger(V a, V b) {
  return select<V>(isNan(a), a, select<V>(isNan(b), b, select<V>(a < b, b, a)));
}
template <class V> LIOUVILLE_INLINE V smaller(V a, V b) {
  return select<V>(isNan(a), a, select<V>(isNan(b), b, select<V>(b < a, b, a)));
}

}  // namespace function

// Calls run(f) with the function of a unary op. False for other ops.
template <class V, class Run> LIOUVILLE_INLINE bool withUnary(Op op, Run run) {
  switch (op) {
    case Op::neg: run([](V x) LIOUVILLE_INLINE_BODY { return -x; }); return true;
    case Op::exp: run([](V x) LIOUVILLE_INLINE_BODY { return exp(x); }); return true;
    case Op::expm1: run([](V x) LIOUVILLE_INLINE_BODY { return expm1(x); }); return true;
    case Op::log: run([](V x) LIOUVILLE_INLINE_BODY { return log(x); }); return true;
    case Op::log1p: run([](V x) LIOUVILLE_INLINE_BODY { return log1p(x); }); return true;
    case Op::tanh: run([](V x) LIOUVILLE_INLINE_BODY { return tanh(x); }); return true;
    case Op::sigmoid: run([](V x) LIOUVILLE_INLINE_BODY { return sigmoid(x); }); return true;
    case Op::softplus: run([](V x) LIOUVILLE_INLINE_BODY { return softplus(x); }); return true;
    case Op::relu: run([](V x) LIOUVILLE_INLINE_BODY { return function::larger(x, zero<V>()); }); return true;
    case Op::step: run([](V x) LIOUVILLE_INLINE_BODY { return function::step(x); }); return true;
    case Op::sqrt: run([](V x) LIOUVILLE_INLINE_BODY { return sqrt(x); }); return true;
    case Op::square: run([](V x) LIOUVILLE_INLINE_BODY { return x * x; }); return true;
    case Op::reciprocal: run([](V x) LIOUVILLE_INLINE_BODY { return reciprocal(x); }); return true;
    case Op::sin: run([](V x) LIOUVILLE_INLINE_BODY { return sin(x); }); return true;
    case Op::cos: run([](V x) LIOUVILLE_INLINE_BODY { return cos(x); }); return true;
    case Op::abs: run([](V x) LIOUVILLE_INLINE_BODY { return abs(x); }); return true;
    case Op::sign: run([](V x) LIOUVILLE_INLINE_BODY { return function::sign(x); }); return true;
    case Op::erf: run([](V x) LIOUVILLE_INLINE_BODY { return erf(x); }); return true;
    default: return false;
  }
}

// Calls run(f) with the function of a binary op. False for other ops.
template <class V, class Run> LIOUVILLE_INLINE bool withBinary(Op op, Run run) {
  using function::larger;
  using function::one;
  using function::smaller;
  switch (op) {
    case Op::add: run([](V a, V b) LIOUVILLE_INLINE_BODY { return a + b; }); return true;
    case Op::sub: run([](V a, V b) LIOUVILLE_INLINE_BODY { return a - b; }); return true;
    case Op::mul: run([](V a, V b) LIOUVILLE_INLINE_BODY { return a * b; }); return true;
    case Op::div: run([](V a, V b) LIOUVILLE_INLINE_BODY { return a / b; }); return true;
    case Op::max: run([](V a, V b) LIOUVILLE_INLINE_BODY { return larger(a, b); }); return true;
    case Op::min: run([](V a, V b) LIOUVILLE_INLINE_BODY { return smaller(a, b); }); return true;
    case Op::less:
      run([](V a, V b) LIOUVILLE_INLINE_BODY { return select<V>(a < b, one<V>(), zero<V>()); });
      return true;
    default: return false;
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
