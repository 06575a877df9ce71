// Nanoseconds and processor cycles per element of the vector math, in L1, the minimum of many runs that take
// turns; beside libm and libmvec (AVX-512).
//
//   math-bench [ROUNDS]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "../../test/ulp/functions.h"
#include "yardstick.h"

namespace {

constexpr size_t count = 2048;

double now() {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Nanoseconds of a cycle: a chain of additions takes one each.
double cycleTime() {
  double best = 1e9;
  for (int round = 0; round < 20; round++) {
    const double start = now();
    uint64_t x = 1;
    for (int i = 0; i < 10000; i++) {
      asm volatile("add $1, %0\nadd $1, %0\nadd $1, %0\nadd $1, %0\nadd $1, %0\n"
                   "add $1, %0\nadd $1, %0\nadd $1, %0\nadd $1, %0\nadd $1, %0" : "+r"(x));
    }
    const double time = (now() - start) / 100000;
    if (time < best) best = time;
  }
  return best;
}

double checksum = 0;

template <class S> using Map = void (*)(const S*, S*, size_t);

// Aligned as the tiles of the engine are.
template <class S> struct alignas(64) Buffer {
  S values[count];
};

template <class S> double once(Map<S> f, const Buffer<S>& from, Buffer<S>& to) {
  const int repeats = 8;
  const double start = now();
  for (int i = 0; i < repeats; i++) {
    f(from.values, to.values, count);
    asm volatile("" ::"r"(to.values) : "memory");
  }
  const double time = (now() - start) / (repeats * count);
  checksum += double(to.values[size_t(checksum) % count] > 0);
  return time;
}

template <class S> Map<S> member(const ArrayFunction& f) {
  if constexpr (sizeof(S) == 4) return f.single;
  else return f.twice;
}
template <class S> Map<S> member(const Yardstick* f) {
  if (!f) return nullptr;
  if constexpr (sizeof(S) == 4) return f->single;
  else return f->twice;
}

template <class S> void measure(const FunctionList* lists, size_t listCount, int rounds, double cycle) {
  std::printf("%-18s", sizeof(S) == 4 ? "float" : "double");
  for (size_t i = 0; i < listCount; i++) std::printf("  %8s    cycles", lists[i].isa);
  std::printf("       libm    libmvec\n");
  static Buffer<S> from, to;
  for (size_t which = 0; which < lists[0].count; which++) {
    const char* name = lists[0].functions[which].name;
    const bool positive = std::strstr("log log1p sqrt", name) != nullptr;
    for (size_t i = 0; i < count; i++) {
      const S u = S((i * 1237) % count) / S(count);
      from.values[i] = positive ? S(0.01) + 8 * u : 12 * u - 6;
    }
    std::vector<Map<S>> maps;
    for (size_t i = 0; i < listCount; i++) maps.push_back(member<S>(lists[i].functions[which]));
    maps.push_back(member<S>(libmFunction(name)));
    const bool wide = std::strcmp(lists[listCount - 1].isa, "avx512") == 0;
    maps.push_back(wide ? member<S>(libmvecFunction(name)) : nullptr);
    std::vector<double> best(maps.size(), 1e9);
    for (int round = 0; round < rounds; round++) {
      for (size_t i = 0; i < maps.size(); i++) {
        if (!maps[i]) continue;
        const double time = once<S>(maps[i], from, to);
        if (time < best[i]) best[i] = time;
      }
    }
    std::printf("%-18s", name);
    for (size_t i = 0; i < maps.size(); i++) {
      if (!maps[i]) std::printf("  %9s", "");
      else if (i < listCount) std::printf("  %5.3f ns  %7.2f", best[i], best[i] / cycle);
      else std::printf("  %6.3f ns", best[i]);
    }
    std::printf("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 200;
  FunctionList lists[4];
  const size_t listCount = availableLists(lists);
  const double cycle = cycleTime();
  std::printf("per element; one cycle is %.3f ns\n", cycle);
  measure<float>(lists, listCount, rounds, cycle);
  measure<double>(lists, listCount, rounds, cycle);
  std::printf("(checksum %g)\n", checksum);
}
