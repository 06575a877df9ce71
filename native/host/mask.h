// Matrices that are masked by a constant.
#pragma once

#include "draft.h"

namespace liouville::host {

// Finds weights W * M with a constant M of zeros and ones in the lowered program, as masked autoregressive networks have
// them. Products then take W itself and skip what M leaves out; so do the sums over rows of outer products whose total
// is multiplied with such an M and read by nobody else. The multiplications before and after the rows fall away with it:
// packing and adding up do them. Zeros that M leaves out add nothing, whatever they are multiplied with.
//
// What a program may say is not widened by this: masks come from programs that have been checked.
void mask(Draft& draft);

}  // namespace liouville::host
