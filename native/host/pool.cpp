#include "pool.h"

#include <algorithm>
#include <atomic>
#include <system_error>

namespace liouville::host {

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& job : jobs_) {
      job->work->cancellation().cancel();
      job->done = nullptr;
    }
  }
  stop();
}

void Pool::submit(std::shared_ptr<Work> work, Done done) {
  const std::lock_guard lock(mutex_);
  grow(work->threads());
  jobs_.push_back(std::make_unique<Job>(Job{std::move(work), std::move(done)}));
  wake_.notify_one();
}

namespace {

// Threads that take parts until there are none. One that comes too late finds nothing, and does not look at `part`,
// which is gone by then.
class Spread : public Work {
 public:
  Spread(WorkOptions options, int64_t count, const std::function<void(int64_t)>& part)
      : Work(std::move(options)), count_(count), part_(part) {}

  int64_t tasks(int32_t phase) override { return phase == 0 ? threads() : 0; }
  void run(int32_t, int64_t, Scratch&) override { takeParts(); }

  void takeParts() {
    active_++;
    for (int64_t i = next_++; i < count_; i = next_++) part_(i);
    active_--;
  }
  bool isActive() const { return active_ != 0; }

 private:
  const int64_t count_;
  const std::function<void(int64_t)>& part_;
  std::atomic<int64_t> next_{0}, active_{0};
};

}  // namespace

void Pool::spread(int64_t count, int32_t helpers, const std::function<void(int64_t)>& part) {
  WorkOptions options;
  options.threads = std::max(1, helpers);
  const auto work = std::make_shared<Spread>(std::move(options), count, part);
  if (helpers > 0 && count > 1) {
    const std::lock_guard lock(mutex_);
    // Threads are not made for this, and those with a job are not waited for.
    if (!threads_.empty() && jobs_.empty()) {
      jobs_.push_back(std::make_unique<Job>(Job{work, nullptr}));
      wake_.notify_one();
    }
  }
  work->takeParts();
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(jobs_, [&](const auto& job) { return job->work == work && job->running == 0; });
  }
  while (work->isActive()) std::this_thread::yield();
}

void Pool::grow(int32_t threads) {
  try {
    while (int64_t(threads_.size()) < threads) threads_.emplace_back([this] { loop(); });
  } catch (const std::system_error&) {
    // Fewer threads take longer, and that is all.
    if (threads_.empty()) throw;
  }
}

void Pool::sweep() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto found = std::ranges::find_if(jobs_, [](const auto& job) {
      return job->running == 0 && job->work->cancellation().cancelled();
    });
    if (found == jobs_.end()) return;
    end(**found, lock);
  }
}

void Pool::rest() {
  {
    const std::lock_guard lock(mutex_);
    if (!jobs_.empty()) return;
  }
  stop();
}

void Pool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  stopping_ = false;
}

void Pool::loop() {
  Scratch scratch;
  std::unique_lock lock(mutex_);
  for (;;) {
    if (Job* job = claimable()) {
      step(*job, scratch, lock);
    } else if (stopping_) {
      return;
    } else {
      wake_.wait(lock);
    }
  }
}

Pool::Job* Pool::claimable() const {
  for (const auto& job : jobs_) {
    const bool fresh = job->phase < 0 && job->running == 0;
    if (fresh || (job->next < job->count && job->running < job->work->threads())) return job.get();
  }
  return nullptr;
}

// Takes one task of the job, or its first step into a phase.
void Pool::step(Job& job, Scratch& scratch, std::unique_lock<std::mutex>& lock) {
  job.running++;
  if (job.phase >= 0) {
    const int32_t phase = job.phase;
    const int64_t task = job.next++;
    lock.unlock();
    std::exception_ptr failure;
    try {
      if (job.work->cancellation().cancelled()) throw Cancelled();
      job.work->run(phase, task, scratch);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure != nullptr) {
      if (job.failure == nullptr) job.failure = failure;
      job.next = job.count;
    }
  }
  // Whoever finishes the last task of a phase takes the job into the next one.
  if (job.next == job.count && job.running == 1) advance(job, lock);
  else job.running--;
}

void Pool::advance(Job& job, std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  int64_t count = 0;
  std::exception_ptr failure = job.failure;
  try {
    if (failure == nullptr && job.work->cancellation().cancelled()) throw Cancelled();
    if (failure == nullptr) count = job.work->tasks(job.phase + 1);
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  job.failure = failure;
  job.running--;
  if (failure != nullptr || count == 0) return end(job, lock);
  job.phase++;
  job.count = count;
  job.next = 0;
  // This thread goes on with the first task.
  const int64_t others = std::min<int64_t>({count, job.work->threads(), int64_t(threads_.size())}) - 1;
  for (int64_t i = 0; i < others; i++) wake_.notify_one();
}

// Takes the job out of the queue and tells its owner.
void Pool::end(Job& job, std::unique_lock<std::mutex>& lock) {
  const auto found = std::ranges::find_if(jobs_, [&](const auto& other) { return other.get() == &job; });
  const std::unique_ptr<Job> ended = std::move(*found);
  jobs_.erase(found);
  if (ended->done == nullptr) return;
  if (ended->failure == nullptr && ended->work->cancellation().cancelled()) {
    ended->failure = std::make_exception_ptr(Cancelled());
  }
  lock.unlock();
  ended->done(ended->failure);
  lock.lock();
}

}  // namespace liouville::host
