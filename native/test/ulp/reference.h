// The exact functions, with many more digits than are tested: double for float, long double for double
// (64 digits on x86, where its error is below 0.001 ulp of a double; 113 on arm).
#pragma once

#include <cmath>
#include <cstring>

template <class R> R softplusExactly(R x) {
  if (x > 0) return x + std::log1p(std::exp(-x));
  return std::log1p(std::exp(x));
}

template <class R> R sigmoidExactly(R x) {
  if (x > 0) return 1 / (1 + std::exp(-x));
  const R e = std::exp(x);
  return e / (1 + e);
}

template <class R> R exactly(const char* name, R x) {
  const auto is = [name](const char* other) { return std::strcmp(name, other) == 0; };
  if (is("exp")) return std::exp(x);
  if (is("expm1")) return std::expm1(x);
  if (is("log")) return std::log(x);
  if (is("log1p")) return std::log1p(x);
  if (is("tanh")) return std::tanh(x);
  if (is("sigmoid")) return sigmoidExactly(x);
  if (is("softplus")) return softplusExactly(x);
  if (is("erf")) return std::erf(x);
  if (is("sin")) return std::sin(x);
  if (is("cos")) return std::cos(x);
  if (is("sqrt")) return std::sqrt(x);
  return 1 / x;
}
