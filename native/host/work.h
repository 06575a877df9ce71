// A job as phases of tasks, whoever runs them: the threads of a pool, or one after the other in WebAssembly.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "buffer.h"

namespace liouville::host {

// Memory that a thread keeps from task to task. What is in it is left over from before.
struct Scratch {
  Buffer workspace;
};

// The flag by which a caller stops a job. Kernels look at it now and then.
class Cancellation {
 public:
  void cancel() { __atomic_store_n(&flag_, 1, __ATOMIC_RELAXED); }
  bool cancelled() const { return __atomic_load_n(&flag_, __ATOMIC_RELAXED) != 0; }
  const int32_t* flag() const { return &flag_; }

 private:
  int32_t flag_ = 0;
};

// Why a cancelled job ended.
struct Cancelled {};

// How a job is run: with at most `threads` tasks at a time, until the flag says stop.
struct WorkOptions {
  int32_t threads = 1;
  std::shared_ptr<Cancellation> cancellation = std::make_shared<Cancellation>();
};

// What a job does: phases, one after the other, of tasks that may run at the same time. An exception from
// any of them ends the job.
class Work {
 public:
  explicit Work(WorkOptions options) : options_(std::move(options)) {}
  virtual ~Work() = default;

  // The number of tasks of a phase; called once, when everything before it is done. 0: the job is done.
  virtual int64_t tasks(int32_t phase) = 0;
  virtual void run(int32_t phase, int64_t task, Scratch& scratch) = 0;

  // All of it on this thread.
  void runAll(Scratch& scratch) {
    for (int32_t phase = 0;; phase++) {
      const int64_t count = tasks(phase);
      for (int64_t task = 0; task < count; task++) {
        if (cancellation().cancelled()) throw Cancelled();
        run(phase, task, scratch);
      }
      if (count == 0) return;
    }
  }

  int32_t threads() const { return options_.threads; }
  Cancellation& cancellation() const { return *options_.cancellation; }

 private:
  WorkOptions options_;
};

}  // namespace liouville::host
