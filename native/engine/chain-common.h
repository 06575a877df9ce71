// What both ways of running a chain share: strip by strip (chain.h) and block by block (chain-blocks.h).
#pragma once

#include "../kernel/blocking.h"
#include "functions.h"
#include "planes.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Where a chain finds its operands: the planes of the rows, and the numbers that all rows share.
template <class S> struct ChainSpaces {
  S* planes;
  const S* numbers;
};

namespace chain {

template <class V> struct Same {
  LIOUVILLE_INLINE V operator()(V x) const { return x; }
};

template <int... i> struct Indices {};
template <int n, int... i> struct IndicesTo : IndicesTo<n - 1, n - 1, i...> {};
template <int... i> struct IndicesTo<0, i...> : Indices<i...> {};

template <Source source> struct From {
  static constexpr Source value = source;
};

}  // namespace chain

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
