// What the vector math promises: for each function, type and range of |x| (all finite numbers in it, both
// signs), the largest error in units in the last place of the exact result. ulp.cpp checks it.
#pragma once

struct Bound {
  const char* function;
  char type;         // 'f' float, 'd' double
  double low, high;  // low <= |x| < high
  double ulp;        // with fused multiply-add
  double ulpUnfused; // without
};

inline constexpr double everything = __builtin_inf();

inline constexpr Bound bounds[] = {
    {"exp", 'f', 0, everything, 2, 2},        {"exp", 'd', 0, everything, 2, 2},
    {"expm1", 'f', 0, everything, 2, 2},      {"expm1", 'd', 0, everything, 2, 2},
    {"log", 'f', 0, everything, 2, 2},        {"log", 'd', 0, everything, 2, 2},
    {"log1p", 'f', 0, everything, 2, 2},      {"log1p", 'd', 0, everything, 2, 2},
    {"tanh", 'f', 0, everything, 2, 2},       {"tanh", 'd', 0, everything, 2, 2},
    {"sigmoid", 'f', 0, everything, 2, 2},    {"sigmoid", 'd', 0, everything, 2, 2},
    {"softplus", 'f', 0, everything, 2, 2},   {"softplus", 'd', 0, everything, 2, 2},
    {"erf", 'f', 0, everything, 2, 2},        {"erf", 'd', 0, everything, 2, 2},
    {"sin", 'f', 0, 0x1p17, 2, 2},            {"sin", 'd', 0, 0x1p20, 2, 2},
    {"sin", 'f', 0x1p17, everything, 2, 2},   {"sin", 'd', 0x1p20, everything, 2, 2},
    {"cos", 'f', 0, 0x1p17, 2, 2},            {"cos", 'd', 0, 0x1p20, 2, 2},
    {"cos", 'f', 0x1p17, everything, 2, 2},   {"cos", 'd', 0x1p20, everything, 2, 2},
    {"sqrt", 'f', 0, everything, 0.5, 0.5},   {"sqrt", 'd', 0, everything, 0.501, 0.501},
    {"reciprocal", 'f', 0, everything, 0.5, 0.5}, {"reciprocal", 'd', 0, everything, 0.501, 0.501},
};
