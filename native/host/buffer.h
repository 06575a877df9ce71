// Memory for kernels: aligned to 64 bytes, not initialised unless asked for.
#pragma once

#include <cstdint>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "memory.h"

namespace liouville::host {

// count * width * size bytes; what does not fit is more memory than there is.
inline size_t bytesOf(int64_t count, int64_t width, size_t size) {
  size_t bytes = 0;
  if (count < 0 || width < 0 || __builtin_mul_overflow(size_t(count), size_t(width), &bytes) ||
      __builtin_mul_overflow(bytes, size, &bytes) || bytes > SIZE_MAX / 4) {
    throw std::bad_alloc();
  }
  return bytes;
}

class Buffer {
 public:
  Buffer() = default;

  // Throws std::bad_alloc.
  explicit Buffer(size_t bytes) : data_(memory::take(bytes)), bytes_(bytes) {}

  static Buffer zeroed(size_t bytes) {
    Buffer buffer(bytes);
    std::memset(buffer.data_, 0, bytes);
    return buffer;
  }

  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Buffer() { memory::give(data_, bytes_); }

  size_t bytes() const { return bytes_; }
  void* data() const { return data_; }
  template <class T> T* as() const { return static_cast<T*>(data_); }

  // At least `bytes` bytes; what was there may be gone.
  void* atLeast(size_t bytes) {
    if (data_ == nullptr || bytes > bytes_) {
      *this = Buffer();
      *this = Buffer(bytes);
    }
    return data_;
  }

  // Hands the memory over; memory::give takes it back.
  void* release() {
    bytes_ = 0;
    return std::exchange(data_, nullptr);
  }

 private:
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

// Numbers in double that do not change.
class Numbers {
 public:
  Numbers() = default;
  Numbers(const double* from, size_t count) : buffer_(bytesOf(int64_t(count), 1, sizeof(double))), count_(count) {
    if (count > 0) std::memcpy(buffer_.data(), from, count * sizeof(double));
  }
  Numbers(const std::vector<double>& from) : Numbers(from.data(), from.size()) {}

  const double* data() const { return buffer_.as<double>(); }
  size_t size() const { return count_; }

 private:
  Buffer buffer_;
  size_t count_ = 0;
};

}  // namespace liouville::host
