// A program over rows: what `run` and `pullback` of an engine do.
#pragma once

#include <optional>

#include "gradient-sum.h"
#include "program.h"
#include "rows.h"
#include "work.h"

namespace liouville::host {

// Phases: pack; the rows, in groups where the program has sums over rows; the gradient.
class RunWork : public Work {
 public:
  // `inputs`: for each input of the program rows in the scalar of the backend. `slice`: the groups that these
  // rows are, where they are not all of the call.
  RunWork(WorkOptions options, std::unique_ptr<Binding> binding, int64_t rows, Columns inputs,
          std::optional<GroupSlice> slice = {});

  // About how many numbers are computed or multiplied.
  double cost() const { return double(rows_) * binding_->program().ports().cost(); }

  int64_t tasks(int32_t phase) override;
  void run(int32_t phase, int64_t task, Scratch& scratch) override;

  // Results: for each output its rows in double, and the gradient of a program that has one: for a slice that
  // is not the whole, the sums of its groups instead.
  std::vector<Buffer>& outputs() { return outputs_; }
  bool hasGradient() const;
  Buffer& gradient() { return sums_ ? sums_->gradient() : gradient_; }
  const PairwiseSum* sums() const { return sums_ ? &sums_->waiting() : nullptr; }

 private:
  std::unique_ptr<Binding> binding_;
  int64_t rows_;
  GroupSlice slice_;
  Columns inputs_;
  std::vector<Buffer> outputs_;  // in double
  Columns kernelOutputs_;        // in the backend's scalar, where that is not double
  std::optional<GradientSum> sums_;
  Buffer gradient_;  // of a program without sums
  int64_t taskCount_ = 0, rowsOfTask_ = 0;

  const std::vector<Program::Part>& packing() const { return binding_->program().packing(); }
  bool hasSums() const { return binding_->program().plan().sumCount > 0; }
  int32_t scalarBytes() const { return binding_->backend().scalarBytes; }
  RowRange rowsOf(int64_t task) const;
  void makeOutputs();
  void finishOutput(int32_t port, RowRange rows);
};

// Runs a program over some rows on this thread.
void runRange(const Binding& binding, const void* const* inputs, void* const* outputs, RowRange rows, void* sums,
              const int32_t* cancelled, Scratch& scratch);

}  // namespace liouville::host
