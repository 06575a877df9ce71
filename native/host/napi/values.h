// Between JavaScript values and C++ ones. Whatever is read is checked and copied at once: nothing of
// JavaScript runs between looking at an array and copying it.
#pragma once

#define NAPI_VERSION 8
#include <node_api.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../buffer.h"

namespace liouville::host::napi {

// A JavaScript exception is pending already.
struct Pending {};

// Throws Pending, or Misuse where the call failed without a JavaScript exception.
void check(napi_env env, napi_status status);

napi_value property(napi_env env, napi_value object, const char* name);
bool isNone(napi_env env, napi_value value);  // null or undefined

// These throw Misuse, with the name, for values of another kind.
double number(napi_env env, napi_value value, const char* name);
int64_t whole(napi_env env, napi_value value, const char* name, int64_t least, int64_t most);
bool boolean(napi_env env, napi_value value, const char* name);
std::vector<int32_t> int32Array(napi_env env, napi_value value, const char* name);
std::vector<double> float64Array(napi_env env, napi_value value, const char* name);
// The first `most` numbers; `length` is set to how many there are.
Numbers numbers(napi_env env, napi_value value, const char* name, size_t most = SIZE_MAX, size_t* length = nullptr);
// The numbers of a Float64Array themselves, to be changed before JavaScript runs again.
struct Doubles {
  double* data;
  size_t length;
};
Doubles doublesInPlace(napi_env env, napi_value value, const char* name);
uint32_t arrayLength(napi_env env, napi_value value, const char* name);
napi_value element(napi_env env, napi_value array, uint32_t index);

// `count` numbers of a Float32Array or Float64Array, in scalars of 4 or 8 bytes.
Buffer scalars(napi_env env, napi_value value, const std::string& name, int64_t count, int32_t scalarBytes);

napi_value object(napi_env env);
void set(napi_env env, napi_value object, const char* name, napi_value value);
napi_value makeNumber(napi_env env, double value);
napi_value makeString(napi_env env, const std::string& text);
napi_value makeBoolean(napi_env env, bool value);
napi_value makeNull(napi_env env);
napi_value makeInt32Array(napi_env env, const std::vector<int32_t>& numbers);
// A Float64Array of all numbers in the buffer, which is handed over where it is large.
napi_value makeFloat64Array(napi_env env, Buffer numbers);

// Objects that hold a std::shared_ptr<T> for as long as JavaScript holds them.
template <class T> struct Handle {
  static const napi_type_tag tag;
  static const char* const name;

  static napi_value make(napi_env env, std::shared_ptr<T> value) {
    napi_value result = object(env);
    auto held = std::make_unique<std::shared_ptr<T>>(std::move(value));
    check(env, napi_wrap(env, result, held.get(), &finalize, nullptr, nullptr));
    held.release();
    check(env, napi_type_tag_object(env, result, &tag));
    return result;
  }

  static std::shared_ptr<T> get(napi_env env, napi_value value);

 private:
  static void finalize(napi_env, void* data, void*) { delete static_cast<std::shared_ptr<T>*>(data); }
};

// The pointer that a tagged object wraps. Throws Misuse for anything else.
void* unwrapped(napi_env env, napi_value value, const napi_type_tag& tag, const char* name);

template <class T> std::shared_ptr<T> Handle<T>::get(napi_env env, napi_value value) {
  return *static_cast<std::shared_ptr<T>*>(unwrapped(env, value, tag, name));
}

}  // namespace liouville::host::napi
