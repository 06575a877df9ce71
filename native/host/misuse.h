// What the caller is told: an error with one of the stable codes of src/errors.ts.
#pragma once

#include <stdexcept>
#include <string>

namespace liouville::host {

class Misuse : public std::runtime_error {
 public:
  Misuse(const char* code, const std::string& message) : std::runtime_error(message), code_(code) {}
  const char* code() const { return code_; }

 private:
  const char* code_;
};

[[noreturn]] inline void refuse(const std::string& message) { throw Misuse("invalid-argument", message); }

}  // namespace liouville::host
