// Lanes: every one holds a row of its own.
#pragma once

#include "layout.h"
#include "planes.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// One lane of `count` planes takes the place of another.
template <class S> inline void moveLane(S* planes, int32_t count, ptrdiff_t stride, int32_t from, int32_t to) {
  for (int32_t i = 0; i < count; i++) planes[i * stride + to] = planes[i * stride + from];
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
