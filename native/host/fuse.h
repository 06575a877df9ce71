// Elementwise instructions that follow each other become chains.
#pragma once

#include "draft.h"

namespace liouville::host {

// Rewrites the lowered body: every run of elementwise instructions whose results have the same number of features n
// becomes one chain (native/engine/chain.h), and so does an elementwise instruction by itself. Sums over k that such a
// run goes through belong to it, with the product that is summed, if nothing else reads that.
//
// Within a chain all instructions are applied to a few features before the next ones come. That computes the same
// numbers only if no instruction meets the planes of another one at other features: a value is then either the same
// place as that other one, or apart from it. A result that only the next instruction reads is never stored.
void fuse(Draft& draft);

}  // namespace liouville::host
