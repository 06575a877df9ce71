// A solve and what it leaves behind: one initial value problem for each row.
#pragma once

#include <memory>
#include <vector>

#include "program.h"
#include "rows.h"

namespace liouville::host {

// An explicit Runge-Kutta method and its coefficients.
struct TableauData {
  int32_t stages = 0;
  bool fsal = false;
  int32_t errorOrder = 0;
  // bError is empty for a method without error estimate, bCorrection for one whose estimate is not corrected.
  std::vector<double> c, a, b, bError, bCorrection;

  Tableau view() const {
    return {stages,   fsal,     errorOrder,
            c.data(), a.data(), b.data(),
            bError.empty() ? nullptr : bError.data(),
            bCorrection.empty() ? nullptr : bCorrection.data()};
  }
};

// Step records of one task. Blocks grow, so that small solves stay small.
class RecordArena : public Arena {
 public:
  RecordArena() : Arena{&takeRecord} {}
  size_t bytes() const { return bytes_; }

 private:
  std::vector<Buffer> blocks_;
  size_t used_ = 0, bytes_ = 0;

  static void* takeRecord(Arena* self, size_t bytes);
};

class Solution;

// What is asked of a solve.
struct Problem {
  int32_t t = 0, y = 0;  // input ports
  TableauData tableau;
  Control control{};
  double t0 = 0, t1 = 0, rtol = 0, atol = 0;
  double stepSize = 0;  // 0: adaptive
  int32_t maxSteps = 0;
  bool tape = false;
  std::shared_ptr<const Solution> replay;  // take the steps of this one
};

// Everything about a solve. Kept as a tape, it is what the gradient needs, and does not change any more.
class Solution {
 public:
  // `inputs`: for each input of the field rows in the scalar of the backend, none for t. Throws Misuse where
  // the program is no field or the problem none that can be solved.
  Solution(std::unique_ptr<Binding> field, int64_t rows, Columns inputs, Problem problem);

  const std::unique_ptr<Binding> field;
  const int64_t rows;
  const Columns inputs;
  const Problem problem;
  const int32_t width;  // numbers of a state

  // Results, a number or an array for each row.
  Buffer end;  // states in the scalar of the backend
  std::vector<Status> status;
  std::vector<int32_t> nfe, accepted, rejected;
  std::vector<double> failures;  // t, h, |y|, component
  std::vector<StepRecord*> last;  // empty without a tape
  std::vector<RecordArena> arenas;

  int32_t scalarBytes() const { return field->backend().scalarBytes; }
  // Memory that a tape holds.
  size_t bytes() const;
};

}  // namespace liouville::host
