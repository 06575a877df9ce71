#include "values.h"

#include <cmath>

#include "../host/misuse.h"
#include "../host/rows.h"

namespace liouville::host::wasm {

namespace {

template <class T> const T* at(const Array& array) { return reinterpret_cast<const T*>(uintptr_t(array.address)); }

template <class T> Buffer copied(const std::vector<T>& numbers) {
  Buffer buffer(numbers.size() * sizeof(T));
  if (!numbers.empty()) std::memcpy(buffer.data(), numbers.data(), numbers.size() * sizeof(T));
  return buffer;
}

}  // namespace

const Array& Reader::next() {
  if (at_ >= count_) refuse("expected more arguments");
  return arrays_[at_++];
}

const Array& Reader::next(Kind kind) {
  const Array& array = next();
  if (array.kind != kind) refuse("argument " + std::to_string(at_ - 1) + ": expected another type");
  return array;
}

void Reader::numbers() {
  const Array& array = next(Kind::float64);
  number_ = at<double>(array);
  numbersLeft_ = array.count;
}

double Reader::number() {
  if (numbersLeft_ == 0) refuse("expected more numbers");
  numbersLeft_--;
  return *number_++;
}

int64_t Reader::whole(int64_t least, int64_t most) {
  const double result = number();
  if (result >= double(least) && result <= double(most) && result == std::floor(result)) return int64_t(result);
  refuse("expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

std::vector<int32_t> Reader::ints() {
  const Array& array = next(Kind::int32);
  return {at<int32_t>(array), at<int32_t>(array) + array.count};
}

std::vector<double> Reader::doubles() {
  const Array& array = next(Kind::float64);
  return {at<double>(array), at<double>(array) + array.count};
}

std::vector<double> Reader::doublesOrNone() {
  if (!isNone()) return doubles();
  skip();
  return {};
}

Buffer Reader::scalars(int64_t count, int32_t scalarBytes) {
  const Array& array = next();
  if (array.kind != Kind::float32 && array.kind != Kind::float64) refuse("expected an array of floats");
  if (array.count != count) {
    throw Misuse("shape-mismatch",
                 "expected " + std::to_string(count) + " numbers; got " + std::to_string(array.count) + ".");
  }
  return array.kind == Kind::float32 ? converted(at<float>(array), array.count, scalarBytes)
                                     : converted(at<double>(array), array.count, scalarBytes);
}

Buffer Reader::bytes() {
  const Array& array = next(Kind::float64);
  Buffer buffer(bytesOf(array.count, 1, sizeof(double)));
  std::memcpy(buffer.data(), at<double>(array), buffer.bytes());
  return buffer;
}

void Writer::ints(const std::vector<int32_t>& numbers) { add(Kind::int32, copied(numbers), sizeof(int32_t)); }

void Writer::doubles(const std::vector<double>& numbers) { add(Kind::float64, copied(numbers), sizeof(double)); }

// A number for each byte.
void Writer::text(const std::string& text) {
  ints(std::vector<int32_t>(text.begin(), text.end()));
}

void Writer::add(Kind kind, Buffer numbers, size_t size) {
  const auto address = uint32_t(reinterpret_cast<uintptr_t>(numbers.data()));
  arrays_.push_back({kind, address, uint32_t(numbers.bytes() / size)});
  buffers_.push_back(std::move(numbers));
}

void Writer::clear() {
  arrays_.clear();
  buffers_.clear();
}

}  // namespace liouville::host::wasm
