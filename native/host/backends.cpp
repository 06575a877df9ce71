#include "backends.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define LIOUVILLE_DECLARE(isa)                                  \
  extern const liouville::Backend liouville_backend_##isa##_f32; \
  extern const liouville::Backend liouville_backend_##isa##_f64; \
  extern const liouville::CloudBackend liouville_clouds_##isa;
LIOUVILLE_BACKENDS(LIOUVILLE_DECLARE)

namespace liouville::host {

namespace {

#if defined(__x86_64__)

struct Registers {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

// What the processor says about itself; zeros for a leaf that it does not have.
Registers cpuid(unsigned leaf) {
  Registers r;
  if (!__get_cpuid_count(leaf, 0, &r.eax, &r.ebx, &r.ecx, &r.edx)) return {};
  return r;
}

// The register states that the operating system saves when it switches threads (XCR0).
unsigned savedStates() {
  unsigned low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

bool has(unsigned bits, unsigned wanted) { return (bits & wanted) == wanted; }

bool isSupported(const std::string& name) {
  if (name == "baseline") return true;
  constexpr unsigned fma = 1u << 12, xsave = 1u << 27, avx = 1u << 28, f16c = 1u << 29;
  constexpr unsigned avx2 = 1u << 5, avx512f = 1u << 16, avx512dq = 1u << 17, avx512bw = 1u << 30, avx512vl = 1u << 31;
  constexpr unsigned ymm = 0x6, zmm = 0xe6;
  const unsigned basic = cpuid(1).ecx, extended = cpuid(7).ebx;
  if (!has(basic, fma | xsave | avx | f16c) || !has(extended, avx2)) return false;
  if (name == "avx2") return has(savedStates(), ymm);
  return name == "avx512" && has(extended, avx512f | avx512dq | avx512bw | avx512vl) && has(savedStates(), zmm);
}

#else

// On other processors the one instruction set that is compiled belongs to their baseline.
bool isSupported(const std::string&) { return true; }

#endif

}  // namespace

const std::vector<InstructionSet>& instructionSets() {
#define LIOUVILLE_ENTRY(isa)                                                                               \
  {#isa, &liouville_backend_##isa##_f32, &liouville_backend_##isa##_f64, &liouville_clouds_##isa, isSupported(#isa)},
  // Never destroyed: threads may still run while a process ends.
  static const auto* sets = new std::vector<InstructionSet>{LIOUVILLE_BACKENDS(LIOUVILLE_ENTRY)};
  return *sets;
}

}  // namespace liouville::host
