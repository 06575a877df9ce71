// Kernels as a share of the measured multiply-add peak of one core, and whole networks over tile sizes.
#include <cstring>

#include "../../kernel/row-matrix.h"
#include "network.h"

using namespace liouville::LIOUVILLE_ISA_NAMESPACE;

// Forward product, transposed product and weight gradient of one layer, a value and `tangents` of it.
template <class S> static void benchLayer(int32_t in, int32_t out, int32_t vectors, int32_t tangents) {
  const Tile tile{vectors, vectors};
  const Network<S> layer({in, out}, tangents);
  const ptrdiff_t plane = planeStride<S>(tile);
  const S* x = memory<S>(size_t(1 + tangents) * in * plane);
  const S* g = memory<S>(size_t(1 + tangents) * out * plane);
  S* y = memory<S>(size_t(1 + tangents) * (in > out ? in : out) * plane);
  const double work = layer.productWork * plane;
  const Rate forward = measure<S>(work, [&] { layer.layer(layer.forward[0], x, y, true, tile); });
  const Rate transposed = measure<S>(work, [&] { layer.layer(layer.backward[0], g, y, false, tile); });
  const GradientOperand<S> operands[] = {{x, g, 1, true}, {x + in * plane, g + out * plane, tangents, false}};
  const Rate gradient = measure<S>(work, [&] {
    accumulateGradient<S>(layer.sums[0], out, in, operands, tangents > 0 ? 2 : 1, tile);
  });
  std::printf("%-7s %4d -> %-4d T %2d k 1+%-2d | %6.1f %4.0f%% | %6.1f %4.0f%% | %6.1f %4.0f%%\n",
              sizeof(S) == 4 ? "float32" : "float64", in, out, vectors, tangents, forward.flops * 1e-9,
              forward.share(), transposed.flops * 1e-9, transposed.share(), gradient.flops * 1e-9,
              gradient.share());
}

template <class S> static void benchLayers() {
  std::printf("\n%s: GFLOP/s and share of the peak\n", LIOUVILLE_ISA_NAME);
  std::printf("                                   | forward        | transposed     | weight gradient\n");
  const int32_t shapes[][2] = {{2, 64},   {64, 2},   {64, 64}, {6, 60},    {60, 60},  {63, 63},
                               {128, 128}, {256, 256}, {43, 860}, {860, 860}, {860, 43}, {1260, 1260}};
  for (const auto& shape : shapes) {
    benchLayer<S>(shape[0], shape[1], 1, 0);
    benchLayer<S>(shape[0], shape[1], 4, 0);
    benchLayer<S>(shape[0], shape[1], 2, 2);
    benchLayer<S>(shape[0], shape[1], 3, 1);
  }
  benchLayer<S>(64, 64, 1, 43);
}

template <class S> static void benchRowMatrix(int32_t n, int32_t vectors) {
  const Tile tile{vectors, vectors};
  const ptrdiff_t plane = planeStride<S>(tile);
  S* m = memory<S>(size_t(n) * n * plane);
  S* x = memory<S>(n * plane);
  S* y = memory<S>(n * plane);
  const double work = 2.0 * n * n * plane;
  const Rate product = measure<S>(work, [&] {
    multiplyRowMatrix<S>(m, false, n, n, x, y, 1, Start::zero, tile);
  });
  const Rate outer = measure<S>(work, [&] { outerRows<S>(m, n, n, y, x, 1, Start::zero, tile); });
  std::printf("row matrix %d x %d, T %d: product %.1f GFLOP/s (%.0f%%), outer %.1f\n", n, n, vectors,
              product.flops * 1e-9, product.share(), outer.flops * 1e-9);
}

template <class S> static void benchPack(int32_t n) {
  const double* matrix = memory<double>(size_t(n) * n);
  S* buffer = memory<S>(packedSize<S>(n, n));
  const double work = double(n) * n;
  const Rate forward = measure<S>(work, [&] { pack<S, double>(buffer, matrix, n, n, n, 1, nullptr); });
  const Rate transposed = measure<S>(work, [&] { pack<S, double>(buffer, matrix, n, n, 1, n, nullptr); });
  std::printf("pack %d x %d: %.2f and, transposed, %.2f elements/ns\n", n, n, forward.flops * 1e-9,
              transposed.flops * 1e-9);
}

template <class S> static void benchTiles(const char* name, std::vector<int32_t> widths, int32_t tangents) {
  const Network<S> network(widths, tangents);
  std::printf("\n%s, %d tangents: share of the peak; kilobytes of the tile\n", name, tangents);
  for (int32_t vectors : {1, 2, 3, 4, 6, 8, 12, 16, 24, 32}) {
    const Tile tile{vectors, vectors};
    const double vectorKilobytes = vectors * LIOUVILLE_VECTOR_BYTES / 1024.0;
    const Rate density = network.density(tile), training = network.training(tile);
    std::printf("T %2d: density %4.0f%% (%5.0f KB)   training %4.0f%% (%5.0f KB)\n", vectors, density.share(),
                vectorKilobytes * double(network.forwardScalars()), training.share(),
                vectorKilobytes * double(network.backwardScalars()));
  }
}

int main(int count, char** arguments) {
  const char* what = count > 1 ? arguments[1] : "layers";
  const Rate peak32{0, peakOnce<float>()}, peak64{0, peakOnce<double>()};
  std::printf("%s: peak %.1f GFLOP/s in float32, %.1f in float64\n", LIOUVILLE_ISA_NAME, peak32.peak * 1e-9,
              peak64.peak * 1e-9);
  if (std::strcmp(what, "layers") == 0) {
    benchLayers<float>();
    benchLayers<double>();
    for (int32_t vectors : {1, 4}) benchRowMatrix<float>(16, vectors);
    benchRowMatrix<float>(64, 1);
    for (int32_t n : {64, 860}) benchPack<float>(n);
  } else if (std::strcmp(what, "tiles") == 0) {
    benchTiles<float>("2-64-64-64-2", {2, 64, 64, 64, 2}, 2);
    benchTiles<float>("6-60-60-60-6", {6, 60, 60, 60, 6}, 1);
    benchTiles<float>("6-128-128-12", {6, 128, 128, 12}, 0);
    benchTiles<float>("43-860-860-43", {43, 860, 860, 43}, 1);
    benchTiles<double>("float64 2-64-64-64-2", {2, 64, 64, 64, 2}, 2);
    benchTiles<double>("float64 43-860-860-43", {43, 860, 860, 43}, 1);
  } else {
    std::fprintf(stderr, "expected layers or tiles, got %s\n", what);
    return 2;
  }
}
