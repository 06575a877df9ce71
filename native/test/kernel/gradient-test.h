// The gradient kernel against the order of summation that it promises, bit for bit, and against long double.
#pragma once

#include <memory>
#include <vector>

#include "../../kernel/total.h"
#include "values.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Values and cotangents of `vectors` vectors of rows, of which the last `missing` lanes have no row.
template <class S> struct GradientCase {
  Value<S> x, g;
  bool bias;
  GradientCase(int32_t vectors, int32_t k, int32_t inputs, int32_t outputs, int32_t missing, bool bias)
      : x({vectors, vectors}, k, inputs), g({vectors, vectors}, k, outputs), bias(bias) {
    x.randomize();
    g.randomize();
    for (int32_t j = 0; j < k; j++) {
      for (int32_t o = 0; o < outputs; o++) {
        for (int32_t lane = 0; lane < missing; lane++) g.at(j, o, g.rows() - 1 - lane) = 0;
      }
    }
  }
};

template <class S> using Sources = std::vector<std::unique_ptr<GradientCase<S>>>;

// The gradient [weights, bias] of all rows, computed with tiles of `used` vectors inside `stride`.
template <class S>
std::vector<S> gradientOf(const Sources<S>& sources, int32_t inputs, int32_t outputs, int32_t vectors,
                          Tile shape, Spans spans = {}) {
  constexpr int32_t W = lanes<Vec<S>>;
  Buffer<S> sums(gradientSize<S>(outputs, inputs));
  sums.fill(0);
  for (int32_t first = 0; first < vectors; first += shape.used) {
    const Tile tile{shape.vectors, vectors - first < shape.used ? vectors - first : shape.used};
    std::vector<std::unique_ptr<Value<S>>> values;
    std::vector<GradientOperand<S>> operands;
    for (const auto& source : sources) {
      for (Value<S>* whole : {&source->x, &source->g}) {
        auto part = std::make_unique<Value<S>>(tile, whole->k, whole->n);
        for (int32_t j = 0; j < whole->k; j++) {
          for (int32_t i = 0; i < whole->n; i++) {
            for (int32_t r = 0; r < tile.used * W; r++) part->at(j, i, r) = whole->at(j, i, first * W + r);
          }
        }
        values.push_back(std::move(part));
      }
      operands.push_back({values[values.size() - 2]->planes.data(), values.back()->planes.data(),
                          source->x.k, source->bias});
    }
    accumulateGradient<S>(sums.data(), outputs, inputs, operands.data(), int32_t(operands.size()), tile, spans);
  }
  check(sums.intact(), "gradient %s %d -> %d wrote outside its sums", precisionName<S>, inputs, outputs);
  bool finite = true;
  for (size_t i = 0; i < sums.size(); i++) finite &= bool(std::isfinite(sums[i]));
  check(finite, "gradient %s %d -> %d read what is no row's", precisionName<S>, inputs, outputs);
  const S* const all = sums.data();
  const S* const biases = all + gradient::weightSums<S>(outputs, inputs);
  std::vector<double> totals(size_t(outputs) * inputs + outputs);
  totalGradient<S>(&all, 1, outputs, inputs, 0, outputs, totals.data());
  totalLanes<S>(&biases, 1, 0, outputs, totals.data() + size_t(outputs) * inputs);
  return {totals.begin(), totals.end()};
}

template <class S> S halvingSum(std::vector<S> values) {
  for (size_t half = values.size() / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; i++) values[i] += values[i + half];
  }
  return values[0];
}

