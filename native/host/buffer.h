// Memory for kernels: aligned to 64 bytes, not initialised unless asked for.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

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
  explicit Buffer(size_t bytes) : bytes_(bytes) {
    void* data = nullptr;
    if (posix_memalign(&data, 64, bytes > 0 ? bytes : 1) != 0) throw std::bad_alloc();
    data_ = data;
  }

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
  ~Buffer() { std::free(data_); }

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

  // Hands the memory over; free() gives it back.
  void* release() {
    bytes_ = 0;
    return std::exchange(data_, nullptr);
  }

 private:
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace liouville::host
