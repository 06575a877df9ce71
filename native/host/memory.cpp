#include "memory.h"

#include <bit>
#include <cstdlib>
#include <new>
#include <vector>

#include "mutex.h"

namespace liouville::host::memory {

namespace {

// Smaller blocks the standard library keeps by itself; larger ones belong to calls that take long anyway.
constexpr size_t least = size_t(1) << 16, most = size_t(1) << 24;
// Of all blocks together.
constexpr size_t mostKept = size_t(1) << 26;

// WebAssembly has no page faults; AddressSanitizer is to see who uses a block that was given back.
#if defined(__wasm__) || defined(__SANITIZE_ADDRESS__)
constexpr bool keeps = false;
#else
constexpr bool keeps = true;
#endif

bool isKept(size_t bytes) { return keeps && bytes >= least && bytes <= most; }

// Four sizes for each doubling, so that a block serves calls of nearly the same size.
size_t sizeOf(size_t bytes) {
  const size_t step = std::bit_floor(bytes) / 4;
  return (bytes + step - 1) / step * step;
}

struct Block {
  void* data;
  size_t size;
};

struct Store {
  Mutex mutex;
  std::vector<Block> blocks;
  size_t bytes = 0;
};

// Never destroyed: threads may give memory back until the very end.
Store& store() {
  static Store& made = *new Store;
  return made;
}

void freeAll(const std::vector<Block>& blocks) {
  for (const Block& block : blocks) std::free(block.data);
}

void* fresh(size_t bytes) {
  void* data = nullptr;
  if (posix_memalign(&data, 64, bytes > 0 ? bytes : 1) != 0) throw std::bad_alloc();
  return data;
}

}  // namespace

void* take(size_t bytes) {
  if (!isKept(bytes)) return fresh(bytes);
  const size_t size = sizeOf(bytes);
  {
    Store& kept = store();
    const Lock lock(kept.mutex);
    for (size_t i = kept.blocks.size(); i-- > 0;) {
      if (kept.blocks[i].size != size) continue;
      void* data = kept.blocks[i].data;
      kept.blocks[i] = kept.blocks.back();
      kept.blocks.pop_back();
      kept.bytes -= size;
      return data;
    }
  }
  return fresh(size);
}

void give(void* block, size_t bytes) {
  if (block == nullptr) return;
  if (!isKept(bytes)) return std::free(block);
  const size_t size = sizeOf(bytes);
  std::vector<Block> old;
  {
    Store& kept = store();
    const Lock lock(kept.mutex);
    // Sizes that nobody asks for any more must not fill the store for ever.
    if (kept.bytes + size > mostKept) {
      old.swap(kept.blocks);
      kept.bytes = 0;
    }
    kept.blocks.push_back({block, size});
    kept.bytes += size;
  }
  freeAll(old);
}

void clear() {
  std::vector<Block> old;
  {
    Store& kept = store();
    const Lock lock(kept.mutex);
    old.swap(kept.blocks);
    kept.bytes = 0;
  }
  freeAll(old);
}

}  // namespace liouville::host::memory
