// Bytecode is trusted in nothing: this is what stands between JavaScript and kernels that check nothing.
#pragma once

#include "draft.h"

namespace liouville::host {

// The limits of a program: planes of a row, and numbers in any other space.
inline constexpr int32_t mostPlanes = 1 << 24;
inline constexpr int32_t mostNumbers = 1 << 28;

// Checks a program from end to end and takes it apart. Throws Misuse, naming section and instruction, unless
//   - every value lies within its space, and every space within the limits;
//   - every instruction is well formed: op, operands, attributes, and the shape of its result;
//   - the prologue writes its own space and reads what is known before; the body writes rows, and sums only
//     where a sum belongs; the epilogue writes its own space and reads no rows;
//   - nothing is read that was not written, and inputs are not written at all, so that they may stay loaded;
//   - a result overlaps an operand only where an elementwise op overwrites an operand of its own shape.
Draft checked(const Bytecode& code);

}  // namespace liouville::host
