// The backends that were compiled in, and which of them this processor can run.
#pragma once

#include <string>
#include <vector>

#include "../cloud/backend.h"
#include "../engine/backend.h"

namespace liouville::host {

// An instruction set that was compiled in. The narrowest comes first.
struct InstructionSet {
  std::string name;
  const Backend* float32;
  const Backend* float64;
  const CloudBackend* clouds;
  bool supported;  // by this processor and its operating system
};

const std::vector<InstructionSet>& instructionSets();

}  // namespace liouville::host
