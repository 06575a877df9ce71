// From the instructions of a checked program to those that the kernels run.
#pragma once

#include "draft.h"

namespace liouville::host {

// Rewrites the body:
//   - a matmul of a row value with a matrix that all rows share becomes a product with a packed matrix;
//     neighbours with the same matrix become one product, which loads each weight once for all of them;
//   - a product with a matrix of a single input becomes an elementwise op, `scale`;
//   - adding a bias [1, outputs] to such a product in place becomes what its sums start from;
//   - an operand that all rows share is spread over the lanes first where the op works on row values only;
//   - sums over rows get their numbers, and the shared values that are read as they are a list;
//   - values without numbers disappear: no kernel meets one.
// Prologue and epilogue stay as they are: they run once per call.
void lower(Draft& draft);

}  // namespace liouville::host
