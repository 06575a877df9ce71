#include "solution.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "misuse.h"

namespace liouville::host {

namespace {

constexpr int32_t mostStages = 64;

void demand(bool holds, const char* what) {
  if (!holds) refuse(std::string("solve: expected ") + what + ".");
}

bool isPositive(double x) { return x > 0 && std::isfinite(x); }

void checkField(const Program& program, const Problem& problem) {
  const Plan& plan = program.plan();
  const auto isPort = [&](int32_t port) { return port >= 0 && port < plan.inputCount; };
  demand(isPort(problem.t) && isPort(problem.y) && problem.t != problem.y, "two input ports t and y");
  const Value &t = program.ports().input(problem.t), &y = program.ports().input(problem.y);
  demand(t.k == 1 && t.n == 1 && y.k == 1 && y.n >= 1, "t of one number and y of one row");
  demand(plan.outputCount == 1, "a field with one output");
  const Value& dy = program.ports().output(0);
  demand(dy.k == 1 && dy.n == y.n, "an output as wide as y");
  demand(plan.sumCount == 0, "a field without sums over rows");
}

void checkTableau(const TableauData& tableau) {
  const size_t stages = size_t(tableau.stages);
  demand(tableau.stages >= 1 && tableau.stages <= mostStages, "1 to 64 stages");
  demand(tableau.c.size() == stages && tableau.b.size() == stages && tableau.a.size() == stages * stages,
         "coefficients for each stage");
  demand(tableau.bError.empty() || tableau.bError.size() == stages, "an error weight for each stage");
  demand(tableau.bCorrection.empty() || (tableau.bCorrection.size() == stages && !tableau.bError.empty()),
         "a correction of the error estimate with a weight for each stage");
  demand(!tableau.fsal || stages > 1, "more than one stage of a method that is first same as last");
  demand(tableau.bError.empty() || (tableau.errorOrder >= 1 && tableau.errorOrder <= mostStages),
         "the order of the error estimate");
}

void checkSteps(const Problem& problem, int64_t rows, int32_t width) {
  demand(std::isfinite(problem.t0) && std::isfinite(problem.t1) && std::isfinite(problem.t1 - problem.t0),
         "finite times t0 and t1");
  if (problem.replay != nullptr) {
    const Solution& tape = *problem.replay;
    demand(tape.rows == rows && tape.width == width, "replay of as many rows of the same width");
    demand(tape.problem.t0 == problem.t0 && tape.problem.t1 == problem.t1, "replay from t0 to t1");
    demand(!tape.last.empty(), "a tape to replay");
    demand(std::ranges::all_of(tape.status, [](Status s) { return s == Status::ok; }),
           "a tape to replay on which no row failed");
    return;
  }
  demand(problem.maxSteps >= 1, "a positive number maxSteps");
  if (problem.stepSize != 0) return demand(isPositive(problem.stepSize), "a positive stepSize");
  demand(!problem.tableau.bError.empty(), "a stepSize for a method without error estimate");
  demand(isPositive(problem.rtol) && isPositive(problem.atol), "positive tolerances");
  const Control& control = problem.control;
  demand(control.safety > 0 && control.safety < 1, "control.safety between 0 and 1");
  demand(control.minFactor > 0 && control.minFactor < 1, "control.minFactor between 0 and 1");
  demand(control.maxFactor > 1 && std::isfinite(control.maxFactor), "a finite control.maxFactor above 1");
  demand(control.beta[0] > 0 && std::isfinite(control.beta[0]), "a positive control.beta[0]");
  demand(std::isfinite(control.beta[1]) && std::isfinite(control.beta[2]), "finite numbers control.beta");
  demand(control.beta[0] + control.beta[1] + control.beta[2] > 0, "a control.beta with a positive sum");
  demand(isPositive(control.rejection), "a positive control.rejection");
}

}  // namespace

void* RecordArena::takeRecord(Arena* self, size_t bytes) {
  constexpr size_t least = size_t(1) << 16, most = size_t(1) << 22;
  RecordArena& arena = *static_cast<RecordArena*>(self);
  bytes = (bytes + 15) & ~size_t(15);
  try {
    if (arena.blocks_.empty() || arena.used_ + bytes > arena.blocks_.back().bytes()) {
      const size_t block = std::max(bytes, std::clamp(arena.bytes_, least, most));
      arena.blocks_.emplace_back(block);
      arena.bytes_ += block;
      arena.used_ = 0;
    }
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  void* record = arena.blocks_.back().as<char>() + arena.used_;
  arena.used_ += bytes;
  return record;
}

Solution::Solution(std::unique_ptr<Binding> binding, int64_t count, Columns columns, Problem asked)
    : field((checkField(binding->program(), asked), std::move(binding))),
      rows(count),
      inputs(std::move(columns)),
      problem(std::move(asked)),
      width(field->program().inputWidth(problem.y)) {
  checkTableau(problem.tableau);
  checkSteps(problem, rows, width);
}

size_t Solution::bytes() const {
  size_t sum = end.bytes() + field->layout().packedBytes + field->layout().sharedBytes;
  for (const Buffer& buffer : inputs.buffers) sum += buffer.bytes();
  for (const RecordArena& arena : arenas) sum += arena.bytes();
  return sum;
}

}  // namespace liouville::host
