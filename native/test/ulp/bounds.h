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
    {"exp", 'f', 0, everything, 1.05, 1.05},
    {"exp", 'd', 0, everything, 1.05, 1.05},
    {"expm1", 'f', 0, everything, 1.5, 1.5},
    {"expm1", 'd', 0, everything, 2, 2},
    {"log", 'f', 0, everything, 1.4, 0.95},
    {"log", 'd', 0, everything, 1, 1},
    {"log1p", 'f', 0, everything, 1.3, 0.95},
    {"log1p", 'd', 0, everything, 1, 1},
    {"tanh", 'f', 0, everything, 2, 2},
    {"tanh", 'd', 0, everything, 2.2, 2.2},
    {"sigmoid", 'f', 0, everything, 2, 2},
    {"sigmoid", 'd', 0, everything, 2.05, 2.05},
    {"softplus", 'f', 0, everything, 1.8, 2.1},
    {"softplus", 'd', 0, everything, 2.05, 2.05},
    {"erf", 'f', 0, everything, 1.3, 1.5},
    {"erf", 'd', 0, everything, 1.6, 1.9},
    // Beyond these ranges the argument is reduced by other means.
    {"sin", 'f', 0, 0x1p17, 0.85, 1.6},
    {"sin", 'f', 0x1p17, everything, 0.85, 0.85},
    {"sin", 'd', 0, 0x1p20, 0.85, 0.85},
    {"sin", 'd', 0x1p20, everything, 0.85, 0.85},
    {"cos", 'f', 0, 0x1p17, 0.85, 1.6},
    {"cos", 'f', 0x1p17, everything, 0.85, 0.85},
    {"cos", 'd', 0, 0x1p20, 0.85, 0.85},
    {"cos", 'd', 0x1p20, everything, 0.85, 0.85},
    // Rounded right; long double, the reference for double, is not much more exact.
    {"sqrt", 'f', 0, everything, 0.5, 0.5},
    {"sqrt", 'd', 0, everything, 0.501, 0.501},
    {"reciprocal", 'f', 0, everything, 0.5, 0.5},
    {"reciprocal", 'd', 0, everything, 0.501, 0.501},
};
