// Totals over groups against neighbours added one pair at a time, bit for bit, in every form of the sums.
#pragma once

#include <memory>
#include <vector>

#include "../../kernel/total.h"
#include "check.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Neighbours are added, then neighbours among the results; an odd one goes up as it is.
inline double neighbourSum(std::vector<double> numbers) {
  while (numbers.size() > 1) {
    std::vector<double> next;
    for (size_t i = 0; i < numbers.size(); i += 2) {
      next.push_back(i + 1 < numbers.size() ? numbers[i] + numbers[i + 1] : numbers[i]);
    }
    numbers = next;
  }
  return numbers[0];
}

// The sum of a group that belongs to weight [o, i].
template <class S> double sumAt(const S* sums, int32_t outputs, int32_t inputs, int32_t o, int32_t i) {
  using V = Vec<S>;
  switch (gradient::lanesHold<S>(outputs, inputs)) {
    case gradient::LanesHold::rows: return double(sum(loadAligned<V>(sums + (o * inputs + i) * lanes<V>)));
    case gradient::LanesHold::inputs: return double(sums[o * gradient::padded<S>(inputs) + i]);
    default: return double(sums[i * gradient::padded<S>(outputs) + o]);
  }
}

template <class S> void testTotal(int32_t outputs, int32_t inputs, int32_t groups) {
  std::vector<std::unique_ptr<Buffer<S>>> buffers;
  std::vector<const S*> sums;
  for (int32_t g = 0; g < groups; g++) {
    buffers.push_back(std::make_unique<Buffer<S>>(gradientSize<S>(outputs, inputs)));
    buffers.back()->randomize();
    sums.push_back(buffers.back()->data());
  }
  Buffer<double> totals(size_t(outputs) * inputs);
  // In two parts, the later one first.
  const int32_t middle = outputs / 2 / rowsOfTotal * rowsOfTotal;
  totalGradient<S>(sums.data(), groups, outputs, inputs, middle, outputs, totals.data());
  totalGradient<S>(sums.data(), groups, outputs, inputs, 0, middle, totals.data());
  bool equal = true;
  for (int32_t o = 0; o < outputs; o++) {
    for (int32_t i = 0; i < inputs; i++) {
      std::vector<double> numbers;
      for (const S* of : sums) numbers.push_back(sumAt<S>(of, outputs, inputs, o, i));
      equal &= sameBits(totals[size_t(o) * inputs + i], neighbourSum(numbers));
    }
  }
  check(equal, "total %s %d -> %d of %d groups: not the promised order", precisionName<S>, inputs, outputs, groups);
  check(totals.intact(), "total %s %d -> %d wrote outside", precisionName<S>, inputs, outputs);
}

template <class S> void testTotals() {
  for (int32_t groups = 1; groups <= 8; groups++) {
    for (const int32_t outputs : {1, 3, 17, 33, 64, 128}) {
      for (const int32_t inputs : {1, 2, 16, 33, 60, 64}) testTotal<S>(outputs, inputs, groups);
    }
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
