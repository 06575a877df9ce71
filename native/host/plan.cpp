#include "plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "check.h"
#include "fuse.h"
#include "lower.h"
#include "mask.h"
#include "shapes.h"

namespace liouville::host {

namespace {

// The instructions point into the steps, which must stay where they are.
std::vector<Instruction> instructionsOf(const std::vector<Step>& steps) {
  std::vector<Instruction> instructions;
  for (const Step& step : steps) {
    instructions.push_back({step.op, step.out, int32_t(step.inputs.size()), step.inputs.data(),
                            int32_t(step.attributes.size()), step.attributes.data(), step.index});
  }
  return instructions;
}

Section sectionOf(const std::vector<Instruction>& instructions) {
  return {int32_t(instructions.size()), instructions.data()};
}

double costOf(const Draft& draft) {
  if (!draft.prologue.empty() || !draft.epilogue.empty()) return std::numeric_limits<double>::infinity();
  double cost = 0;
  for (const Step& step : draft.body) {
    if (step.op == Op::product) {
      const Matrix& matrix = draft.matrices[size_t(step.index)];
      for (size_t i = 0; i < step.inputs.size(); i += 3) {
        cost += double(draft.value(step.inputs[i]).k) * matrix.outputs * matrix.inputs;
      }
    } else {
      double numbers = double(sizeOf(draft.value(step.out)));
      for (const int32_t input : step.inputs) numbers += double(sizeOf(draft.value(input)));
      // A product of matrices takes at most this power of their numbers.
      cost += isElementwise(step.op) ? numbers : std::pow(numbers, 1.5);
    }
  }
  return cost;
}

}  // namespace

ProgramPlan::ProgramPlan(const Bytecode& code) : draft_(checked(code)) {
  lower(draft_);
  mask(draft_);
  cost_ = costOf(draft_);
  fuse(draft_);
  prologue_ = instructionsOf(draft_.prologue);
  body_ = instructionsOf(draft_.body);
  epilogue_ = instructionsOf(draft_.epilogue);
  plan_.valueCount = int32_t(draft_.values.size());
  plan_.values = draft_.values.data();
  std::ranges::copy(draft_.sizes, plan_.sizes);
  plan_.constants = draft_.constants.data();
  plan_.prologue = sectionOf(prologue_);
  plan_.body = sectionOf(body_);
  plan_.epilogue = sectionOf(epilogue_);
  plan_.matrixCount = int32_t(draft_.matrices.size());
  plan_.matrices = draft_.matrices.data();
  for (const DraftMask& made : draft_.masks) {
    const Spans spans{made.rows.data(), made.columns.data(), made.rowSlabs.data(), made.columnSlabs.data()};
    masks_.push_back({made.constant, spans});
  }
  plan_.maskCount = int32_t(masks_.size());
  plan_.masks = masks_.data();
  plan_.sharedCount = int32_t(draft_.shared.size());
  plan_.shared = draft_.shared.data();
  layOutChains();
  plan_.chainCount = int32_t(chains_.size());
  plan_.chains = chains_.data();
  plan_.sumCount = int32_t(draft_.sums.size());
  plan_.sums = draft_.sums.data();
  plan_.inputCount = int32_t(draft_.inputs.size());
  plan_.inputs = draft_.inputs.data();
  plan_.outputCount = int32_t(draft_.outputs.size());
  plan_.outputs = draft_.outputs.data();
}

// Ops of the same k that follow each other are a group. Whoever is pointed at is complete before.
void ProgramPlan::layOutChains() {
  for (const DraftChain& chain : draft_.chains) {
    for (const auto& [k, op] : chain.ops) chainOps_.push_back(op);
  }
  const ChainOp* ops = chainOps_.data();
  for (const DraftChain& chain : draft_.chains) {
    const size_t before = chainGroups_.size();
    for (const auto& [k, op] : chain.ops) {
      if (chainGroups_.size() == before || chainGroups_.back().k != k) chainGroups_.push_back({k, 0, ops});
      chainGroups_.back().count++;
      ops++;
    }
    chains_.push_back({chain.n, int32_t(chainGroups_.size() - before), nullptr});
  }
  const ChainGroup* groups = chainGroups_.data();
  for (Chain& chain : chains_) {
    chain.groups = groups;
    groups += chain.groupCount;
  }
}

}  // namespace liouville::host
