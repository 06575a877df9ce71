#include "solve-work.h"

#include <algorithm>

#include "groups.h"

namespace liouville::host {

namespace {

// Numbers that one task converts.
constexpr int64_t conversion = 1 << 18;

// Rows taken at a time: a tile, so that their first evaluation is dense; less where the threads would not
// all have something to do.
int64_t chunkOf(int64_t rows, int32_t threads, const Binding& binding) {
  const int64_t lanes = binding.backend().lanes;
  const int64_t share = (rows + threads - 1) / threads;
  return std::min(binding.layout().vectors * lanes, (share + lanes - 1) / lanes * lanes);
}

}  // namespace

SolveWork::SolveWork(WorkOptions options, std::shared_ptr<Solution> solution)
    : Work(std::move(options)),
      solution_(std::move(solution)),
      chunk_(chunkOf(solution_->rows, threads(), *solution_->field)) {
  taskCount_ = std::min<int64_t>(threads(), (solution_->rows + chunk_ - 1) / chunk_);
}

int64_t SolveWork::tasks(int32_t phase) {
  switch (phase) {
    case 0: return 1;
    case 1: return taskCount_;
    case 2:
      if (outOfMemory_ != 0) throw std::bad_alloc();
      y_ = Buffer(bytesOf(solution_->rows, solution_->width, sizeof(double)));
      return (solution_->rows * solution_->width + conversion - 1) / conversion;
    default: return 0;
  }
}

void SolveWork::run(int32_t phase, int64_t task, Scratch& scratch) {
  if (phase == 0) return prepare();
  if (phase == 1) return solve(task, scratch);
  const int64_t numbers = solution_->rows * solution_->width;
  widen(y_.as<double>(), solution_->end.data(), solution_->scalarBytes(), size_t(task * conversion),
        size_t(std::min(numbers, (task + 1) * conversion)));
}

void SolveWork::prepare() {
  Solution& solution = *solution_;
  const size_t rows = size_t(solution.rows);
  solution.field->prepare();
  solution.end = Buffer(bytesOf(solution.rows, solution.width, size_t(solution.scalarBytes())));
  solution.status.resize(rows);
  solution.nfe.resize(rows);
  solution.accepted.resize(rows);
  solution.rejected.resize(rows);
  solution.failures.resize(4 * rows);
  if (solution.problem.tape) solution.last.resize(rows);
  solution.arenas = std::vector<RecordArena>(size_t(taskCount_));
}

void SolveWork::solve(int64_t index, Scratch& scratch) {
  Solution& solution = *solution_;
  const Problem& problem = solution.problem;
  const Backend& backend = solution.field->backend();
  SolveTask task{};
  task.program = solution.field->prepared();
  task.t = problem.t;
  task.y = problem.y;
  task.tableau = problem.tableau.view();
  task.control = problem.control;
  task.t0 = problem.t0;
  task.t1 = problem.t1;
  task.rtol = problem.rtol;
  task.atol = problem.atol;
  task.stepSize = problem.stepSize;
  task.maxSteps = problem.maxSteps;
  task.inputs = solution.inputs.pointers.data();
  task.end = solution.end.data();
  task.status = solution.status.data();
  task.nfe = solution.nfe.data();
  task.accepted = solution.accepted.data();
  task.rejected = solution.rejected.data();
  task.failures = solution.failures.data();
  task.rows = solution.rows;
  task.chunk = chunk_;
  task.next = &next_;
  task.last = problem.tape ? solution.last.data() : nullptr;
  task.arena = &solution.arenas[size_t(index)];
  task.replay = problem.replay != nullptr ? problem.replay->last.data() : nullptr;
  task.workspace = scratch.workspace.atLeast(
      backend.solveWorkspace(task.program.plan, task.program.layout, &task.tableau, solution.width, chunk_));
  task.cancelled = cancellation().flag();
  task.outOfMemory = &outOfMemory_;
  backend.solve(&task);
}

}  // namespace liouville::host
