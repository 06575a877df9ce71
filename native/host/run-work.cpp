#include "run-work.h"

#include <algorithm>

namespace liouville::host {

RunWork::RunWork(WorkOptions options, std::unique_ptr<Binding> binding, int64_t rows, Columns inputs,
                 std::optional<GroupSlice> slice)
    : Work(std::move(options)),
      binding_(std::move(binding)),
      rows_(rows),
      slice_(slice.value_or(GroupSlice::all(rows))),
      inputs_(std::move(inputs)) {
  if (hasSums()) {
    taskCount_ = slice_.count();
    sums_.emplace(*binding_, slice_);
  } else {
    // A few tiles a task: enough tasks to keep all threads busy to the end.
    const int64_t tile = int64_t(binding_->layout().vectors) * binding_->backend().lanes;
    const int64_t tiles = (rows_ + tile - 1) / tile;
    const int64_t tilesOfTask = std::clamp<int64_t>(tiles / (4 * threads()), 1, 16);
    rowsOfTask_ = tilesOfTask * tile;
    taskCount_ = (rows_ + rowsOfTask_ - 1) / rowsOfTask_;
  }
}

RowRange RunWork::rowsOf(int64_t task) const {
  if (hasSums()) return slice_.group(task);
  return {task * rowsOfTask_, std::min(rows_, (task + 1) * rowsOfTask_)};
}

bool RunWork::hasGradient() const { return hasSums() || !binding_->program().ports().gradients().empty(); }

int64_t RunWork::tasks(int32_t phase) {
  switch (phase) {
    case 0:
      binding_->begin();
      makeOutputs();
      // A phase has a task, even where there is nothing to pack.
      return std::max<int64_t>(1, packing().size());
    case 1: return taskCount_;
    default: return hasSums() ? sums_->tasks(phase - 2) : phase == 2 && hasGradient() ? 1 : 0;
  }
}

void RunWork::run(int32_t phase, int64_t task, Scratch& scratch) {
  if (phase == 0) {
    if (!packing().empty()) binding_->pack(task);
  } else if (phase == 1) {
    const RowRange rows = rowsOf(task);
    void* sums = hasSums() ? sums_->begin(task) : nullptr;
    runRange(*binding_, inputs_.pointers.data(), kernelOutputs_.pointers.data(), rows, sums, cancellation().flag(),
             scratch);
    if (hasSums()) sums_->end(task);
    for (int32_t port = 0; port < int32_t(outputs_.size()); port++) finishOutput(port, rows);
  } else if (hasSums()) {
    sums_->run(phase - 2, task);
  } else {
    gradient_ = binding_->gradient(nullptr);
  }
}

void RunWork::makeOutputs() {
  Program& program = binding_->program();
  for (int32_t port = 0; port < program.plan().outputCount; port++) {
    const int32_t width = program.outputWidth(port);
    outputs_.emplace_back(bytesOf(rows_, width, sizeof(double)));
    if (program.ports().output(port).space != Space::row) {
      kernelOutputs_.addNone();
    } else if (scalarBytes() == sizeof(double)) {
      kernelOutputs_.addNone();
      kernelOutputs_.pointers.back() = outputs_.back().data();
    } else {
      kernelOutputs_.add(Buffer(bytesOf(rows_, width, size_t(scalarBytes()))));
    }
  }
}

// What the rows share is written here, unrounded; what the kernels wrote in float is widened.
void RunWork::finishOutput(int32_t port, RowRange rows) {
  const Program& program = binding_->program();
  const int64_t width = program.outputWidth(port);
  const Value& value = program.ports().output(port);
  double* to = outputs_[size_t(port)].as<double>();
  if (value.space != Space::row) {
    for (int64_t row = rows.first; row < rows.last; row++) {
      std::copy_n(binding_->numbers(value), width, to + row * width);
    }
  } else if (scalarBytes() != sizeof(double)) {
    const void* from = kernelOutputs_.pointers[size_t(port)];
    widen(to, from, scalarBytes(), size_t(rows.first * width), size_t(rows.last * width));
  }
}

void runRange(const Binding& binding, const void* const* inputs, void* const* outputs, RowRange rows, void* sums,
              const int32_t* cancelled, Scratch& scratch) {
  const Backend& backend = binding.backend();
  RunTask task{};
  task.program = binding.prepared();
  task.inputs = inputs;
  task.outputs = outputs;
  task.first = rows.first;
  task.last = rows.last;
  task.workspace = scratch.workspace.atLeast(backend.runWorkspace(task.program.plan, task.program.layout));
  task.sums = sums;
  task.cancelled = cancelled;
  backend.run(&task);
}

}  // namespace liouville::host
