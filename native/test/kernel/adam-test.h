// The Adam update against the formula of one entry, and against the bits that src/train/adam.ts and
// src/train/clip.ts give.
#pragma once

#include <vector>

#include "../../train/adam.h"
#include "adam-golden.h"
#include "check.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

inline void testAdam() {
  for (const bool clipped : {false, true}) {
    for (const bool averaged : {false, true}) {
      for (const double weightDecay : {0.0, 0.01}) {
        for (const size_t count : {size_t(1), size_t(7), size_t(64), size_t(67)}) {
          Buffer<double> p(count, 8), g(count, 8), m(count, 8), v(count, 8), a(count, 8);
          for (Buffer<double>* buffer : {&p, &g, &m, &v, &a}) buffer->randomize();
          for (size_t i = 0; i < count; i++) v[i] = 1e-3 * std::fabs(v[i]);
          std::vector<double> expected[4];
          const AdamStep step{0.01, 0.9, 0.999, 1e-8, 1 - 0.729, 1 - 0.997002999, clipped ? 3.1 : 0.5, 0.7,
                              weightDecay, 0.99};
          for (size_t i = 0; i < count; i++) {
            const double x = clipped ? g[i] / step.norm * step.normLimit : g[i];
            const double mean = step.beta1 * m[i] + (1 - step.beta1) * x;
            const double square = step.beta2 * v[i] + (1 - step.beta2) * x * x;
            const double length = std::sqrt(square / step.squareCorrection) + step.epsilon;
            const double direction = mean / step.meanCorrection / length + step.weightDecay * p[i];
            const double parameter = p[i] - step.learningRate * direction;
            const double average = step.averageDecay * a[i] + (1 - step.averageDecay) * parameter;
            const double results[] = {parameter, mean, square, averaged ? average : a[i]};
            for (int r = 0; r < 4; r++) expected[r].push_back(results[r]);
          }
          adamUpdate(p.data(), g.data(), m.data(), v.data(), averaged ? a.data() : nullptr, count, step);
          bool equal = true;
          for (size_t i = 0; i < count; i++) {
            equal &= sameBits(p[i], expected[0][i]) && sameBits(m[i], expected[1][i]) &&
                     sameBits(v[i], expected[2][i]) && sameBits(a[i], expected[3][i]);
          }
          check(equal && p.intact() && g.intact() && m.intact() && v.intact() && a.intact(),
                "adam, %zu entries, clipped %d, averaged %d, decay %g", count, clipped, averaged,
                weightDecay);
        }
      }
    }
  }
}

// Three steps of four parameters, the gradient of the second one clipped.
inline void testAdamGolden() {
  double p[4], m[4] = {}, v[4] = {};
  std::memcpy(p, adamGolden.start, sizeof(p));
  for (int t = 0; t < 3; t++) {
    const AdamGoldenStep& golden = adamGolden.steps[t];
    const double meanCorrection = 1 - std::pow(0.9, t + 1), squareCorrection = 1 - std::pow(0.999, t + 1);
    adamUpdate(p, golden.gradient, m, v, nullptr, 4,
               {0.05, 0.9, 0.999, 1e-8, meanCorrection, squareCorrection, golden.norm, 1.0, 0, 0});
    for (int i = 0; i < 4; i++) {
      check(sameBits(p[i], golden.parameters[i]), "adam step %d, parameter %d: %a, expected %a", t + 1, i,
            p[i], golden.parameters[i]);
    }
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
