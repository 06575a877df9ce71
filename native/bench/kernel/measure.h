// Timing for the kernel benchmarks: best of many short runs, each beside a measurement of the peak, so that
// a clock that drifts or a neighbour on the machine does not distort the ratio.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "../../simd/vec.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

inline double seconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

// Independent chains of multiply-adds in registers: what the core can do at most.
template <class V> [[gnu::noinline]] V multiplyAddChains(long turns, V x, V y) {
  constexpr int chains = LIOUVILLE_VECTOR_BYTES == 64 ? 24 : 12;
  V sum[chains];
#pragma GCC unroll 32
  for (int c = 0; c < chains; c++) sum[c] = set1<V>(Scalar<V>(c));
  for (long turn = 0; turn < turns; turn++) {
#pragma GCC unroll 32
    for (int c = 0; c < chains; c++) sum[c] = fma(x, y, sum[c]);
#pragma GCC unroll 32
    for (int c = 0; c < chains; c++) {
#if defined(__x86_64__)
      asm volatile("" : "+v"(sum[c]));
#else
      asm volatile("" : "+w"(sum[c]));
#endif
    }
  }
  V total = sum[0];
#pragma GCC unroll 32
  for (int c = 1; c < chains; c++) total += sum[c];
  return total;
}

// Multiply-adds in a second, times two, of one short run.
template <class S> double peakOnce() {
  using V = Vec<S>;
  constexpr int chains = LIOUVILLE_VECTOR_BYTES == 64 ? 24 : 12;
  constexpr long turns = 40000;
  const double start = seconds();
  volatile S keep = sum(multiplyAddChains<V>(turns, set1<V>(S(0.5)), set1<V>(S(1e-3))));
  (void)keep;
  return 2.0 * chains * turns * lanes<V> / (seconds() - start);
}

struct Rate {
  double flops, peak;
  double share() const { return 100 * flops / peak; }
};

// The best rate of `run`, which does `work` floating-point operations, and the best peak beside it.
template <class S, class Run> Rate measure(double work, Run run) {
  const long repeats = long(4e6 / work * (LIOUVILLE_VECTOR_BYTES / 16)) + 1;
  Rate best{0, 0};
  for (int trial = 0; trial < 25; trial++) {
    const double peak = peakOnce<S>();
    const double start = seconds();
    for (long repeat = 0; repeat < repeats; repeat++) {
      run();
      asm volatile("" ::: "memory");
    }
    const double rate = work * double(repeats) / (seconds() - start);
    if (rate > best.flops) best.flops = rate;
    if (peak > best.peak) best.peak = peak;
  }
  return best;
}

// Memory that is not freed: a benchmark ends soon. Buffers do not begin at the same place of a page, as
// two planes 4096 bytes apart compete for one set of the L1 cache.
template <class S> S* memory(size_t size) {
  static size_t shift = 0;
  shift = (shift + 576) % 4096;
  char* bytes = static_cast<char*>(std::aligned_alloc(4096, (size * sizeof(S) + 8191) / 4096 * 4096));
  S* data = reinterpret_cast<S*>(bytes + shift / 64 * 64);
  for (size_t i = 0; i < size; i++) data[i] = S(double(std::rand()) / RAND_MAX - 0.5);
  return data;
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
