// Tests of the native kernels, for the instruction set that this file is compiled for.
#include "adam-test.h"
#include "gradient-test.h"
#include "product-test.h"
#include "random-test.h"
#include "row-matrix-test.h"
#include "tile-test.h"
#include "total-test.h"

using namespace liouville::LIOUVILLE_ISA_NAMESPACE;

template <class S> static void testPrecision() {
  testProducts<S>();
  testMaskedProducts<S>();
  testPlaces<S>();
  testGradients<S>();
  testMaskedGradients<S>();
  testTotals<S>();
  testRowMatrices<S>();
  testDraws<S>();
}

int main() {
  testTileVectors();
  testPhilox();
  testLargestUniform();
  testMoments();
  testAdam();
  testAdamGolden();
  testPrecision<float>();
  testPrecision<double>();
  std::printf("%s: %ld checks, %ld failed\n", LIOUVILLE_ISA_NAME, checks, failures);
  return failures == 0 ? 0 : 1;
}
