// What the functions are tried on.
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

// Every `stride`th float, all 2^32 of them when it is 1, from `first` (a bit pattern) on; `count` at most.
inline size_t someFloats(uint64_t* first, uint32_t stride, float* to, size_t count) {
  size_t made = 0;
  for (; made < count && *first < (uint64_t(1) << 32); made++, *first += stride) {
    const uint32_t bits = uint32_t(*first);
    std::memcpy(to + made, &bits, sizeof(bits));
  }
  return made;
}

// Doubles: any exponent, the ranges where the functions change, and the surroundings of special places.
inline std::vector<double> someDoubles(size_t count) {
  std::mt19937_64 random(20240229);
  std::vector<double> result;
  const auto uniform = [&random](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  const auto around = [&result](double x) {
    uint64_t bits;
    std::memcpy(&bits, &x, sizeof(bits));
    for (int64_t step = -20; step <= 20; step++) {
      const uint64_t moved = bits + uint64_t(step);
      double y;
      std::memcpy(&y, &moved, sizeof(y));
      result.push_back(y);
      result.push_back(-y);
    }
  };
  for (int exponent = -1074; exponent < 1024; exponent++) around(std::ldexp(1.0, exponent));
  for (int i = 1; i < 3000; i++) {
    around(i * 0.34657359027997264);  // halves of ln 2: where the exponent changes
    around(i * 1.5707963267948966);
    around(i / 64.0);
  }
  for (double x : {708.396, 709.782712893384, 744.4400719213812, 745.1332191019411}) around(x);
  for (double x : {0.75, 1.5, 5.95, 19.06}) around(x);
  while (result.size() < count) {
    const uint64_t bits = random();
    double any;
    std::memcpy(&any, &bits, sizeof(any));
    if (any - any == 0) result.push_back(any);
    result.push_back(uniform(-1, 1));
    result.push_back(uniform(-6, 6));
    result.push_back(uniform(-50, 50));
    result.push_back(uniform(-760, 760));
    result.push_back(uniform(-1e6, 1e6));
    result.push_back(std::ldexp(uniform(-1, 1), int(random() % 60) - 55));
    result.push_back(1 + std::ldexp(uniform(-1, 1), -int(random() % 50)));
  }
  return result;
}
