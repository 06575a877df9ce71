// The lanes of an ODE: every one has a row of its own, with its own time, step and counts.
#pragma once

#include "layout.h"
#include "planes.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// The clock of one lane. Times and steps are doubles whatever S is.
struct Clock {
  int64_t row;
  double t, tNext, step;     // the step of this attempt, signed
  double h;                  // the size proposed for the next one
  double previousError, earlierError, lastError;
  int32_t accepted, rejected, nfe;
  int32_t stepCount;         // fixed steps and replays: how many there are
  bool landing, afterRejection, slopeKnown;
  StepRecord* last;
};

inline constexpr double leastPreviousError = 1e-4;

// The least step that t can resolve: 16 units of its last place.
inline double leastStep(double t) {
  const double step = 16 * 0x1p-52 * __builtin_fabs(t);
  return step > 1e-300 ? step : 1e-300;
}

// Several states of the lanes that belong together: `count` planes each.
template <class S> inline void moveLane(S* planes, int32_t count, ptrdiff_t stride, int32_t from, int32_t to) {
  for (int32_t i = 0; i < count; i++) planes[i * stride + to] = planes[i * stride + from];
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
