// The product kernel against the chain of multiply-adds that it promises, row by row, bit for bit; that the
// tile, the lane and the company in the call do not matter follows. And against long double, for meaning.
#pragma once

#include <memory>
#include <vector>

#include "../../kernel/product.h"
#include "values.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

template <class S> struct Case {
  std::unique_ptr<Value<S>> x, y, before;
  int32_t k;
  Start start;
};

template <class S>
void testProduct(int32_t inputs, int32_t outputs, Tile tile,
                 const std::vector<std::pair<int32_t, Start>>& values, bool transposed, bool withBias) {
  // Stored as [outputs, inputs], or as its transpose, which is then packed with the strides exchanged.
  std::vector<double> matrix(size_t(inputs) * outputs), bias(outputs);
  for (double& w : matrix) w = randomNumber();
  for (double& b : bias) b = randomNumber();
  const ptrdiff_t outputStride = transposed ? 1 : inputs, inputStride = transposed ? outputs : 1;
  Buffer<S> buffer(packedSize<S>(outputs, inputs));
  const PackedMatrix<S> packed = pack<S>(buffer.data(), matrix.data(), outputs, inputs, outputStride,
                                         inputStride, withBias ? bias.data() : nullptr);
  check(buffer.intact(), "pack %d -> %d wrote outside its buffer", inputs, outputs);

  std::vector<Case<S>> cases;
  std::vector<Operand<S>> operands;
  for (const auto& [k, start] : values) {
    Case<S> c{std::make_unique<Value<S>>(tile, k, inputs), std::make_unique<Value<S>>(tile, k, outputs),
              std::make_unique<Value<S>>(tile, k, outputs), k, start};
    c.x->randomize();
    if (start == Start::accumulate) {
      c.y->randomize();
      std::memcpy(c.before->planes.data(), c.y->planes.data(), c.y->planes.size() * sizeof(S));
    }
    operands.push_back({c.x->planes.data(), c.y->planes.data(), k, start});
    cases.push_back(std::move(c));
  }
  multiply<S>(packed, operands.data(), int32_t(operands.size()), tile);

  for (size_t s = 0; s < cases.size(); s++) {
    Case<S>& c = cases[s];
    bool equal = true, near = true;
    for (int32_t j = 0; j < c.k; j++) {
      for (int32_t o = 0; o < outputs; o++) {
        for (int32_t r = 0; r < c.x->rows(); r++) {
          S expected = 0;
          if (c.start == Start::accumulate) expected = c.before->at(j, o, r);
          if (c.start == Start::bias && withBias) expected = S(bias[o]);
          long double exact = expected, size = std::fabs(expected);
          for (int32_t i = 0; i < inputs; i++) {
            const S weight = S(matrix[o * outputStride + i * inputStride]), x = c.x->at(j, i, r);
            expected = multiplyAdd(weight, x, expected);
            exact += (long double)weight * x;
            size += std::fabs((long double)weight * x);
          }
          const S actual = c.y->at(j, o, r);
          equal &= sameBits(actual, expected);
          const long double unit = sizeof(S) == 4 ? 0x1p-24L : 0x1p-53L;
          near &= std::fabs(actual - exact) <= (2 * inputs + 2) * unit * size;
        }
      }
    }
    check(equal, "product %s %d -> %d, T %d of %d, operand %zu (k %d): not the promised chain",
          precisionName<S>, inputs, outputs, tile.used, tile.vectors, s, c.k);
    check(near, "product %s %d -> %d, T %d of %d, operand %zu (k %d): far from the exact product",
          precisionName<S>, inputs, outputs, tile.used, tile.vectors, s, c.k);
    check(c.x->intact() && c.y->intact(), "product %s %d -> %d, T %d of %d: wrote outside its planes",
          precisionName<S>, inputs, outputs, tile.used, tile.vectors);
  }
}

template <class S> void testProducts() {
  using enum Start;
  const int32_t widths[] = {1, 2, 3, 4, 5, 6, 7, 9, 16, 17, 43, 60, 63, 64, 65, 130};
  const Tile tiles[] = {{1, 1}, {2, 2}, {3, 2}, {4, 4}, {5, 5}, {7, 6}, {8, 8}, {13, 13}, {16, 11}};
  const std::vector<std::pair<int32_t, Start>> values[] = {
      {{1, bias}},
      {{1, bias}, {2, zero}},
      {{3, accumulate}},
      {{1, accumulate}, {1, bias}, {3, zero}},
      {{2, bias}}};
  int turn = 0;
  for (int32_t inputs : widths) {
    for (int32_t outputs : widths) {
      const Tile tile = tiles[turn % 9];
      const bool transposed = turn / 2 % 2 == 1, withBias = turn / 3 % 2 == 1;
      testProduct<S>(inputs, outputs, tile, values[turn % 5], transposed, withBias);
      turn++;
    }
  }
  for (const Tile tile : tiles) {
    for (int32_t k : {1, 2, 3, 5, 6, 7}) {
      testProduct<S>(17, 13, tile, {{1, bias}, {k, zero}}, false, true);
      testProduct<S>(64, 64, tile, {{k, accumulate}}, true, false);
    }
  }
  testProduct<S>(43, 43, {1, 1}, {{1, bias}, {43, zero}}, false, true);
  testProduct<S>(256, 60, {2, 2}, {{1, bias}, {1, zero}}, false, true);
  testProduct<S>(43, 860, {1, 1}, {{1, bias}, {1, zero}}, false, true);
  testProduct<S>(860, 43, {2, 1}, {{1, accumulate}}, true, false);
  testProduct<S>(860, 860, {1, 1}, {{1, bias}}, false, true);
}

