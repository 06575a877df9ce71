// A lock where there are threads. A WebAssembly instance has one, and its standard library no mutex.
#pragma once

#if defined(__wasm__)

namespace liouville::host {

struct Mutex {};

class Lock {
 public:
  explicit Lock(Mutex&) {}
};

}  // namespace liouville::host

#else

#include <mutex>

namespace liouville::host {

using Mutex = std::mutex;
using Lock = std::lock_guard<std::mutex>;

}  // namespace liouville::host

#endif
