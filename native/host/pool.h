// Threads that work on jobs. The thread that hands a job in never waits for it.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "work.h"

namespace liouville::host {

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

  // Runs parts 0 ... count - 1 on this thread, and on `helpers` threads of the pool at most where they have nothing
  // to do. Parts are independent and throw nothing. Returns when all are done.
  void spread(int64_t count, int32_t helpers, const std::function<void(int64_t)>& part);

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

}  // namespace liouville::host
