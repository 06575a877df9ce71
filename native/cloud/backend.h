// What a unit of one instruction set offers to the host for point clouds. It allocates nothing and throws nothing.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace liouville {

// Distances of two clouds, and the two numbers that each gives. chamfer: the mean over the points of one of the least
// squared distance to the other, and the other way round. earthMover, for clouds of one size: the least mean distance of
// a one-to-one assignment, and a lower bound of it; or, where the first is certain to come out above the limit, infinity
// and a lower bound above the limit.
enum class CloudDistance : int32_t { chamfer, earthMover };

struct CloudTask {
  const double *x, *y;       // row-major, xCount and yCount points of dim numbers
  int64_t xCount, yCount, dim;
  double limit;              // for earthMover; infinity is none
  void* workspace;           // `workspace` bytes, aligned to 64
  const int32_t* cancelled;  // not zero: return soon, with numbers that mean nothing
  double* result;            // two numbers
};

struct CloudBackend {
  size_t (*workspace)(CloudDistance, const CloudTask*);
  void (*run)(CloudDistance, const CloudTask*);
};

}  // namespace liouville
