// The vector math as functions on arrays, one list per instruction set, for the test and the benchmark.
#pragma once

#include <stddef.h>

struct ArrayFunction {
  const char* name;
  // `count` is a multiple of 16.
  void (*single)(const float* from, float* to, size_t count);
  void (*twice)(const double* from, double* to, size_t count);
};

struct FunctionList {
  const char* isa;
  bool fused;  // whether fma rounds once
  const ArrayFunction* functions;
  size_t count;
  // null, or what is wrong with the vector types of native/simd
  const char* (*checkVectors)();
};

// Of the instruction sets that were compiled in, those that this processor has.
size_t availableLists(FunctionList lists[4]);
