// The choice of the tile: its limits for any program, and what kernel/tile.h recommends for known ones.
#pragma once

#include "../../kernel/tile.h"
#include "check.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

inline void testTileVectors() {
  for (size_t bytes = 0; bytes < size_t(64) << 20; bytes = bytes * 3 / 2 + 64) {
    for (int32_t columns = 0; columns < 130; columns++) {
      const int32_t vectors = tileVectors(bytes, columns);
      check(vectors >= 1 && vectors <= 12, "%zu bytes, %d columns: %d vectors", bytes, columns, vectors);
      check(vectors * columns >= 4 || columns == 0, "%zu bytes, %d columns: only %d vectors", bytes, columns,
            vectors);
      check(vectors * bytes <= 128 * 1024 || (vectors - 1) * columns < 4, "%zu bytes, %d columns: %d vectors",
            bytes, columns, vectors);
    }
  }
  if (maxColumns != 6) return;  // the known ones are those of AVX-512
  const struct {
    size_t bytesPerVector;
    int32_t columns, vectors;
  } known[] = {{24576, 3, 4}, {62208, 3, 2}, {15360, 2, 6}, {39936, 2, 3}, {220160, 2, 2}, {451584, 2, 2}};
  for (const auto& program : known) {
    const int32_t vectors = tileVectors(program.bytesPerVector, program.columns);
    check(vectors == program.vectors, "%zu bytes, %d columns: %d vectors, expected %d", program.bytesPerVector,
          program.columns, vectors, program.vectors);
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
