// A tape as plain numbers, so that it can leave this memory and come back, into this instance or another.
#pragma once

#include "../host/solution.h"
#include "values.h"

namespace liouville::host::wasm {

// Writes end states, how many records there are of each row, and the records, each row's in their order.
void writeTape(Solution& solution, Writer& to);

// Reads these three, and the status and the accepted steps of each row before them, into a solution that has
// not been solved.
void readTape(Solution& solution, Reader& from);

}  // namespace liouville::host::wasm
