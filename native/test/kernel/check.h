// What the kernel tests share: a failure count, random numbers, and buffers with sentinels around them.
#pragma once

#include <cmath>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "../../simd/vec.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

inline long checks = 0;
inline long failures = 0;

// Counts a check; prints the first failures.
[[gnu::format(printf, 2, 3)]] inline bool check(bool passed, const char* format, ...) {
  checks++;
  if (passed) return true;
  if (failures++ < 20) {
    va_list arguments;
    va_start(arguments, format);
    std::printf("FAILED: ");
    std::vprintf(format, arguments);
    std::printf("\n");
    va_end(arguments);
  }
  return false;
}

// Uniform on (-1, 1), from a 64-bit linear congruence: the same in every run.
inline double randomNumber() {
  static uint64_t state = 1;
  state = state * 6364136223846793005u + 1442695040888963407u;
  return double(int64_t(state) >> 11) * 0x1p-52;
}

template <class S> bool sameBits(S a, S b) { return std::memcmp(&a, &b, sizeof(S)) == 0; }

// A NaN with a payload that no arithmetic produces: what must be neither read nor written.
inline void setSentinel(float& to) {
  const uint32_t bits = 0x7fc0beef;
  std::memcpy(&to, &bits, sizeof(to));
}
inline void setSentinel(double& to) {
  const uint64_t bits = 0x7ff80000deadbeef;
  std::memcpy(&to, &bits, sizeof(to));
}
template <class S> bool isSentinel(S value) {
  S sentinel;
  setSentinel(sentinel);
  return sameBits(value, sentinel);
}

// `size` scalars, all sentinels at first, aligned to `alignment` bytes and no more, between two zones of
// sentinels.
template <class S> class Buffer {
 public:
  explicit Buffer(size_t size, size_t alignment = sizeof(Vec<S>)) : size_(size) {
    const size_t zone = alignment / sizeof(S) > guard ? alignment / sizeof(S) : guard;
    total_ = size + 3 * zone;
    const size_t bytes = (total_ * sizeof(S) + 127) / 128 * 128;
    memory_ = static_cast<S*>(std::aligned_alloc(128, bytes));
    total_ = bytes / sizeof(S);
    for (size_t i = 0; i < total_; i++) setSentinel(memory_[i]);
    data_ = memory_ + zone;
    if (reinterpret_cast<uintptr_t>(data_) % (2 * alignment) == 0) data_ += alignment / sizeof(S);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(memory_); }

  S* data() { return data_; }
  const S* data() const { return data_; }
  size_t size() const { return size_; }
  S& operator[](size_t i) { return data_[i]; }
  const S& operator[](size_t i) const { return data_[i]; }

  void randomize() {
    for (size_t i = 0; i < size_; i++) data_[i] = S(randomNumber());
  }
  void fill(S value) {
    for (size_t i = 0; i < size_; i++) data_[i] = value;
  }
  // Whether the zones around the data are untouched.
  bool intact() const {
    for (const S* at = memory_; at < memory_ + total_; at++) {
      if ((at < data_ || at >= data_ + size_) && !isSentinel(*at)) return false;
    }
    return true;
  }

 private:
  static constexpr size_t guard = 64;
  size_t size_, total_;
  S* memory_;
  S* data_;
};

// a * b + c as the vectors do it: rounded once where the instruction set has a fused multiply-add.
template <class S> S multiplyAdd(S a, S b, S c) {
  if constexpr (hasFma) return std::fma(a, b, c);
  const volatile S product = a * b;
  return product + c;
}

template <class S> constexpr const char* precisionName = sizeof(S) == 4 ? "float32" : "float64";

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
