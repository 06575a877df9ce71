// The solve of an ODE for every row.
#pragma once

#include <memory>

#include "solution.h"
#include "work.h"

namespace liouville::host {

// Phases: prepare; one task for each thread, which take rows from a common counter; the end states in double.
class SolveWork : public Work {
 public:
  SolveWork(WorkOptions options, std::shared_ptr<Solution> solution);

  int64_t tasks(int32_t phase) override;
  void run(int32_t phase, int64_t task, Scratch& scratch) override;

  const std::shared_ptr<Solution>& solution() const { return solution_; }
  // End states in double, NaN for rows that failed.
  Buffer& y() { return y_; }

 private:
  std::shared_ptr<Solution> solution_;
  int64_t chunk_, taskCount_;
  int64_t next_ = 0;
  int32_t outOfMemory_ = 0;
  Buffer y_;

  void prepare();
  void solve(int64_t task, Scratch& scratch);
};

}  // namespace liouville::host
