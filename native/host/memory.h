// Memory that is kept from call to call. The system gives fresh pages one fault at a time: for a call of a few
// milliseconds that takes longer than what is done with them.
#pragma once

#include <cstddef>

namespace liouville::host::memory {

// At least `bytes` bytes, aligned to 64, not initialised. Throws std::bad_alloc.
void* take(size_t bytes);

// Gives back what `take` gave for so many bytes. From any thread.
void give(void* block, size_t bytes);

// Hands what is kept back to the system.
void clear();

}  // namespace liouville::host::memory