// With spans a product has the bits of one with all its zeros, and does not look at inputs of a slab before and behind
// all of the slab's, but for the first one.
template <class S> void testMaskedProduct(int32_t inputs, int32_t outputs, Tile tile, int32_t k, Start start) {
  std::vector<double> matrix(size_t(inputs) * outputs), zeroed(matrix.size());
  const RandomMask mask(outputs, inputs);
  for (size_t i = 0; i < matrix.size(); i++) {
    matrix[i] = randomNumber();
    zeroed[i] = matrix[i] * mask.entries[i];
  }
  Buffer<S> sparse(packedSize<S>(outputs, inputs)), dense(packedSize<S>(outputs, inputs));
  // What is packed with spans leaves out what no kernel reads.
  std::fill_n(sparse.data(), packedSize<S>(outputs, inputs), S(NAN));
  const PackedMatrix<S> all = pack<S>(dense.data(), zeroed.data(), outputs, inputs, inputs, 1, (const double*)nullptr);
  const PackedMatrix<S> part = pack<S>(sparse.data(), matrix.data(), outputs, inputs, inputs, 1, (const double*)nullptr,
                                       mask.entries.data(), mask.rowSlabs.data());
  Value<S> x(tile, k, inputs), y(tile, k, outputs), expected(tile, k, outputs);
  x.randomize();
  y.randomize();
  std::memcpy(expected.planes.data(), y.planes.data(), y.planes.size() * sizeof(S));
  const Operand<S> wanted{x.planes.data(), expected.planes.data(), k, start};
  multiply<S>(all, &wanted, 1, tile);
  for (int32_t i = 1; i < inputs; i++) {
    bool before = true, behind = true;
    const size_t blocks = mask.rows.size(), slab = size_t(i / spanDepth);
    for (size_t block = 0; block < blocks; block++) {
      const Span span = mask.rowSlabs[slab * blocks + block];
      before &= i < span.first || span.first == span.last;
      behind &= i >= span.last;
    }
    for (int32_t r = 0; (before || behind) && r < x.rows(); r++) x.at(0, i, r) = S(NAN);
  }
  const Operand<S> operand{x.planes.data(), y.planes.data(), k, start};
  multiply<S>(part, &operand, 1, tile);
  bool equal = true;
  for (int32_t j = 0; j < k; j++) {
    for (int32_t o = 0; o < outputs; o++) {
      for (int32_t r = 0; r < y.rows(); r++) equal &= sameBits(y.at(j, o, r), expected.at(j, o, r));
    }
  }
  check(equal, "masked product %s %d -> %d, T %d of %d, k %d: not the bits of zeros", precisionName<S>, inputs,
        outputs, tile.used, tile.vectors, k);
  check(y.intact(), "masked product %s %d -> %d wrote outside its planes", precisionName<S>, inputs, outputs);
}

template <class S> void testMaskedProducts() {
  const int32_t widths[] = {1, 3, 4, 6, 9, 17, 64, 65, 131, 300};
  int32_t turn = 0;
  for (const int32_t inputs : widths) {
    for (const int32_t outputs : widths) {
      for (const int32_t vectors : {1, 2, 4, 5}) {
        testMaskedProduct<S>(inputs, outputs, {vectors, vectors}, 1 + turn % 3,
                             turn % 4 == 0 ? Start::accumulate : Start::zero);
        turn++;
      }
    }
  }
}

// A row's bits are the same at every place of every tile, also when its neighbours are infinite or NaN.
template <class S> void testPlaces() {
  constexpr int32_t inputs = 21, outputs = 10, W = lanes<Vec<S>>;
  std::vector<double> matrix(inputs * outputs), bias(outputs);
  for (double& w : matrix) w = randomNumber();
  for (double& b : bias) b = randomNumber();
  S row[inputs], first[outputs] = {};
  for (S& x : row) x = S(randomNumber());
  Buffer<S> buffer(packedSize<S>(outputs, inputs));
  const PackedMatrix<S> packed =
      pack<S>(buffer.data(), matrix.data(), outputs, inputs, inputs, 1, bias.data());
  bool known = false, equal = true;
  for (int32_t vectors = 1; vectors <= 9; vectors++) {
    const Tile tile{vectors, vectors};
    for (int32_t place = 0; place < vectors * W; place += 1 + place / 5) {
      for (int32_t k = 1; k <= 3; k++) {
        Value<S> x(tile, k, inputs), y(tile, k, outputs);
        for (int32_t i = 0; i < inputs; i++) {
          for (int32_t r = 0; r < x.rows(); r++) {
            for (int32_t j = 0; j < k; j++) x.at(j, i, r) = r % 2 ? S(INFINITY) : S(NAN);
          }
          x.at(k - 1, i, place) = row[i];
        }
        const Operand<S> operand{x.planes.data(), y.planes.data(), k, Start::bias};
        multiply<S>(packed, &operand, 1, tile);
        for (int32_t o = 0; o < outputs; o++) {
          if (!known) first[o] = y.at(k - 1, o, place);
          equal &= sameBits(first[o], y.at(k - 1, o, place));
        }
        known = true;
      }
    }
  }
  check(equal, "product %s: a row's bits depend on its place", precisionName<S>);
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
