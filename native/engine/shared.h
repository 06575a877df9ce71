// The prologue and the epilogue: what is computed once per call, in double, on plain arrays.
#pragma once

#include "backend.h"
#include "functions.h"
#include "inverse.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

class SharedMachine {
 public:
  SharedMachine(const Plan& plan, double* const* spaces) : plan_(plan), spaces_(spaces) {}

  void run(const Section& section) {
    for (int32_t i = 0; i < section.count; i++) execute(section.instructions[i]);
  }

 private:
  struct Array {
    double* at;
    int32_t k, n;
    // Entry (j, i), axes of length 1 being repeated.
    double operator()(int32_t j, int32_t i) const {
      return at[(k == 1 ? 0 : j) * ptrdiff_t(n) + (n == 1 ? 0 : i)];
    }
    ptrdiff_t size() const { return ptrdiff_t(k) * n; }
  };

  const Plan& plan_;
  double* const* spaces_;

  Array array(int32_t value) const {
    const Value& v = plan_.values[value];
    return {spaces_[int32_t(v.space)] + v.offset, v.k, v.n};
  }

  // out[i] = f(inputs[i] ...) a vector at a time; the last one is padded.
  template <class F> static void unary(const Array& out, const Array& x, F f) {
    constexpr int W = lanes<F64>;
    for (ptrdiff_t i = 0; i < out.size(); i += W) {
      double values[W] = {};
      const int count = out.size() - i < W ? int(out.size() - i) : W;
      for (int lane = 0; lane < count; lane++) values[lane] = x.at[i + lane];
      store<F64>(values, f(load<F64>(values)));
      for (int lane = 0; lane < count; lane++) out.at[i + lane] = values[lane];
    }
  }

  template <class F> static void binary(const Array& out, const Array& x, const Array& y, F f) {
    constexpr int W = lanes<F64>;
    for (int32_t j = 0; j < out.k; j++) {
      for (int32_t i = 0; i < out.n; i += W) {
        double a[W] = {}, b[W] = {};
        const int count = out.n - i < W ? out.n - i : W;
        for (int lane = 0; lane < count; lane++) {
          a[lane] = x(j, i + lane);
          b[lane] = y(j, i + lane);
        }
        store<F64>(a, f(load<F64>(a), load<F64>(b)));
        for (int lane = 0; lane < count; lane++) out.at[ptrdiff_t(j) * out.n + i + lane] = a[lane];
      }
    }
  }

  // out(j, i) = entry(j, i)
  template <class Entry> static void each(const Array& out, Entry entry) {
    for (int32_t j = 0; j < out.k; j++) {
      for (int32_t i = 0; i < out.n; i++) out.at[ptrdiff_t(j) * out.n + i] = entry(j, i);
    }
  }

  void execute(const Instruction& instruction) {
    const Array out = array(instruction.out);
    const int32_t* attributes = instruction.attributes;
    const auto in = [&](int32_t i) { return array(instruction.inputs[i]); };
    if (withUnary<F64>(instruction.op, [&](auto f) { unary(out, in(0), f); })) return;
    if (withBinary<F64>(instruction.op, [&](auto f) { binary(out, in(0), in(1), f); })) return;
    const Array x = in(0);
    switch (instruction.op) {
      case Op::where: {
        const Array a = in(1), b = in(2);
        return each(out, [&](int32_t j, int32_t i) { return x(j, i) != 0 ? a(j, i) : b(j, i); });
      }
      case Op::slice:
        return each(out, [&](int32_t j, int32_t i) { return x.at[ptrdiff_t(j) * x.n + attributes[0] + i]; });
      case Op::concat: return concat(instruction, out);
      case Op::take:
        return each(out, [&](int32_t j, int32_t i) { return x.at[ptrdiff_t(j) * x.n + attributes[i]]; });
      case Op::scatter:
        each(out, [](int32_t, int32_t) { return 0.0; });
        for (int32_t j = 0; j < x.k; j++) {
          for (int32_t i = 0; i < x.n; i++) {
            out.at[ptrdiff_t(j) * out.n + attributes[1 + i]] += x.at[ptrdiff_t(j) * x.n + i];
          }
        }
        return;
      case Op::pad: {
        const int32_t before = attributes[0];
        return each(out, [&](int32_t j, int32_t i) {
          return i < before || i >= before + x.n ? 0.0 : x.at[ptrdiff_t(j) * x.n + i - before];
        });
      }
      case Op::broadcast: return each(out, x);
      case Op::reshape:
      case Op::stopGradient:
        for (ptrdiff_t i = 0; i < out.size(); i++) out.at[i] = x.at[i];
        return;
      case Op::transpose: return each(out, [&](int32_t j, int32_t i) { return x.at[ptrdiff_t(i) * x.n + j]; });
      case Op::sum: return sumAxis(out, x, attributes[0] == 1);
      case Op::cumsum: return runningSum(out, x, attributes[0] == 1);
      case Op::largest: return largestAlong(out, x, attributes[0] == 1);
      case Op::inverseLogDet:
        for (int32_t j = 0; j < x.k; j++) {
          for (int32_t i = 0; i < x.n; i++) out.at[ptrdiff_t(j) * out.n + i] = x.at[ptrdiff_t(j) * x.n + i];
        }
        return invertInPlace<double>(out.at, x.n, 1);
      case Op::matmul: return multiplyArrays(out, x, in(1), attributes[0]);
      case Op::triangularSolve: return solveTriangle(out, x, in(1), attributes);
      default: return;
    }
  }

