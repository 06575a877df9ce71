// Rows of a call: arrays from JavaScript in the scalar of a backend, and back in double.
#pragma once

#include <vector>

#include "buffer.h"

namespace liouville::host {

template <class From> Buffer converted(const From* from, size_t count, int32_t scalarBytes) {
  Buffer buffer(bytesOf(int64_t(count), 1, size_t(scalarBytes)));
  if (scalarBytes == 4) {
    for (size_t i = 0; i < count; i++) buffer.as<float>()[i] = float(from[i]);
  } else {
    for (size_t i = 0; i < count; i++) buffer.as<double>()[i] = double(from[i]);
  }
  return buffer;
}

// Numbers first ... last - 1 of an array of scalars.
inline void widen(double* to, const void* from, int32_t scalarBytes, size_t first, size_t last) {
  if (scalarBytes == 4) {
    for (size_t i = first; i < last; i++) to[i] = double(static_cast<const float*>(from)[i]);
  } else {
    std::memcpy(to + first, static_cast<const double*>(from) + first, (last - first) * sizeof(double));
  }
}

inline double scalarAt(const void* from, int32_t scalarBytes, size_t i) {
  return scalarBytes == 4 ? double(static_cast<const float*>(from)[i]) : static_cast<const double*>(from)[i];
}

// An array for each port; null for a port that has none.
struct Columns {
  std::vector<Buffer> buffers;
  std::vector<void*> pointers;

  void add(Buffer buffer) {
    pointers.push_back(buffer.data());
    buffers.push_back(std::move(buffer));
  }
  void addNone() { add(Buffer()); }
};

}  // namespace liouville::host
