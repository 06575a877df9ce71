// Programs as the kernels run them, made from bytecode that is not trusted.
#pragma once

#include "draft.h"

namespace liouville::host {

// A Plan and the memory that it points into.
class ProgramPlan {
 public:
  // Throws Misuse for anything that is not a program (check.h).
  explicit ProgramPlan(const Bytecode& code);
  ProgramPlan(const ProgramPlan&) = delete;
  ProgramPlan& operator=(const ProgramPlan&) = delete;

  const Plan& plan() const { return plan_; }
  // What a row costs, about, in numbers that are read, computed or multiplied. Programs that compute before or after
  // the rows cost more than anyone knows.
  double cost() const { return cost_; }
  const std::vector<GradientPart>& gradients() const { return draft_.gradients; }

  const Value& input(int32_t port) const { return draft_.value(draft_.inputs[size_t(port)].value); }
  const Value& output(int32_t port) const { return draft_.value(draft_.outputs[size_t(port)].value); }
  int32_t size(Space space) const { return plan_.sizes[int32_t(space)]; }

 private:
  Draft draft_;
  double cost_ = 0;
  std::vector<Instruction> prologue_, body_, epilogue_;
  std::vector<ChainOp> chainOps_;
  std::vector<ChainGroup> chainGroups_;
  std::vector<Chain> chains_;
  std::vector<Mask> masks_;
  Plan plan_;

  void layOutChains();
};

}  // namespace liouville::host
