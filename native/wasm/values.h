// What crosses between JavaScript and this module: arrays of numbers in its memory.
#pragma once

#include <string>
#include <vector>

#include "../host/buffer.h"

namespace liouville::host::wasm {

enum class Kind : uint32_t { none, int32, float32, float64 };

// An array in memory, as src/engine/wasm/instance.ts writes and reads it.
struct Array {
  Kind kind = Kind::none;
  uint32_t address = 0, count = 0;
};

// The arrays of a call, read one after the other. Everything is checked; whatever does not fit is refused.
class Reader {
 public:
  Reader(const Array* arrays, int32_t count) : arrays_(arrays), count_(count) {}

  // Starts reading single numbers from the next array, of float64.
  void numbers();
  double number();
  int64_t whole(int64_t least, int64_t most);

  std::vector<int32_t> ints();
  std::vector<double> doubles();
  // Empty for an array that is none.
  std::vector<double> doublesOrNone();
  // `count` numbers in scalars of 4 or 8 bytes.
  Buffer scalars(int64_t count, int32_t scalarBytes);
  // The bytes of an array of float64.
  Buffer bytes();

  bool isNone() const { return at_ < count_ && arrays_[at_].kind == Kind::none; }
  void skip() { next(); }

 private:
  const Array* arrays_;
  int32_t count_, at_ = 0;
  const double* number_ = nullptr;
  uint32_t numbersLeft_ = 0;

  const Array& next();
  const Array& next(Kind kind);
};

// The arrays that a call gives back. They stay until the next call.
class Writer {
 public:
  void none() { arrays_.push_back({}); }
  void ints(const std::vector<int32_t>& numbers);
  void doubles(const std::vector<double>& numbers);
  void doubles(Buffer numbers) { add(Kind::float64, std::move(numbers), sizeof(double)); }
  void scalars(Buffer numbers, int32_t scalarBytes) {
    add(scalarBytes == 4 ? Kind::float32 : Kind::float64, std::move(numbers), size_t(scalarBytes));
  }
  void text(const std::string& text);

  void clear();
  const Array* arrays() const { return arrays_.data(); }
  int32_t count() const { return int32_t(arrays_.size()); }

 private:
  std::vector<Array> arrays_;
  std::vector<Buffer> buffers_;

  void add(Kind kind, Buffer numbers, size_t size);
};

}  // namespace liouville::host::wasm
