// Results that must be met exactly, the sign of zero included; NaN stands for any NaN.
#pragma once

#include <limits>

struct Special {
  const char* function;
  double x, result;
};

inline constexpr double inf = std::numeric_limits<double>::infinity();
inline constexpr double nan_ = std::numeric_limits<double>::quiet_NaN();

// x and result are floats as well as doubles.
inline constexpr Special specials[] = {
    {"exp", 0.0, 1},         {"exp", -0.0, 1},         {"exp", inf, inf},         {"exp", -inf, 0.0},
    {"exp", nan_, nan_},     {"exp", 1000, inf},       {"exp", -1000, 0.0},
    {"expm1", 0.0, 0.0},     {"expm1", -0.0, -0.0},    {"expm1", inf, inf},       {"expm1", -inf, -1},
    {"expm1", nan_, nan_},   {"expm1", 1000, inf},     {"expm1", -1000, -1},
    {"log", 0.0, -inf},      {"log", -0.0, -inf},      {"log", inf, inf},         {"log", -inf, nan_},
    {"log", nan_, nan_},     {"log", -1, nan_},        {"log", 1, 0.0},           {"log", -1e-30, nan_},
    {"log1p", 0.0, 0.0},     {"log1p", -0.0, -0.0},    {"log1p", inf, inf},       {"log1p", -inf, nan_},
    {"log1p", nan_, nan_},   {"log1p", -1, -inf},      {"log1p", -2, nan_},
    {"tanh", 0.0, 0.0},      {"tanh", -0.0, -0.0},     {"tanh", inf, 1},          {"tanh", -inf, -1},
    {"tanh", nan_, nan_},    {"tanh", 30, 1},          {"tanh", -30, -1},
    {"sigmoid", 0.0, 0.5},   {"sigmoid", -0.0, 0.5},   {"sigmoid", inf, 1},       {"sigmoid", -inf, 0.0},
    {"sigmoid", nan_, nan_}, {"sigmoid", 60, 1},       {"sigmoid", -1000, 0.0},
    {"softplus", inf, inf},  {"softplus", -inf, 0.0},  {"softplus", nan_, nan_},  {"softplus", 1000, 1000},
    {"softplus", -1000, 0.0},
    {"erf", 0.0, 0.0},       {"erf", -0.0, -0.0},      {"erf", inf, 1},           {"erf", -inf, -1},
    {"erf", nan_, nan_},     {"erf", 7, 1},            {"erf", -7, -1},
    {"sin", 0.0, 0.0},       {"sin", -0.0, -0.0},      {"sin", inf, nan_},        {"sin", -inf, nan_},
    {"sin", nan_, nan_},
    {"cos", 0.0, 1},         {"cos", -0.0, 1},         {"cos", inf, nan_},        {"cos", -inf, nan_},
    {"cos", nan_, nan_},
    {"sqrt", 0.0, 0.0},      {"sqrt", -0.0, -0.0},     {"sqrt", inf, inf},        {"sqrt", -1, nan_},
    {"sqrt", nan_, nan_},
    {"reciprocal", 0.0, inf},{"reciprocal", -0.0, -inf},{"reciprocal", inf, 0.0}, {"reciprocal", -inf, -0.0},
    {"reciprocal", nan_, nan_},
};
