// A plan in words, for tests and for those who look for the reason of a time.
#pragma once

#include <string>

#include "plan.h"

namespace liouville::host {

// One line for each instruction: what it computes, from what, and where these lie.
std::string printed(const Plan& plan);

}  // namespace liouville::host
