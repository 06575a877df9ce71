// The discrete gradient of a solve.
#pragma once

#include <memory>
#include <optional>

#include "gradient-sum.h"
#include "solution.h"
#include "work.h"

namespace liouville::host {

// Phases: pack; the groups of rows, each taken back over its steps; the gradient.
class SolvePullbackWork : public Work {
 public:
  // `transposed`: the vjp of the field, with its inputs in the same order and the cotangent of dy behind them,
  // and as outputs the cotangents of the field's inputs. `cotangents` of the end states are in the scalar of
  // the backend. `times`: whether the cotangents of t0 and t1 are wanted. `slice`: the groups that the rows
  // of the tape are, where they are not all of the call. Throws Misuse where the transposed program does not
  // belong to the tape.
  SolvePullbackWork(WorkOptions options, std::shared_ptr<const Solution> tape,
                    std::shared_ptr<Program> transposed, Buffer cotangents, bool times,
                    std::optional<GroupSlice> slice = {});

  int64_t tasks(int32_t phase) override;
  void run(int32_t phase, int64_t task, Scratch& scratch) override;

  // Results: cotangents of the inputs in double, none for t; the gradient of all trained parameters and the
  // cotangents of the times: for a slice that is not the whole, the sums of its groups instead, with the
  // cotangents of the times behind them.
  std::vector<Buffer>& outputs() { return outputs_; }
  Buffer& gradient() { return sums_.gradient(); }
  double t0() const { return sums_.extra(0); }
  double t1() const { return sums_.extra(1); }
  const PairwiseSum& sums() const { return sums_.waiting(); }

 private:
  std::shared_ptr<const Solution> tape_;
  Binding binding_;
  Buffer cotangents_;
  bool times_;
  GroupSlice slice_;
  std::vector<Buffer> outputs_;  // in double
  Columns kernelOutputs_;
  Buffer startTimes_, endTimes_, slopes_;  // for the cotangents of the times
  GradientSum sums_;

  void prepare();
  void pullback(int64_t group, Scratch& scratch);
  void passThrough(RowRange rows);
  std::vector<int64_t> rowsWithSteps(RowRange rows) const;
  double timeCotangent(const Buffer& times, const void* states, const void* cotangents, RowRange rows,
                       Scratch& scratch);
};

}  // namespace liouville::host
