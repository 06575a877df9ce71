// Initial value problems, one in each lane: a lane whose row has finished takes the next row, and no row
// knows of another (src/ode/adaptive-walk.ts and fixed-walk.ts say what happens to one row).
#pragma once

#include "clocks.h"
#include "start.h"
#include "stepper.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// The row that stands in a lane.
struct Occupant {
  int64_t row;
  int32_t evaluations;  // but for those of attempts
  int32_t stepCount;    // fixed steps and replays: how many there are
  StepRecord* last;
};

template <class S> class Solver {
 public:
  using V = Vec<S>;

  Solver(const SolveTask& task, Bump& bump)
      : task_(task), control_(task), starter_(task, bump), stepper_(task, bump), clocks_(bump) {
    occupants_ = bump.take<Occupant>(maxTileLanes<S>);
    errors_ = bump.take<double>(maxTileLanes<S>);
    slopes_ = bump.take<S>(size_t(stepper_.width()) * task.chunk);
    starts_ = bump.take<FirstStep>(task.chunk);
  }

  void run() {
    const int32_t capacity = int32_t(stepper_.machine().stride());
    while (count_ < capacity && takeRow(count_)) count_++;
    while (__atomic_load_n(task_.cancelled, __ATOMIC_RELAXED) == 0) {
      chooseSteps();
      if (count_ == 0) return;
      stepper_.machine().setActive(count_);
      stepper_.attempt(clocks_);
      judge();
      if (!task_.tableau.fsal) knowSlopes();
    }
  }

 private:
  const SolveTask& task_;
  const ErrorControl control_;
  Starter<S> starter_;
  Stepper<S> stepper_;
  Clocks<S> clocks_;
  Occupant* occupants_;
  double* errors_;  // squares of those of the attempts
  S* slopes_;
  FirstStep* starts_;
  int64_t chunkFirst_ = 0, chunkNext_ = 0, chunkLast_ = 0;
  int32_t count_ = 0;  // lanes in use: 0 ... count_ - 1

  bool adaptive() const { return task_.stepSize == 0 && task_.replay == nullptr; }

  // The next row takes a lane. Where none is left, the last lane in use moves into it.
  void replace(int32_t lane) {
    if (takeRow(lane)) return;
    count_--;
    if (lane == count_) return;
    occupants_[lane] = occupants_[count_];
    clocks_.move(count_, lane);
    stepper_.moveTo(count_, lane);
  }

  // Loads the next row whose first evaluation was finite into a lane. False when there is none.
  bool takeRow(int32_t lane) {
    while (nextChunk()) {
      const int64_t row = chunkNext_++;
      const FirstStep& start = starts_[row - chunkFirst_];
      load(row, lane, start);
      if (start.finite) return true;
      fail(lane, Status::nonFinite);
    }
    return false;
  }

  // False when no row is left.
  bool nextChunk() {
    if (chunkNext_ == chunkLast_) {
      if (chunkFirst_ >= task_.rows) return false;
      chunkFirst_ = __atomic_fetch_add(task_.next, task_.chunk, __ATOMIC_RELAXED);
      if (chunkFirst_ >= task_.rows) return false;
      chunkNext_ = chunkFirst_;
      chunkLast_ = chunkFirst_ + task_.chunk < task_.rows ? chunkFirst_ + task_.chunk : task_.rows;
      starter_.run(chunkFirst_, int32_t(chunkLast_ - chunkFirst_), slopes_, starts_);
    }
    return true;
  }

  void load(int64_t row, int32_t lane, const FirstStep& start) {
    const int32_t steps = task_.replay != nullptr ? countSteps(task_.replay[row]) : adaptive() ? 0 : fixedSteps();
    occupants_[lane] = {row, start.nfe, steps, nullptr};
    control_.begin(clocks_, lane, start.h);
    loadConstants(row, lane);
    const int32_t n = stepper_.width();
    const ptrdiff_t stride = stepper_.machine().stride();
    loadRow<S>(stepper_.state(), stride, lane, static_cast<const S*>(task_.inputs[task_.y]) + row * n, n);
    loadRow<S>(stepper_.slope(), stride, lane, slopes_ + (row - chunkFirst_) * n, n);
  }

  void loadConstants(int64_t row, int32_t lane) {
    const Plan& plan = *task_.program.plan;
    for (int32_t port = 0; port < plan.inputCount; port++) {
      if (port == task_.t || port == task_.y) continue;
      const Value& value = plan.values[plan.inputs[port].value];
      const int32_t width = value.k * value.n;
      loadRow<S>(stepper_.machine().planes(plan.inputs[port].value), stepper_.machine().stride(), lane,
                 static_cast<const S*>(task_.inputs[port]) + row * width, width);
    }
  }

  static int32_t countSteps(const StepRecord* record) {
    int32_t count = 0;
    for (; record != nullptr; record = record->previous) count++;
    return count;
  }

  int32_t fixedSteps() const {
    const double steps = __builtin_fabs(task_.t1 - task_.t0) / task_.stepSize * (1 - 4 * 0x1p-52);
    if (!(steps < double(task_.maxSteps))) return task_.maxSteps + 1;
    const int32_t whole = int32_t(steps);
    return whole + (steps > whole) > 1 ? whole + (steps > whole) : 1;
  }

  // Sizes the next step of every lane. Rows that have arrived, or can take no step, make way.
  void chooseSteps() {
    for (int32_t first = 0; first < count_; first += lanes<F64>) {
      while (const uint32_t leaving = chooseSome(first)) {
        const int32_t lane = first + 31 - __builtin_clz(leaving);
        settle(lane);
        replace(lane);
      }
    }
  }

  // For the lanes of a vector; bits of those whose rows make way.
  uint32_t chooseSome(int32_t first) {
    const int32_t some = count_ - first < lanes<F64> ? count_ - first : lanes<F64>;
    if (adaptive()) return control_.choose(clocks_, first) & ((1u << some) - 1);
    uint32_t leaving = 0;
    for (int32_t i = 0; i < some; i++) {
      const int32_t lane = first + i;
      const bool taken = clocks_.error[lane] <= 1 && clocks_.t[lane] != task_.t1;
      if (!taken || !(task_.replay != nullptr ? chooseReplay(lane) : chooseFixed(lane))) leaving |= 1u << i;
    }
    return leaving;
  }

  bool chooseFixed(int32_t lane) {
    if (clocks_.attempts[lane] >= task_.maxSteps) return false;
    const int32_t count = occupants_[lane].stepCount, step = int32_t(clocks_.accepted[lane]) + 1;
    const double h = (task_.t1 - task_.t0) / count;
    const double tNext = step == count ? task_.t1 : task_.t0 + step * h;
    setStep(lane, tNext, tNext - clocks_.t[lane]);
    return true;
  }

  // The step of the tape that follows those taken so far. False for a row without a tape.
  bool chooseReplay(int32_t lane) {
    const Occupant& occupant = occupants_[lane];
    const StepRecord* record = task_.replay[occupant.row];
    if (record == nullptr) return false;
    const StepRecord* after = nullptr;
    for (int32_t i = occupant.stepCount - 1; i > int32_t(clocks_.accepted[lane]); i--) {
      after = record;
      record = record->previous;
    }
    setStep(lane, after == nullptr ? task_.t1 : after->t, record->h);
    return true;
  }

  void setStep(int32_t lane, double tNext, double step) {
    clocks_.tNext[lane] = tNext;
    clocks_.step[lane] = step;
    clocks_.h[lane] = __builtin_fabs(step);
  }

  // Reports a row that has arrived, or can take no further step.
  void settle(int32_t lane) {
    if (clocks_.t[lane] == task_.t1) return end(lane);
    if (!adaptive()) {
      const bool finite = task_.replay == nullptr && clocks_.error[lane] <= 1;
      return fail(lane, finite ? Status::maxSteps : Status::nonFinite);
    }
    if (clocks_.attempts[lane] >= task_.maxSteps) return fail(lane, Status::maxSteps);
    fail(lane, clocks_.error[lane] < __builtin_inf() ? Status::stepUnderflow : Status::nonFinite);
  }

  // Accepts or rejects the attempt of every lane.
  void judge() {
    if (adaptive()) stepper_.errorSquares(errors_);
    else stepper_.finiteSquares(errors_);
    if (task_.last != nullptr) {
      for (int32_t lane = 0; lane < count_; lane++) {
        if (errors_[lane] <= 1) record(lane);
      }
    }
    stepper_.accept(errors_);
    if (adaptive()) return control_.judge(clocks_, errors_, count_);
    overDoubles(count_, [&](ptrdiff_t at) { clocks_.advance(loadAligned<F64>(errors_ + at), at); });
  }

  // After an accepted step of a method that is not first same as last, the field is evaluated afresh.
  void knowSlopes() {
    bool finite[maxTileLanes<S>], finiteState[maxTileLanes<S>];
    stepper_.evaluateStart(clocks_);
    finiteLanes<S>(finite, stepper_.slope(), stepper_.width(), stepper_.machine().tile());
    finiteLanes<S>(finiteState, stepper_.state(), stepper_.width(), stepper_.machine().tile());
    for (int32_t lane = count_ - 1; lane >= 0; lane--) {
      const bool more = task_.replay != nullptr || clocks_.attempts[lane] < task_.maxSteps;
      if (!(clocks_.error[lane] <= 1) || clocks_.t[lane] == task_.t1 || !more) continue;
      occupants_[lane].evaluations++;
      if (finite[lane] && finiteState[lane]) continue;
      fail(lane, Status::nonFinite);
      replace(lane);
    }
  }

  // Keeps the stage states of the step: all but the last of a method that is first same as last.
  void record(int32_t lane) {
    const int32_t stored = task_.tableau.stages - task_.tableau.fsal, n = stepper_.width();
    const size_t bytes = sizeof(StepRecord) + size_t(stored) * n * sizeof(S);
    auto* made = static_cast<StepRecord*>(task_.arena->take(task_.arena, bytes));
    if (made == nullptr) {
      __atomic_store_n(task_.outOfMemory, 1, __ATOMIC_RELAXED);
      return;
    }
    Occupant& occupant = occupants_[lane];
    *made = {clocks_.t[lane], clocks_.step[lane], occupant.last};
    occupant.last = made;
    S* states = reinterpret_cast<S*>(made + 1);
    for (int32_t stage = 0; stage < stored; stage++) {
      storeRow<S>(states + ptrdiff_t(stage) * n, stepper_.stageState(stage), stepper_.machine().stride(), lane, n);
    }
  }

  void end(int32_t lane) {
    const Occupant& occupant = occupants_[lane];
    const int32_t n = stepper_.width();
    S* to = static_cast<S*>(task_.end) + occupant.row * n;
    storeRow<S>(to, stepper_.state(), stepper_.machine().stride(), lane, n);
    report(lane, Status::ok);
    if (task_.last != nullptr) task_.last[occupant.row] = occupant.last;
  }

  void fail(int32_t lane, Status status) {
    const int64_t row = occupants_[lane].row;
    const int32_t n = stepper_.width();
    const ptrdiff_t stride = stepper_.machine().stride();
    S* to = static_cast<S*>(task_.end) + row * n;
    for (int32_t i = 0; i < n; i++) to[i] = S(__builtin_nan(""));
    report(lane, status);
    if (task_.last != nullptr) task_.last[row] = nullptr;
    double norm = 0;
    for (int32_t i = 0; i < n; i++) {
      const double size = __builtin_fabs(double(stepper_.state()[i * stride + lane]));
      if (!(size <= norm)) norm = size;
      if (size != size) break;
    }
    double* failure = task_.failures + 4 * row;
    failure[0] = clocks_.t[lane];
    failure[1] = clocks_.h[lane];
    failure[2] = norm;
    failure[3] = double(dominant(lane));
  }

  void report(int32_t lane, Status status) {
    const Occupant& occupant = occupants_[lane];
    const int32_t attempts = int32_t(clocks_.attempts[lane]), accepted = int32_t(clocks_.accepted[lane]);
    task_.status[occupant.row] = status;
    task_.nfe[occupant.row] = occupant.evaluations + attempts * (task_.tableau.stages - 1);
    task_.accepted[occupant.row] = accepted;
    task_.rejected[occupant.row] = adaptive() ? attempts - accepted : 0;
  }

  // The component to name in a failure: one that is not finite, else the largest share of the error.
  int32_t dominant(int32_t lane) {
    const int32_t n = stepper_.width(), stages = task_.tableau.stages;
    const ptrdiff_t stride = stepper_.machine().stride();
    for (int32_t group = 0; group < stages + 2; group++) {
      const S* values = group == 0 ? stepper_.state() : group > stages ? stepper_.next() : stepper_.stageSlope(group - 1);
      for (int32_t i = 0; i < n; i++) {
        if (!(__builtin_fabs(double(values[i * stride + lane])) < __builtin_inf())) return i;
      }
    }
    int32_t worst = 0;
    double most = -1;
    for (int32_t i = 0; i < n; i++) {
      double share = __builtin_fabs(double(stepper_.state()[i * stride + lane]));
      if (task_.tableau.bError != nullptr) {
        const double other = __builtin_fabs(double(stepper_.next()[i * stride + lane]));
        const double scale = task_.atol + task_.rtol * (share > other ? share : other);
        double sum = 0;
        for (int32_t j = 0; j < stages; j++) {
          sum += task_.tableau.bError[j] * double(stepper_.stageSlope(j)[i * stride + lane]);
        }
        share = __builtin_fabs(sum / scale);
      }
      if (!(share > most)) continue;
      most = share;
      worst = i;
    }
    return worst;
  }
};

template <class S> size_t solveWorkspace(const Plan* plan, const Layout* layout, const Tableau* tableau,
                                         int32_t, int64_t chunk) {
  SolveTask task{};
  task.program = {plan, layout, nullptr, nullptr};
  task.tableau = *tableau;
  task.chunk = chunk;
  Bump bump{nullptr};
  Solver<S> sized(task, bump);
  return bump.used;
}

template <class S> void solve(const SolveTask* task) {
  Bump bump{static_cast<char*>(task->workspace)};
  Solver<S> solver(*task, bump);
  solver.run();
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
