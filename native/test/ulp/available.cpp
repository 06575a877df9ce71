#include "functions.h"

#if defined(__x86_64__)

namespace liouville {
namespace baseline { FunctionList list(); }
namespace avx2 { FunctionList list(); }
namespace avx512 { FunctionList list(); }
}

size_t availableLists(FunctionList lists[4]) {
  size_t count = 0;
  lists[count++] = liouville::baseline::list();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) lists[count++] = liouville::avx2::list();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
    lists[count++] = liouville::avx512::list();
  }
  return count;
}

#else

#include "../../simd/isa.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE { FunctionList list(); }

size_t availableLists(FunctionList lists[4]) {
  lists[0] = liouville::LIOUVILLE_ISA_NAMESPACE::list();
  return 1;
}

#endif
