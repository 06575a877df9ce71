// Threads that work on jobs. The thread that hands a job in never waits for it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "buffer.h"

namespace liouville::host {

// Memory that a thread keeps from task to task. What is in it is left over from before.
struct Scratch {
  Buffer workspace;
  Buffer sums;
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

  int32_t threads() const { return options_.threads; }
  Cancellation& cancellation() const { return *options_.cancellation; }

 private:
  WorkOptions options_;
};

class Pool {
 public:
  // Called on any thread when a job has ended: without an error, or with the first one.
  using Done = std::function<void(std::exception_ptr)>;

  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  // Stops what is running, as soon as it lets itself be stopped, and waits for it. Jobs that were still there
  // are not called back.
  ~Pool();

  // Runs a job. The pool has as many threads as the most that a job ever asked for; jobs that came first go
  // first. Throws std::system_error where no thread can be had.
  void submit(std::shared_ptr<Work> work, Done done);

  // Ends cancelled jobs that no thread works on, so that they need not wait for their turn.
  void sweep();

  // Ends all threads while there is nothing to do; the next job starts new ones.
  void rest();

 private:
  struct Job {
    std::shared_ptr<Work> work;
    Done done;
    int32_t phase = -1;
    int64_t count = 0, next = 0;  // tasks of this phase, and the first that nobody has taken
    int32_t running = 0;
    std::exception_ptr failure{};
  };

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Job>> jobs_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;

  void grow(int32_t threads);
  void stop();
  void loop();
  Job* claimable() const;
  void step(Job& job, Scratch& scratch, std::unique_lock<std::mutex>& lock);
  void advance(Job& job, std::unique_lock<std::mutex>& lock);
  void end(Job& job, std::unique_lock<std::mutex>& lock);
};

// Why a cancelled job ended.
struct Cancelled {};

}  // namespace liouville::host
