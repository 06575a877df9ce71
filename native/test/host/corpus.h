// Valid programs from a file that test/native/corpus.ts wrote.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "../../host/draft.h"

namespace liouville::test {

// A program, and the place of its transposed program among the others, or -1.
struct Entry {
  host::Bytecode code;
  int32_t transposed;
};

class Corpus {
 public:
  explicit Corpus(const char* path) : file_(std::fopen(path, "rb")) {
    if (file_ == nullptr) fail("cannot be opened");
    const int32_t count = number<int32_t>();
    for (int32_t i = 0; i < count; i++) {
      Entry entry;
      entry.transposed = number<int32_t>();
      entry.code.constants = array<double>();
      for (auto* words : {&entry.code.values, &entry.code.prologue, &entry.code.body, &entry.code.epilogue,
                          &entry.code.sizes, &entry.code.inputs, &entry.code.outputs, &entry.code.gradients}) {
        *words = array<int32_t>();
      }
      entries.push_back(std::move(entry));
    }
    std::fclose(file_);
  }

  std::vector<Entry> entries;

 private:
  std::FILE* file_;

  [[noreturn]] static void fail(const char* what) {
    std::fprintf(stderr, "The corpus %s.\n", what);
    std::exit(2);
  }

  template <class T> T number() {
    T value;
    if (std::fread(&value, sizeof value, 1, file_) != 1) fail("ends too early");
    return value;
  }

  template <class T> std::vector<T> array() {
    std::vector<T> values(size_t(number<int32_t>()));
    for (T& value : values) value = number<T>();
    return values;
  }
};

}  // namespace liouville::test