template <class S>
void testGradient(int32_t inputs, int32_t outputs, int32_t vectors, const std::vector<int32_t>& ks,
                  const std::vector<Tile>& shapes) {
  constexpr int32_t W = lanes<Vec<S>>;
  Sources<S> sources;
  for (int32_t k : ks) {
    sources.push_back(
        std::make_unique<GradientCase<S>>(vectors, k, inputs, outputs, W > 2 ? 3 : 1, sources.empty()));
  }
  const bool byLane = gradient::lanesHold<S>(outputs, inputs) == gradient::LanesHold::rows;
  std::vector<S> expected;
  bool near = true;
  for (int32_t o = 0; o < outputs; o++) {
    for (int32_t i = 0; i < inputs + 1; i++) {  // i == inputs stands for the bias, behind all weights
      std::vector<S> byLaneSums(W, S(0));
      S chain = 0;
      long double exact = 0, size = 0;
      for (int32_t v = 0; v < vectors; v++) {
        for (const auto& source : sources) {
          if (i == inputs && !source->bias) continue;
          for (int32_t j = 0; j < source->x.k; j++) {
            for (int32_t lane = 0; lane < W; lane++) {
              const S g = source->g.at(j, o, v * W + lane);
              const S x = i == inputs ? S(1) : source->x.at(j, i, v * W + lane);
              byLaneSums[lane] = multiplyAdd(g, x, byLaneSums[lane]);
              chain = multiplyAdd(g, x, chain);
              exact += (long double)g * x;
              size += std::fabs((long double)g * x);
            }
          }
        }
      }
      const S sum = byLane || i == inputs ? halvingSum(byLaneSums) : chain;
      const long double unit = sizeof(S) == 4 ? 0x1p-24L : 0x1p-53L;
      near &= std::fabs(sum - exact) <= 2 * W * vectors * 8 * unit * size;
      if (i < inputs) expected.insert(expected.begin() + size_t(o) * inputs + i, sum);
      else expected.push_back(sum);
    }
  }
  check(near, "gradient %s %d -> %d: the order is far from the exact sum", precisionName<S>, inputs, outputs);
  for (const Tile shape : shapes) {
    const std::vector<S> actual = gradientOf<S>(sources, inputs, outputs, vectors, shape);
    bool equal = true;
    for (size_t e = 0; e < expected.size(); e++) equal &= sameBits(actual[e], expected[e]);
    check(equal, "gradient %s %d -> %d, %d vectors in tiles of %d of %d: not the promised sums",
          precisionName<S>, inputs, outputs, vectors, shape.used, shape.vectors);
  }
}

// With spans, the sums inside of them have the bits that they have without, and many others are not computed.
template <class S> void testMaskedGradient(int32_t inputs, int32_t outputs, int32_t vectors) {
  Sources<S> sources;
  sources.push_back(std::make_unique<GradientCase<S>>(vectors, 1, inputs, outputs, 1, true));
  const RandomMask mask(outputs, inputs);
  const std::vector<S> all = gradientOf<S>(sources, inputs, outputs, vectors, {vectors, vectors});
  const std::vector<S> some = gradientOf<S>(sources, inputs, outputs, vectors, {vectors, vectors}, mask.spans());
  bool equal = true, skipped = false;
  for (size_t e = 0; e < all.size(); e++) {
    const bool wanted = e >= mask.entries.size() || mask.entries[e] != 0;
    equal &= !wanted || sameBits(all[e], some[e]);
    skipped |= !wanted && some[e] == 0;
  }
  bool anyEmpty = false;
  for (const Span& span : mask.rows) anyEmpty |= span.first == span.last;
  check(equal, "masked gradient %s %d -> %d: other bits than without a mask", precisionName<S>, inputs, outputs);
  check(skipped || !anyEmpty || gradient::lanesHold<S>(outputs, inputs) == gradient::LanesHold::outputs,
        "masked gradient %s %d -> %d: nothing was left out", precisionName<S>, inputs, outputs);
}

template <class S> void testMaskedGradients() {
  const int32_t widths[] = {1, 3, 6, 9, 17, 43, 64, 130};
  for (const int32_t inputs : widths) {
    for (const int32_t outputs : widths) testMaskedGradient<S>(inputs, outputs, 1 + (inputs + outputs) % 5);
  }
}

template <class S> void testGradients() {
  const int32_t widths[] = {1, 2, 3, 6, 8, 9, 12, 16, 17, 43, 60, 64, 65};
  int turn = 0;
  for (int32_t inputs : widths) {
    for (int32_t outputs : widths) {
      const std::vector<int32_t> ks = turn % 3 == 0   ? std::vector<int32_t>{1}
                                      : turn % 3 == 1 ? std::vector<int32_t>{1, 2}
                                                      : std::vector<int32_t>{2, 1, 3};
      const int32_t vectors = 1 + turn % 5;
      testGradient<S>(inputs, outputs, vectors, ks, {{1, 1}, {3, 2}, {vectors, vectors}});
      turn++;
    }
  }
  testGradient<S>(43, 260, 3, {1, 1}, {{1, 1}, {2, 2}, {4, 3}});
  testGradient<S>(260, 43, 3, {1, 1}, {{1, 1}, {2, 2}, {4, 3}});
  testGradient<S>(2, 64, 40, {1, 2}, {{1, 1}, {7, 7}, {40, 40}});
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
