// The vector math: every function takes and gives an F32 or an F64, lane by lane.
//
//   exp expm1 log log1p tanh sigmoid softplus sin cos erf sqrt reciprocal
//
// A lane's result depends on that lane alone, not on its place nor on its neighbours. Between instruction sets
// the last bit may differ. The bounds of the errors stand, and are checked, in test/ulp/bounds.h. Infinities,
// NaN, signed zeros and denormals are as in ISO C, Annex F.
#pragma once

#include "erf.h"
#include "exp.h"
#include "log.h"
#include "sigmoid.h"
#include "tanh.h"
#include "trigonometric.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// 1 / x, rounded right.
template <class V> LIOUVILLE_INLINE V reciprocal(V x) { return Scalar<V>(1) / x; }

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
