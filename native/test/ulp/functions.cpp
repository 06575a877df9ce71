// Compiled once per instruction set; nothing here may have external linkage but the list.
#include "../../math/math.h"
#include "functions.h"
#include "vectors.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {
namespace {

template <class V, V (*f)(V)> void map(const Scalar<V>* from, Scalar<V>* to, size_t count) {
  for (size_t i = 0; i < count; i += lanes<V>) store(to + i, f(load<V>(from + i)));
}

#define LIOUVILLE_ARRAY_FUNCTION(name) \
  { #name, map<F32, name>, map<F64, name> }
const ArrayFunction functions[] = {
    LIOUVILLE_ARRAY_FUNCTION(exp),      LIOUVILLE_ARRAY_FUNCTION(expm1), LIOUVILLE_ARRAY_FUNCTION(log),
    LIOUVILLE_ARRAY_FUNCTION(log1p),    LIOUVILLE_ARRAY_FUNCTION(tanh),  LIOUVILLE_ARRAY_FUNCTION(sigmoid),
    LIOUVILLE_ARRAY_FUNCTION(softplus), LIOUVILLE_ARRAY_FUNCTION(erf),   LIOUVILLE_ARRAY_FUNCTION(sin),
    LIOUVILLE_ARRAY_FUNCTION(cos),      LIOUVILLE_ARRAY_FUNCTION(sqrt),  LIOUVILLE_ARRAY_FUNCTION(reciprocal),
};

}  // namespace

FunctionList list() {
  return {LIOUVILLE_ISA_NAME, hasFma, functions, sizeof(functions) / sizeof(functions[0]), checkVectors};
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
