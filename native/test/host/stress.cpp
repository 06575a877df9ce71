// Many jobs on one pool of threads, some of them cancelled, some failing, the pool ended in the midst of it.
// Built with ThreadSanitizer, which sees every race.
//
//   stress ROUNDS
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "../../host/groups.h"
#include "../../host/misuse.h"
#include "../../host/pool.h"

namespace liouville::test {

using namespace host;

namespace {

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::exit(1);
}

// Sums the squares of 0 ... count - 1 in groups, then checks the sum in a phase of its own.
class SumWork : public Work {
 public:
  SumWork(WorkOptions options, int64_t count, bool fails)
      : Work(std::move(options)), count_(count), groups_(groupCount(count)), fails_(fails), sums_(groups_) {}

  int64_t tasks(int32_t phase) override { return phase == 0 ? groups_ : phase == 1 ? 1 : 0; }

  void run(int32_t phase, int64_t task, Scratch& scratch) override {
    if (phase == 1) {
      sum = sums_.take()[0];
      return;
    }
    if (fails_ && task == groups_ / 2) refuse("this job fails");
    // A block that goes from job to job must belong to one at a time.
    const Buffer block(size_t(1) << 16);
    auto* owner = static_cast<SumWork* volatile*>(block.data());
    *owner = this;
    const RowRange range = groupOf(count_, groups_, task);
    auto* squares = static_cast<double*>(scratch.workspace.atLeast(size_t(range.last - range.first) * sizeof(double)));
    double total = 0;
    for (int64_t i = range.first; i < range.last; i++) squares[i - range.first] = double(i) * double(i);
    for (int64_t i = range.first; i < range.last; i++) total += squares[i - range.first];
    if (*owner != this) fail("A block was given to two jobs.");
    sums_.add(task, {total});
  }

  double sum = -1;

 private:
  int64_t count_, groups_;
  bool fails_;
  PairwiseSum sums_;
};

struct Outcome {
  std::atomic<int> done{0}, failed{0}, cancelled{0};
};

void note(Outcome& outcome, const std::exception_ptr& failure) {
  if (failure == nullptr) {
    outcome.done++;
    return;
  }
  try {
    std::rethrow_exception(failure);
  } catch (const Misuse&) {
    outcome.failed++;
  } catch (const Cancelled&) {
    outcome.cancelled++;
  }
}

double expected(int64_t count) { return double(count - 1) * double(count) * double(2 * count - 1) / 6; }

// A loop beside the jobs: every part is done once, and before `spread` returns.
void spread(Pool& pool, int64_t count) {
  std::vector<int> done(size_t(count), 0);
  pool.spread(count, 3, [&](int64_t i) { done[size_t(i)]++; });
  for (const int times : done) {
    if (times != 1) fail("A part of a loop was not done once.");
  }
}

// One pool and its jobs. `drop`: the pool ends while they run.
void round(std::mt19937& random, bool drop) {
  constexpr int jobs = 60;
  Outcome outcome;
  std::vector<std::shared_ptr<SumWork>> sound;
  {
    Pool pool;
    for (int i = 0; i < jobs; i++) {
      WorkOptions options;
      options.threads = 1 + int32_t(random() % 5);
      const auto cancellation = options.cancellation;
      const bool fails = random() % 8 == 0;
      const int64_t count = 1 + int64_t(random() % 5000);
      const auto work = std::make_shared<SumWork>(std::move(options), count, fails);
      const bool cancel = random() % 6 == 0;
      if (!fails && !cancel) sound.push_back(work);
      pool.submit(work, [&outcome, work, count, drop](std::exception_ptr failure) {
        if (failure == nullptr && !drop && work->sum != expected(count)) fail("A job has a wrong sum.");
        note(outcome, failure);
      });
      if (cancel) {
        cancellation->cancel();
        pool.sweep();
      }
      if (random() % 20 == 0) pool.rest();
      if (random() % 10 == 0) spread(pool, int64_t(random() % 20));
    }
    while (!drop && outcome.done + outcome.failed + outcome.cancelled < jobs) std::this_thread::yield();
  }
  if (drop) return;
  if (outcome.done < int(sound.size())) fail("A sound job did not end well.");
  for (const auto& work : sound) {
    if (work->sum < 0) fail("A job was not finished.");
  }
}

}  // namespace

}  // namespace liouville::test

int main(int count, char** arguments) {
  const int rounds = count == 2 ? std::atoi(arguments[1]) : 0;
  std::mt19937 random(1);
  for (int i = 0; i < rounds; i++) liouville::test::round(random, i % 3 == 2);
  std::printf("%d rounds\n", rounds);
}
