// Checks the vector types (vectors.h) and the accuracy of the vector math: errors against bounds.h, special
// values, symmetry, saturation, and that a result depends on its own lane only.
//
//   ulp [--exhaustive | --stride N] [--doubles N] [--function NAME]
//
// Every Nth float (97), N doubles (a million); --exhaustive: every float and twenty million doubles.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "bounds.h"
#include "functions.h"
#include "reference.h"
#include "samples.h"
#include "specials.h"

namespace {

int failures = 0;

template <class S> constexpr char typeLetter = sizeof(S) == 4 ? 'f' : 'd';

template <class S> void apply(const ArrayFunction& f, const S* from, S* to, size_t count) {
  if constexpr (sizeof(S) == 4) f.single(from, to, count);
  else f.twice(from, to, count);
}

// |result - exact| in units in the last place of `exact`, rounded to S. An infinite result counts as the first
// number beyond the largest finite one.
template <class S, class R> double ulpError(S result, R exact) {
  if (std::isnan(exact) || std::isnan(result)) return std::isnan(exact) && std::isnan(result) ? 0 : inf;
  const S rounded = S(exact);
  if (rounded == result) {
    if (std::isinf(result)) return 0;
  } else if (std::isinf(exact)) {
    return inf;
  }
  constexpr int digits = std::numeric_limits<S>::digits;
  int exponent;
  std::frexp(exact, &exponent);
  const R unit = std::ldexp(R(1), std::max(exponent, std::numeric_limits<S>::min_exponent) - digits);
  const R beyond = std::ldexp(R(1), std::numeric_limits<S>::max_exponent);
  const R value = std::isinf(result) ? std::copysign(beyond, R(result)) : R(result);
  return double(std::fabs(value - exact) / unit);
}

struct Worst {
  double ulp = -1, at = 0, value = 0;
};

// The largest errors of one function and type, for each of its bounds (rows) and instruction sets (columns).
struct Measured {
  std::vector<const Bound*> rows;
  std::vector<std::vector<Worst>> worst;
};

template <class S> Measured startMeasuring(const char* name, size_t lists) {
  Measured m;
  for (const Bound& bound : bounds) {
    if (bound.type == typeLetter<S> && std::strcmp(bound.function, name) == 0) m.rows.push_back(&bound);
  }
  m.worst.assign(m.rows.size(), std::vector<Worst>(lists));
  return m;
}

bool bounded(const char* name) {
  for (const char* other : {"tanh", "sigmoid", "erf", "sin", "cos"}) {
    if (std::strcmp(name, other) == 0) return true;
  }
  return false;
}

// `count` is a multiple of 16.
template <class S>
void measure(Measured& m, const FunctionList* lists, size_t listCount, size_t which, const S* x, size_t count) {
  using R = std::conditional_t<sizeof(S) == 4, double, long double>;
  const char* name = lists[0].functions[which].name;
  static std::vector<R> exact;
  static std::vector<S> result;
  exact.resize(count);
  result.resize(count);
  for (size_t i = 0; i < count; i++) exact[i] = exactly<R>(name, x[i]);
  for (size_t list = 0; list < listCount; list++) {
    apply(lists[list].functions[which], x, result.data(), count);
    for (size_t i = 0; i < count; i++) {
      const double size = std::fabs(double(x[i]));
      const double error = ulpError(result[i], exact[i]);
      for (size_t row = 0; row < m.rows.size(); row++) {
        if (!(size >= m.rows[row]->low && size < m.rows[row]->high)) continue;
        Worst& worst = m.worst[row][list];
        if (error > worst.ulp) worst = {error, double(x[i]), double(result[i])};
      }
      if (bounded(name) && !(std::fabs(result[i]) <= 1) && !std::isnan(exact[i])) {
        if (failures++ >= 20) continue;
        std::printf("FAILED %s %s: |f(%a)| = %a is above 1\n", lists[list].isa, name, double(x[i]), double(result[i]));
      }
    }
  }
}

void report(const Measured& m, const FunctionList* lists, size_t listCount) {
  for (size_t row = 0; row < m.rows.size(); row++) {
    const Bound& bound = *m.rows[row];
    for (size_t list = 0; list < listCount; list++) {
      const Worst& worst = m.worst[row][list];
      const double allowed = lists[list].fused ? bound.ulp : bound.ulpUnfused;
      const bool good = worst.ulp >= 0 && worst.ulp <= allowed;
      if (!good) failures++;
      std::printf("%-10s %-6s %-8s [%g, %g)%*s %8.3f at %-24a bound %g%s\n", bound.function,
                  bound.type == 'f' ? "float" : "double", lists[list].isa, bound.low, bound.high,
                  bound.low > 0 ? 0 : 5, "", worst.ulp, worst.at, allowed, good ? "" : "  FAILED");
    }
  }
  std::fflush(stdout);
}

template <class S> bool same(S a, S b) {
  return (std::isnan(a) && std::isnan(b)) || std::memcmp(&a, &b, sizeof(S)) == 0;
}

template <class S>
void expect(const FunctionList& list, const char* name, const char* what, S x, S got, S wanted) {
  if (same(got, wanted)) return;
  if (failures++ >= 20) return;
  std::printf("FAILED %s %s %c, %s: f(%a) = %a, not %a\n", list.isa, name, typeLetter<S>, what, double(x),
              double(got), double(wanted));
}

template <class S> void checkSpecials(const FunctionList& list, const ArrayFunction& f) {
  for (const Special& special : specials) {
    if (std::strcmp(special.function, f.name) != 0) continue;
    std::vector<S> x(16, S(special.x)), y(16);
    apply(f, x.data(), y.data(), 16);
    expect(list, f.name, "special value", x[0], y[0], S(special.result));
  }
}

// f(-x) = -f(x) to the last bit.
template <class S> void checkOdd(const FunctionList& list, const ArrayFunction& f) {
  bool odd = false;
  for (const char* name : {"tanh", "erf", "sin"}) odd = odd || std::strcmp(f.name, name) == 0;
  if (!odd) return;
  for (double base : {1e-40, 1e-20, 1e-3, 0.3, 0.9, 1.7, 3.3, 8.9, 100.5, 3e6}) {
    std::vector<S> x(16), y(16);
    for (int i = 0; i < 8; i++) {
      x[2 * i] = S(base) * S(1 + i * 0.03);
      x[2 * i + 1] = -x[2 * i];
    }
    apply(f, x.data(), y.data(), 16);
    for (int i = 0; i < 16; i += 2) expect(list, f.name, "symmetry", x[i + 1], y[i + 1], -y[i]);
  }
}

// A saturated function stays where it is: exactly its limit at every number from some point on.
template <class S> void checkSaturation(const FunctionList& list, const ArrayFunction& f) {
  struct Limit { const char* name; double single, twice, value; };
  static constexpr Limit limits[] = {{"tanh", 9.2, 19.2, 1},     {"sigmoid", 17.4, 37.5, 1},
                                     {"erf", 4.1, 6, 1},         {"expm1", -17.4, -37.5, -1},
                                     {"sigmoid", -104, -746, 0}, {"softplus", -104, -746, 0},
                                     {"exp", -104, -746, 0}};
  for (const Limit& limit : limits) {
    if (std::strcmp(limit.name, f.name) != 0) continue;
    const double start = sizeof(S) == 4 ? limit.single : limit.twice;
    std::vector<S> x(4096), y(4096);
    for (size_t i = 0; i < x.size(); i++) x[i] = S(start * std::pow(1.01, double(i)));
    constexpr S largest = std::numeric_limits<S>::max();
    for (S& value : x) value = std::isinf(value) ? std::copysign(largest, value) : value;
    apply(f, x.data(), y.data(), x.size());
    for (size_t i = 0; i < x.size(); i++) expect(list, f.name, "saturation", x[i], y[i], S(limit.value));
  }
}

// The same number in every lane, among neighbours that take the rare paths, has the same result.
template <class S> void checkLanes(const FunctionList& list, const ArrayFunction& f) {
  using Limits = std::numeric_limits<S>;
  const S others[] = {S(inf), S(nan_), S(-0.0), Limits::denorm_min(), Limits::max(), S(-3e7), S(1), S(-90)};
  for (double value : {1e-40, -1e-12, 0.4, -0.8, 1.3, 2.9, -7.7, 33.0, -95.0, 1234.5, 7e8}) {
    std::vector<S> alone(16, S(value)), y(16);
    apply(f, alone.data(), y.data(), 16);
    const S wanted = y[0];
    for (int lane = 0; lane < 16; lane++) {
      std::vector<S> x(16);
      for (int i = 0; i < 16; i++) x[i] = i == lane ? S(value) : others[(i + lane) % 8];
      apply(f, x.data(), y.data(), 16);
      expect(list, f.name, "independence of the lane", S(value), y[lane], wanted);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  uint32_t stride = 97;
  size_t doubleCount = 1000000;
  const char* only = nullptr;
  for (int i = 1; i < argc; i++) {
    if (std::strcmp(argv[i], "--exhaustive") == 0) stride = 1, doubleCount = 20000000;
    else if (std::strcmp(argv[i], "--stride") == 0 && i + 1 < argc) stride = uint32_t(std::atoi(argv[++i]));
    else if (std::strcmp(argv[i], "--doubles") == 0 && i + 1 < argc) doubleCount = size_t(std::atol(argv[++i]));
    else if (std::strcmp(argv[i], "--function") == 0 && i + 1 < argc) only = argv[++i];
    else {
      std::fprintf(stderr, "usage: ulp [--exhaustive | --stride N] [--doubles N] [--function NAME]\n");
      return 2;
    }
  }

  if (stride == 0) stride = 1;

  FunctionList lists[4];
  const size_t listCount = availableLists(lists);
  for (size_t list = 0; list < listCount; list++) {
    if (const char* what = lists[list].checkVectors()) {
      failures++;
      std::printf("FAILED %s: %s\n", lists[list].isa, what);
    }
  }
  constexpr size_t chunk = 65536;
  std::vector<double> doubles = someDoubles(doubleCount);
  doubles.resize((doubles.size() + 15) / 16 * 16, 1.0);
  std::vector<float> floats(chunk);

  for (size_t which = 0; which < lists[0].count; which++) {
    const char* name = lists[0].functions[which].name;
    if (only && std::strcmp(only, name) != 0) continue;
    Measured single = startMeasuring<float>(name, listCount);
    uint64_t next = 0;
    while (size_t count = someFloats(&next, stride, floats.data(), floats.size())) {
      const size_t padded = (count + 15) / 16 * 16;
      std::fill(floats.begin() + long(count), floats.begin() + long(padded), 1.0f);
      measure(single, lists, listCount, which, floats.data(), padded);
    }
    report(single, lists, listCount);
    Measured twice = startMeasuring<double>(name, listCount);
    for (size_t i = 0; i < doubles.size(); i += chunk) {
      measure(twice, lists, listCount, which, doubles.data() + i, std::min(chunk, doubles.size() - i));
    }
    report(twice, lists, listCount);
    for (size_t list = 0; list < listCount; list++) {
      const ArrayFunction& f = lists[list].functions[which];
      checkSpecials<float>(lists[list], f);
      checkSpecials<double>(lists[list], f);
      checkOdd<float>(lists[list], f);
      checkOdd<double>(lists[list], f);
      checkSaturation<float>(lists[list], f);
      checkSaturation<double>(lists[list], f);
      checkLanes<float>(lists[list], f);
      checkLanes<double>(lists[list], f);
    }
  }
  std::printf(failures ? "%d failures\n" : "all within bounds\n", failures);
  return failures ? 1 : 0;
}
