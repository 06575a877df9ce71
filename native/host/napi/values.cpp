#include "values.h"

#include <cmath>

#include "../misuse.h"
#include "../rows.h"

namespace liouville::host::napi {

namespace {

[[noreturn]] void unexpected(const std::string& name, const std::string& wanted) {
  refuse(name + ": expected " + wanted + ".");
}

struct TypedArray {
  napi_typedarray_type type;
  size_t length;
  const void* data;
};

TypedArray typedArray(napi_env env, napi_value value, const std::string& name, const char* wanted) {
  bool is = false;
  check(env, napi_is_typedarray(env, value, &is));
  if (!is) unexpected(name, wanted);
  TypedArray array{};
  void* data = nullptr;
  check(env, napi_get_typedarray_info(env, value, &array.type, &array.length, &data, nullptr, nullptr));
  array.data = data;
  if (data == nullptr) array.length = 0;  // a detached buffer
  return array;
}

}  // namespace

void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) throw Pending();
  const napi_extended_error_info* info = nullptr;
  const bool known = napi_get_last_error_info(env, &info) == napi_ok && info->error_message != nullptr;
  refuse(std::string("The native engine was called wrongly: ") + (known ? info->error_message : "unknown error"));
}

napi_value property(napi_env env, napi_value object, const char* name) {
  napi_value value = nullptr;
  check(env, napi_get_named_property(env, object, name, &value));
  return value;
}

bool isNone(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  check(env, napi_typeof(env, value, &type));
  return type == napi_undefined || type == napi_null;
}

double number(napi_env env, napi_value value, const char* name) {
  double result = 0;
  if (napi_get_value_double(env, value, &result) != napi_ok) unexpected(name, "a number");
  return result;
}

int64_t whole(napi_env env, napi_value value, const char* name, int64_t least, int64_t most) {
  const double result = number(env, value, name);
  if (result >= double(least) && result <= double(most) && result == std::floor(result)) return int64_t(result);
  unexpected(name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

bool boolean(napi_env env, napi_value value, const char* name) {
  bool result = false;
  if (napi_get_value_bool(env, value, &result) != napi_ok) unexpected(name, "true or false");
  return result;
}

std::vector<int32_t> int32Array(napi_env env, napi_value value, const char* name) {
  const TypedArray array = typedArray(env, value, name, "an Int32Array");
  if (array.type != napi_int32_array) unexpected(name, "an Int32Array");
  const auto* data = static_cast<const int32_t*>(array.data);
  return {data, data + array.length};
}

std::vector<double> float64Array(napi_env env, napi_value value, const char* name) {
  const Doubles array = doublesInPlace(env, value, name);
  return {array.data, array.data + array.length};
}

Numbers numbers(napi_env env, napi_value value, const char* name, size_t most, size_t* length) {
  const Doubles array = doublesInPlace(env, value, name);
  if (length != nullptr) *length = array.length;
  return {array.data, array.length < most ? array.length : most};
}

Doubles doublesInPlace(napi_env env, napi_value value, const char* name) {
  const TypedArray array = typedArray(env, value, name, "a Float64Array");
  if (array.type != napi_float64_array) unexpected(name, "a Float64Array");
  return {static_cast<double*>(const_cast<void*>(array.data)), array.length};
}

uint32_t arrayLength(napi_env env, napi_value value, const char* name) {
  bool is = false;
  check(env, napi_is_array(env, value, &is));
  if (!is) unexpected(name, "an array");
  uint32_t length = 0;
  check(env, napi_get_array_length(env, value, &length));
  return length;
}

napi_value element(napi_env env, napi_value array, uint32_t index) {
  napi_value value = nullptr;
  check(env, napi_get_element(env, array, index, &value));
  return value;
}

Buffer scalars(napi_env env, napi_value value, const std::string& name, int64_t count, int32_t scalarBytes) {
  constexpr const char* wanted = "a Float32Array or a Float64Array";
  const TypedArray array = typedArray(env, value, name, wanted);
  if (array.type != napi_float32_array && array.type != napi_float64_array) unexpected(name, wanted);
  if (array.length != size_t(count)) {
    throw Misuse("shape-mismatch", name + ": expected " + std::to_string(count) + " numbers; got " +
                                       std::to_string(array.length) + ".");
  }
  return array.type == napi_float32_array
             ? converted(static_cast<const float*>(array.data), array.length, scalarBytes)
             : converted(static_cast<const double*>(array.data), array.length, scalarBytes);
}

napi_value object(napi_env env) {
  napi_value result = nullptr;
  check(env, napi_create_object(env, &result));
  return result;
}

void set(napi_env env, napi_value object, const char* name, napi_value value) {
  check(env, napi_set_named_property(env, object, name, value));
}

napi_value makeNumber(napi_env env, double value) {
  napi_value result = nullptr;
  check(env, napi_create_double(env, value, &result));
  return result;
}

napi_value makeString(napi_env env, const std::string& text) {
  napi_value result = nullptr;
  check(env, napi_create_string_utf8(env, text.data(), text.size(), &result));
  return result;
}

napi_value makeBoolean(napi_env env, bool value) {
  napi_value result = nullptr;
  check(env, napi_get_boolean(env, value, &result));
  return result;
}

napi_value makeNull(napi_env env) {
  napi_value result = nullptr;
  check(env, napi_get_null(env, &result));
  return result;
}

namespace {

napi_value copied(napi_env env, napi_typedarray_type type, const void* from, size_t bytes, size_t length) {
  void* data = nullptr;
  napi_value buffer = nullptr, result = nullptr;
  check(env, napi_create_arraybuffer(env, bytes, &data, &buffer));
  if (bytes > 0) std::memcpy(data, from, bytes);
  check(env, napi_create_typedarray(env, type, length, buffer, 0, &result));
  return result;
}

}  // namespace

napi_value makeInt32Array(napi_env env, const std::vector<int32_t>& numbers) {
  return copied(env, napi_int32_array, numbers.data(), numbers.size() * sizeof(int32_t), numbers.size());
}

napi_value makeFloat64Array(napi_env env, Buffer numbers) {
  // Handing memory over costs more than copying a little of it.
  constexpr size_t little = size_t(1) << 19;
  const size_t bytes = numbers.bytes(), length = bytes / sizeof(double);
  if (bytes > little) {
    napi_value buffer = nullptr, result = nullptr;
    const auto give = [](napi_env, void* data, void* bytes) {
      memory::give(data, size_t(reinterpret_cast<uintptr_t>(bytes)));
    };
    const napi_status status = napi_create_external_arraybuffer(
        env, numbers.data(), bytes, give, reinterpret_cast<void*>(uintptr_t(bytes)), &buffer);
    if (status == napi_ok) {
      numbers.release();
      check(env, napi_create_typedarray(env, napi_float64_array, length, buffer, 0, &result));
      return result;
    }
    // Some hosts keep all memory of JavaScript in one region and allow none from outside.
    if (status != napi_no_external_buffers_allowed) check(env, status);
  }
  return copied(env, napi_float64_array, numbers.data(), bytes, length);
}

void* unwrapped(napi_env env, napi_value value, const napi_type_tag& tag, const char* name) {
  napi_valuetype type = napi_undefined;
  check(env, napi_typeof(env, value, &type));
  bool is = false;
  if (type == napi_object) check(env, napi_check_object_type_tag(env, value, &tag, &is));
  if (!is) unexpected(name, "what the native engine made");
  void* data = nullptr;
  check(env, napi_unwrap(env, value, &data));
  return data;
}

}  // namespace liouville::host::napi
