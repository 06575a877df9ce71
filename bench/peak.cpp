// Prints how many floating-point operations one core does in a second at most, multiply-adds counted as two, in
// float32 and float64: the best of short runs over a fifth of a second each.
#include "../native/bench/kernel/measure.h"

using namespace liouville::LIOUVILLE_ISA_NAMESPACE;

template <class S> static double peak() {
  double best = 0;
  for (const double end = seconds() + 0.2; seconds() < end;) {
    const double found = peakOnce<S>();
    if (found > best) best = found;
  }
  return best;
}

int main() {
  std::printf("{\"instructionSet\": \"%s\", ", LIOUVILLE_ISA_NAME);
  std::printf("\"float32\": %.6e, \"float64\": %.6e}\n", peak<float>(), peak<double>());
}
