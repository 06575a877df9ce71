// The gradient of a call from what its groups of rows leave behind.
#pragma once

#include <vector>

#include "groups.h"
#include "program.h"

namespace liouville::host {

// The sums over the rows of each group, as the kernels make them, are added up pairwise in double (groups.h).
// Those of a few groups are kept, and in the end all threads add up a part of the numbers each; of many groups,
// neighbours are added up as soon as they are there, so that few are held at a time. The order is the same.
class GradientSum {
 public:
  // `extra`: numbers that come with each group's sums.
  GradientSum(Binding& binding, GroupSlice slice, int32_t extra = 0);

  // Memory for the sums of the i-th group of the slice, zeroed, until `end`. Groups may come from any thread.
  void* begin(int64_t group);
  void end(int64_t group, const double* extra = nullptr);

  // After all groups, as two phases of a job. A slice that is not the whole has none.
  int64_t tasks(int32_t phase);
  void run(int32_t phase, int64_t task);

  // After that, the gradient of all trained parameters, and the sum of an extra number.
  Buffer& gradient() { return gradient_; }
  double extra(int32_t i) const { return extra_[size_t(i)]; }

  // For a slice that is not the whole, the sums that wait for those of others, extra numbers behind them.
  const PairwiseSum& waiting() const { return pairwise_; }

 private:
  Binding& binding_;
  GroupSlice slice_;
  size_t extraCount_;
  int64_t together_;             // groups that are kept before they are added up
  std::vector<Buffer> kept_;     // by group
  std::vector<double> extras_;   // likewise, extraCount_ each
  Mutex mutex_;
  std::vector<int64_t> missing_;  // by block of `together_` groups, how many have not ended
  PairwiseSum pairwise_;          // of blocks
  Buffer totals_, gradient_;
  std::vector<double*> to_;       // by sum
  std::vector<double> extra_;

  const Plan& plan() const { return binding_.program().plan(); }
  int64_t numbers() const { return binding_.program().ports().size(Space::total); }
  bool keepsAll() const { return slice_.isWhole() && slice_.count() <= together_; }
  bool isDirect() const { return keepsAll() && binding_.program().sumTargets().has_value(); }
  void makeGradient();
  void addUp(int64_t firstGroup, int64_t lastGroup, int64_t first, int64_t last, double* const* to) const;
  double extraOf(int64_t firstGroup, int64_t lastGroup, size_t i) const;
  void addBlock(int64_t block);
  std::vector<double*> placesIn(double* totals) const;
};

}  // namespace liouville::host
