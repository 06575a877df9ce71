#include "solve-pullback-work.h"

#include <algorithm>

#include "misuse.h"
#include "run-work.h"

namespace liouville::host {

namespace {

bool sameShape(const Value& a, const Value& b) { return a.k == b.k && a.n == b.n; }

void checkTransposed(const Program& field, const Program& transposed) {
  const auto expect = [](bool holds) {
    if (!holds) refuse("solvePullback: expected the transposed program of the tape's field.");
  };
  const int32_t count = field.plan().inputCount;
  expect(transposed.plan().inputCount == count + 1 && transposed.plan().outputCount == count);
  for (int32_t port = 0; port < count; port++) {
    const Value& input = field.ports().input(port);
    expect(sameShape(transposed.ports().input(port), input) && sameShape(transposed.ports().output(port), input));
  }
  expect(sameShape(transposed.ports().input(count), field.ports().output(0)));
}

Buffer filled(int64_t count, double value, int32_t scalarBytes) {
  const std::vector<double> numbers(size_t(count), value);
  return converted(numbers.data(), numbers.size(), scalarBytes);
}

}  // namespace

SolvePullbackWork::SolvePullbackWork(WorkOptions options, std::shared_ptr<const Solution> tape,
                                     std::shared_ptr<Program> transposed, Buffer cotangents, bool times,
                                     std::optional<GroupSlice> slice)
    : Work(std::move(options)),
      tape_(std::move(tape)),
      binding_((checkTransposed(tape_->field->program(), *transposed), std::move(transposed)),
               tape_->field->backend(), tape_->field->parameters()),
      cotangents_(std::move(cotangents)),
      times_(times),
      slice_(slice.value_or(GroupSlice::all(tape_->rows))),
      sums_(binding_, slice_, 2) {}

int64_t SolvePullbackWork::tasks(int32_t phase) {
  switch (phase) {
    case 0:
      prepare();
      return std::max<int64_t>(1, binding_.program().packing().size());
    case 1: return slice_.count();
    default: return sums_.tasks(phase - 2);
  }
}

void SolvePullbackWork::run(int32_t phase, int64_t task, Scratch& scratch) {
  if (phase > 1) return sums_.run(phase - 2, task);
  if (phase == 1) return pullback(task, scratch);
  if (!binding_.program().packing().empty()) binding_.pack(task);
}

void SolvePullbackWork::prepare() {
  const int32_t bytes = tape_->scalarBytes();
  const int64_t rows = tape_->rows;
  binding_.begin();
  for (int32_t port = 0; port < binding_.program().plan().outputCount; port++) {
    const int32_t width = binding_.program().outputWidth(port);
    if (port == tape_->problem.t) {
      outputs_.emplace_back();
      kernelOutputs_.addNone();
    } else if (bytes == sizeof(double)) {
      outputs_.push_back(Buffer::zeroed(bytesOf(rows, width, sizeof(double))));
      kernelOutputs_.addNone();
      kernelOutputs_.pointers.back() = outputs_.back().data();
    } else {
      outputs_.emplace_back(bytesOf(rows, width, sizeof(double)));
      kernelOutputs_.add(Buffer::zeroed(bytesOf(rows, width, size_t(bytes))));
    }
  }
  if (!times_) return;
  startTimes_ = filled(rows, tape_->problem.t0, bytes);
  endTimes_ = filled(rows, tape_->problem.t1, bytes);
  slopes_ = Buffer(bytesOf(rows, tape_->width, size_t(bytes)));
}

void SolvePullbackWork::pullback(int64_t group, Scratch& scratch) {
  const Problem& problem = tape_->problem;
  const Backend& backend = binding_.backend();
  const RowRange range = slice_.group(group);
  const std::vector<int64_t> rows = rowsWithSteps(range);
  std::vector<const void*> inputs(tape_->inputs.pointers.begin(), tape_->inputs.pointers.end());
  inputs[size_t(problem.y)] = nullptr;
  inputs.push_back(nullptr);

  PullbackTask task{};
  task.program = binding_.prepared();
  task.t = problem.t;
  task.y = problem.y;
  task.cotangent = int32_t(inputs.size()) - 1;
  task.cotangentT = problem.t;
  task.cotangentY = problem.y;
  task.tableau = problem.tableau.view();
  task.t1 = problem.t1;
  task.inputs = inputs.data();
  task.end = cotangents_.data();
  task.outputs = kernelOutputs_.pointers.data();
  task.rows = rows.data();
  task.rowCount = int64_t(rows.size());
  task.last = tape_->last.data();
  task.workspace = scratch.workspace.atLeast(
      backend.pullbackWorkspace(task.program.plan, task.program.layout, &task.tableau, tape_->width));
  task.sums = sums_.begin(group);
  task.cancelled = cancellation().flag();
  backend.pullback(&task);
  passThrough(range);

  double times[2] = {};
  if (times_) {
    const void* y0 = tape_->inputs.pointers[size_t(problem.y)];
    const void* start = kernelOutputs_.pointers[size_t(problem.y)];
    times[0] -= timeCotangent(startTimes_, y0, start, range, scratch);
    times[1] += timeCotangent(endTimes_, tape_->end.data(), cotangents_.data(), range, scratch);
  }
  sums_.end(group, times);
  if (tape_->scalarBytes() == sizeof(double)) return;
  for (int32_t port = 0; port < int32_t(outputs_.size()); port++) {
    if (port == problem.t) continue;
    const int64_t width = binding_.program().outputWidth(port);
    widen(outputs_[size_t(port)].as<double>(), kernelOutputs_.pointers[size_t(port)], tape_->scalarBytes(),
          size_t(range.first * width), size_t(range.last * width));
  }
}

// Those that have steps to take back, most steps first, so that the lanes empty together. Rows that failed
// count for nothing.
std::vector<int64_t> SolvePullbackWork::rowsWithSteps(RowRange range) const {
  std::vector<int64_t> rows;
  for (int64_t row = range.first; row < range.last; row++) {
    if (tape_->status[size_t(row)] == Status::ok && tape_->last[size_t(row)] != nullptr) rows.push_back(row);
  }
  std::ranges::stable_sort(rows, std::ranges::greater{},
                           [&](int64_t row) { return tape_->accepted[size_t(row)]; });
  return rows;
}

// Where t0 = t1 there are no steps, and the end is the start.
void SolvePullbackWork::passThrough(RowRange range) {
  const size_t rowBytes = bytesOf(tape_->width, 1, size_t(tape_->scalarBytes()));
  char* to = static_cast<char*>(kernelOutputs_.pointers[size_t(tape_->problem.y)]);
  for (int64_t row = range.first; row < range.last; row++) {
    if (tape_->status[size_t(row)] != Status::ok || tape_->last[size_t(row)] != nullptr) continue;
    std::memcpy(to + size_t(row) * rowBytes, cotangents_.as<char>() + size_t(row) * rowBytes, rowBytes);
  }
}

// The sum over the rows of f(t, y) . cotangent.
double SolvePullbackWork::timeCotangent(const Buffer& times, const void* states, const void* cotangents,
                                        RowRange range, Scratch& scratch) {
  const int32_t bytes = tape_->scalarBytes();
  std::vector<const void*> inputs(tape_->inputs.pointers.begin(), tape_->inputs.pointers.end());
  inputs[size_t(tape_->problem.t)] = times.data();
  inputs[size_t(tape_->problem.y)] = states;
  void* output = slopes_.data();
  runRange(*tape_->field, inputs.data(), &output, range, nullptr, cancellation().flag(), scratch);
  double sum = 0;
  for (int64_t row = range.first; row < range.last; row++) {
    if (tape_->status[size_t(row)] != Status::ok) continue;
    for (int64_t i = row * tape_->width; i < (row + 1) * tape_->width; i++) {
      sum += scalarAt(slopes_.data(), bytes, size_t(i)) * scalarAt(cotangents, bytes, size_t(i));
    }
  }
  return sum;
}

}  // namespace liouville::host
