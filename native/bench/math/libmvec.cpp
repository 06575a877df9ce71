// Compiled with AVX-512, run only where the processor has it.
#include <immintrin.h>

#include <cstring>

#include "yardstick.h"

extern "C" {
#define DECLARE(name)                  \
  __m512 _ZGVeN16v_##name##f(__m512);  \
  __m512d _ZGVeN8v_##name(__m512d);
DECLARE(exp) DECLARE(expm1) DECLARE(log) DECLARE(log1p) DECLARE(tanh) DECLARE(erf) DECLARE(sin) DECLARE(cos)
}

namespace {

template <__m512 (*f)(__m512)> void map16(const float* from, float* to, size_t count) {
  for (size_t i = 0; i < count; i += 16) _mm512_storeu_ps(to + i, f(_mm512_loadu_ps(from + i)));
}
template <__m512d (*f)(__m512d)> void map8(const double* from, double* to, size_t count) {
  for (size_t i = 0; i < count; i += 8) _mm512_storeu_pd(to + i, f(_mm512_loadu_pd(from + i)));
}

#define LIBMVEC_FUNCTION(name) \
  { #name, map16<_ZGVeN16v_##name##f>, map8<_ZGVeN8v_##name> }
const Yardstick functions[] = {
    LIBMVEC_FUNCTION(exp), LIBMVEC_FUNCTION(expm1), LIBMVEC_FUNCTION(log), LIBMVEC_FUNCTION(log1p),
    LIBMVEC_FUNCTION(tanh), LIBMVEC_FUNCTION(erf), LIBMVEC_FUNCTION(sin), LIBMVEC_FUNCTION(cos),
};

}  // namespace

const Yardstick* libmvecFunction(const char* name) {
  for (const Yardstick& f : functions) {
    if (std::strcmp(f.name, name) == 0) return &f;
  }
  return nullptr;
}
