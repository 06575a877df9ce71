// Products with a row's own matrix against the promised chain, bit for bit.
#pragma once

#include "../../kernel/row-matrix.h"
#include "values.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

template <class S> void testRowMatrix(int32_t inputs, int32_t outputs, int32_t k, Tile tile, Start start) {
  Value<S> m(tile, 1, outputs * inputs), x(tile, k, inputs), y(tile, k, outputs), before(tile, k, outputs);
  const auto copy = [](Value<S>& to, const Value<S>& from) {
    std::memcpy(to.planes.data(), from.planes.data(), from.planes.size() * sizeof(S));
  };
  m.randomize();
  x.randomize();
  for (const bool transposed : {false, true}) {
    y.randomize();
    copy(before, y);
    multiplyRowMatrix<S>(m.planes.data(), transposed, outputs, inputs, x.planes.data(), y.planes.data(), k,
                         start, tile);
    bool equal = true;
    for (int32_t j = 0; j < k; j++) {
      for (int32_t o = 0; o < outputs; o++) {
        for (int32_t r = 0; r < x.rows(); r++) {
          S expected = start == Start::accumulate ? before.at(j, o, r) : S(0);
          for (int32_t i = 0; i < inputs; i++) {
            expected = multiplyAdd(m.at(0, transposed ? i * outputs + o : o * inputs + i, r), x.at(j, i, r),
                                   expected);
          }
          equal &= sameBits(expected, y.at(j, o, r));
        }
      }
    }
    check(equal && m.intact() && x.intact() && y.intact(), "row matrix %s %d -> %d, k %d, transposed %d",
          precisionName<S>, inputs, outputs, k, transposed);
  }
  Value<S> outer(tile, 1, outputs * inputs);
  outer.randomize();
  copy(m, outer);
  outerRows<S>(outer.planes.data(), outputs, inputs, y.planes.data(), x.planes.data(), k, start, tile);
  bool equal = true;
  for (int32_t o = 0; o < outputs; o++) {
    for (int32_t i = 0; i < inputs; i++) {
      for (int32_t r = 0; r < x.rows(); r++) {
        S expected = start == Start::accumulate ? m.at(0, o * inputs + i, r) : S(0);
        for (int32_t j = 0; j < k; j++) expected = multiplyAdd(y.at(j, o, r), x.at(j, i, r), expected);
        equal &= sameBits(expected, outer.at(0, o * inputs + i, r));
      }
    }
  }
  check(equal && outer.intact(), "outer %s %d x %d, k %d", precisionName<S>, outputs, inputs, k);
}

template <class S> void testRowMatrices() {
  int turn = 0;
  for (int32_t inputs : {1, 2, 5, 9}) {
    for (int32_t outputs : {1, 3, 4, 8, 18}) {
      const Tile tile{1 + turn % 3, 1 + turn % 3 / (1 + turn % 2)};
      testRowMatrix<S>(inputs, outputs, 1 + turn % 8, tile, turn % 2 ? Start::accumulate : Start::zero);
      turn++;
    }
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