  void concat(const Instruction& instruction, const Array& out) {
    int32_t start = 0;
    for (int32_t part = 0; part < instruction.inputCount; part++) {
      const Array x = array(instruction.inputs[part]);
      for (int32_t j = 0; j < x.k; j++) {
        for (int32_t i = 0; i < x.n; i++) out.at[ptrdiff_t(j) * out.n + start + i] = x.at[ptrdiff_t(j) * x.n + i];
      }
      start += x.n;
    }
  }

  static void sumAxis(const Array& out, const Array& x, bool overN) {
    each(out, [](int32_t, int32_t) { return 0.0; });
    for (int32_t j = 0; j < x.k; j++) {
      for (int32_t i = 0; i < x.n; i++) out.at[overN ? j : i] += x.at[ptrdiff_t(j) * x.n + i];
    }
  }

  static void largestAlong(const Array& out, const Array& x, bool overN) {
    each(out, [&](int32_t j, int32_t i) {
      const int32_t terms = overN ? x.n : x.k;
      double result = overN ? x(j, 0) : x(0, i);
      for (int32_t s = 1; s < terms; s++) {
        const double other = overN ? x(j, s) : x(s, i);
        if (other > result || other != other) result = other;
      }
      return result;
    });
  }

  static void runningSum(const Array& out, const Array& x, bool reverse) {
    for (int32_t j = 0; j < out.k; j++) {
      double running = 0;
      for (int32_t step = 0; step < out.n; step++) {
        const ptrdiff_t at = ptrdiff_t(j) * out.n + (reverse ? out.n - 1 - step : step);
        running += x.at[at];
        out.at[at] = running;
      }
    }
  }

  static void multiplyArrays(const Array& out, const Array& a, const Array& b, int32_t form) {
    const ptrdiff_t inner = form == 2 ? a.k : a.n;
    const ptrdiff_t aRow = form == 2 ? 1 : a.n, aStep = form == 2 ? a.n : 1;
    const ptrdiff_t bColumn = form == 0 ? b.n : 1, bStep = form == 0 ? 1 : b.n;
    each(out, [&](int32_t j, int32_t i) {
      const double* left = a.at + j * aRow;
      const double* right = b.at + i * bColumn;
      double sum = 0;
      for (ptrdiff_t s = 0; s < inner; s++) sum += left[s * aStep] * right[s * bStep];
      return sum;
    });
  }

  static void solveTriangle(const Array& out, const Array& T, const Array& x, const int32_t* attributes) {
    const bool upper = attributes[0] == 1, transposed = attributes[1] == 1, unit = attributes[2] == 1;
    const ptrdiff_t n = T.n, rowStep = transposed ? 1 : n, columnStep = transposed ? n : 1;
    const bool forward = upper == transposed;
    for (ptrdiff_t j = 0; j < out.k; j++) {
      for (ptrdiff_t step = 0; step < n; step++) {
        const ptrdiff_t i = forward ? step : n - 1 - step;
        double rest = x.at[j * n + i];
        for (ptrdiff_t before = 0; before < step; before++) {
          const ptrdiff_t c = forward ? before : n - 1 - before;
          rest -= T.at[i * rowStep + c * columnStep] * out.at[j * n + c];
        }
        out.at[j * n + i] = unit ? rest : rest / T.at[i * n + i];
      }
    }
  }
};

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
