#include <cmath>
#include <cstring>

#include "yardstick.h"

namespace {

template <class S> S sigmoid(S x) { return 1 / (1 + std::exp(-x)); }
template <class S> S softplus(S x) { return std::fmax(x, S(0)) + std::log1p(std::exp(-std::fabs(x))); }

template <class S, S (*f)(S)> void map(const S* from, S* to, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = f(from[i]);
}

#define LIBM_FUNCTION(name) \
  { #name, map<float, name##f>, map<double, name> }
const Yardstick functions[] = {
    LIBM_FUNCTION(exp), LIBM_FUNCTION(expm1), LIBM_FUNCTION(log), LIBM_FUNCTION(log1p),
    LIBM_FUNCTION(tanh), LIBM_FUNCTION(erf), LIBM_FUNCTION(sin), LIBM_FUNCTION(cos),
    {"sigmoid", map<float, sigmoid<float>>, map<double, sigmoid<double>>},
    {"softplus", map<float, softplus<float>>, map<double, softplus<double>>},
};

}  // namespace

const Yardstick* libmFunction(const char* name) {
  for (const Yardstick& f : functions) {
    if (std::strcmp(f.name, name) == 0) return &f;
  }
  return nullptr;
}
