// What the vector math is measured against: the C library, one number at a time, and its vector library
// (libmvec, accurate to 4 ulp) at the width of an instruction set.
#pragma once

#include <stddef.h>

struct Yardstick {
  const char* name;
  void (*single)(const float* from, float* to, size_t count);
  void (*twice)(const double* from, double* to, size_t count);
};

// null where there is none
const Yardstick* libmFunction(const char* name);
const Yardstick* libmvecFunction(const char* name);
