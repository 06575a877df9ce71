// The Adam update of float64 parameters in one pass, entry by entry.
//
// Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1; the decay of weights
// is the decoupled one of Loshchilov and Hutter, ICLR 2019, algorithm 2. Every operation is rounded once and
// none is fused, so the bits are those of src/train/adam.ts and src/train/clip.ts on every instruction set.
// The loop is plain: with -fno-math-errno compilers turn it into vectors, as entries are independent.
#pragma once

#include "../simd/isa.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

struct AdamStep {
  double learningRate;
  double beta1, beta2, epsilon;
  // 1 - beta1^t and 1 - beta2^t in step t = 1, 2, ...
  double meanCorrection, squareCorrection;
  // The gradient's norm, and the limit above which the gradient is shortened to it (infinity: never).
  double norm, normLimit;
  double weightDecay;
  // Of the moving average of the parameters, where one is kept.
  double averageDecay;
};

namespace adam {

template <bool clipped, bool averaged>
[[gnu::noinline]] void update(double* __restrict parameters, const double* __restrict gradient,
                              double* __restrict mean, double* __restrict square, double* __restrict average,
                              size_t count, AdamStep step) {
  for (size_t i = 0; i < count; i++) {
    double g = gradient[i];
    if constexpr (clipped) g = g / step.norm * step.normLimit;
    const double m = step.beta1 * mean[i] + (1 - step.beta1) * g;
    const double v = step.beta2 * square[i] + (1 - step.beta2) * g * g;
    mean[i] = m;
    square[i] = v;
    const double length = __builtin_sqrt(v / step.squareCorrection) + step.epsilon;
    const double direction = m / step.meanCorrection / length + step.weightDecay * parameters[i];
    const double p = parameters[i] - step.learningRate * direction;
    parameters[i] = p;
    if constexpr (averaged) average[i] = step.averageDecay * average[i] + (1 - step.averageDecay) * p;
  }
}

}  // namespace adam

// With gradient g, shortened to normLimit where norm exceeds it:
//   mean <- beta1 mean + (1 - beta1) g,   square <- beta2 square + (1 - beta2) g^2,
//   p <- p - learningRate (mean / meanCorrection / (sqrt(square / squareCorrection) + epsilon)
//                          + weightDecay p),
//   average <- averageDecay average + (1 - averageDecay) p, unless `average` is null.
// The arrays have `count` entries and do not overlap.
inline void adamUpdate(double* parameters, const double* gradient, double* mean, double* square,
                       double* average, size_t count, const AdamStep& step) {
  const bool clipped = step.norm > step.normLimit;
  if (average != nullptr) {
    if (clipped) adam::update<true, true>(parameters, gradient, mean, square, average, count, step);
    else adam::update<false, true>(parameters, gradient, mean, square, average, count, step);
  } else {
    if (clipped) adam::update<true, false>(parameters, gradient, mean, square, average, count, step);
    else adam::update<false, false>(parameters, gradient, mean, square, average, count, step);
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
