// Between rows in memory (row-major) and planes in registers.
#pragma once

#include "planes.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// One row into one lane of `count` planes.
template <class S>
LIOUVILLE_INLINE void loadRow(S* planes, ptrdiff_t stride, int32_t lane, const S* row, int32_t count) {
  for (int32_t i = 0; i < count; i++) planes[i * stride + lane] = row[i];
}

template <class S>
LIOUVILLE_INLINE void storeRow(S* row, const S* planes, ptrdiff_t stride, int32_t lane, int32_t count) {
  for (int32_t i = 0; i < count; i++) row[i] = planes[i * stride + lane];
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
