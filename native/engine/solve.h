// Initial value problems, one in each lane: a lane whose row has finished takes the next row, and no row
// knows of another (src/ode/adaptive-walk.ts and fixed-walk.ts say what happens to one row).
#pragma once

#include "start.h"
#include "stepper.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

template <class S> class Solver {
 public:
  using V = Vec<S>;

  Solver(const SolveTask& task, Bump& bump) : task_(task), starter_(task, bump), stepper_(task, bump) {
    clocks_ = bump.take<Clock>(maxTileLanes<S>);
    slopes_ = bump.take<S>(size_t(stepper_.width()) * task.chunk);
    starts_ = bump.take<FirstStep>(task.chunk);
  }

  void run() {
    const int32_t capacity = int32_t(stepper_.machine().stride());
    while (__atomic_load_n(task_.cancelled, __ATOMIC_RELAXED) == 0) {
      releaseWhere([&](int32_t lane) { return ends(lane); });
      while (count_ < capacity && takeRow(count_)) count_ += !ends(count_);
      if (count_ == 0) return;
      stepper_.machine().setActive(count_);
      knowSlopes();
      releaseWhere([&](int32_t lane) { return !chooseStep(lane); });
      if (count_ == 0) continue;
      stepper_.machine().setActive(count_);
      stepper_.attempt(clocks_, count_);
      judge();
    }
  }

 private:
  const SolveTask& task_;
  Starter<S> starter_;
  Stepper<S> stepper_;
  Clock* clocks_;
  S* slopes_;
  FirstStep* starts_;
  int64_t chunkFirst_ = 0, chunkNext_ = 0, chunkLast_ = 0;
  int32_t count_ = 0;  // lanes in use: 0 ... count_ - 1

  bool adaptive() const { return task_.stepSize == 0 && task_.replay == nullptr; }
  double direction() const { return task_.t1 > task_.t0 ? 1 : -1; }

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
      chunkFirst_ = __atomic_fetch_add(task_.next, task_.chunk, __ATOMIC_RELAXED);
      if (chunkFirst_ >= task_.rows) return false;
      chunkNext_ = chunkFirst_;
      chunkLast_ = chunkFirst_ + task_.chunk < task_.rows ? chunkFirst_ + task_.chunk : task_.rows;
      starter_.run(chunkFirst_, int32_t(chunkLast_ - chunkFirst_), slopes_, starts_);
    }
    return true;
  }

  void load(int64_t row, int32_t lane, const FirstStep& start) {
    Clock& clock = clocks_[lane];
    clock = {};
    clock.row = row;
    clock.t = task_.t0;
    clock.h = start.h > 0 && start.h < leastStep(task_.t0) ? leastStep(task_.t0) : start.h;
    clock.previousError = clock.earlierError = leastPreviousError;
    clock.nfe = start.nfe;
    clock.slopeKnown = true;
    loadConstants(row, lane);
    const int32_t n = stepper_.width();
    const ptrdiff_t stride = stepper_.machine().stride();
    loadRow<S>(stepper_.state(), stride, lane, static_cast<const S*>(task_.inputs[task_.y]) + row * n, n);
    loadRow<S>(stepper_.slope(), stride, lane, slopes_ + (row - chunkFirst_) * n, n);
    if (task_.replay != nullptr) clock.stepCount = countSteps(task_.replay[row]);
    else if (!adaptive()) clock.stepCount = fixedSteps();
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

  template <class Ended> void releaseWhere(Ended ended) {
    for (int32_t lane = count_ - 1; lane >= 0; lane--) {
      if (ended(lane)) release(lane);
    }
  }

  // True when the row of a lane has arrived, or may take no further step; it is reported then.
  bool ends(int32_t lane) {
    const Clock& clock = clocks_[lane];
    if (clock.t == task_.t1) return end(lane), true;
    if (task_.replay != nullptr) return false;
    if (clock.accepted + clock.rejected < task_.maxSteps) return false;
    return fail(lane, Status::maxSteps), true;
  }

  // Sizes a lane's next step. False when there is none to try.
  bool chooseStep(int32_t lane) {
    Clock& clock = clocks_[lane];
    if (task_.replay != nullptr) return chooseReplay(clock, lane);
    if (!adaptive()) return chooseFixed(clock);
    clock.landing = 1.01 * clock.h >= __builtin_fabs(task_.t1 - clock.t);
    if (!clock.landing && clock.h < leastStep(clock.t)) {
      const bool finite = clock.lastError < __builtin_inf();
      return fail(lane, finite ? Status::stepUnderflow : Status::nonFinite), false;
    }
    clock.tNext = clock.landing ? task_.t1 : clock.t + direction() * clock.h;
    clock.step = clock.tNext - clock.t;
    return true;
  }

  bool chooseFixed(Clock& clock) {
    const double h = (task_.t1 - task_.t0) / clock.stepCount;
    const int32_t step = clock.accepted + 1;
    clock.tNext = step == clock.stepCount ? task_.t1 : task_.t0 + step * h;
    clock.step = clock.tNext - clock.t;
    clock.h = __builtin_fabs(clock.step);
    return true;
  }

  // The step of the tape that follows those taken so far. A row without a tape fails again.
  bool chooseReplay(Clock& clock, int32_t lane) {
    const StepRecord* record = task_.replay[clock.row];
    if (record == nullptr) return fail(lane, Status::nonFinite), false;
    const StepRecord* after = nullptr;
    for (int32_t i = clock.stepCount - 1; i > clock.accepted; i--) {
      after = record;
      record = record->previous;
    }
    clock.tNext = after == nullptr ? task_.t1 : after->t;
    clock.step = record->h;
    clock.h = __builtin_fabs(clock.step);
    return true;
  }

  // After an accepted step of a method that is not first same as last, the field is evaluated afresh.
  void knowSlopes() {
    bool known = true;
    for (int32_t lane = 0; lane < count_; lane++) known = known && clocks_[lane].slopeKnown;
    if (known) return;
    bool finite[maxTileLanes<S>], finiteState[maxTileLanes<S>];
    stepper_.evaluateStart(clocks_);
    finiteLanes<S>(finite, stepper_.slope(), stepper_.width(), stepper_.machine().tile());
    finiteLanes<S>(finiteState, stepper_.state(), stepper_.width(), stepper_.machine().tile());
    releaseWhere([&](int32_t lane) {
      Clock& clock = clocks_[lane];
      if (clock.slopeKnown) return false;
      clock.slopeKnown = true;
      clock.nfe++;
      if (finite[lane] && finiteState[lane]) return false;
      return fail(lane, Status::nonFinite), true;
    });
  }

  // Accepts or rejects the attempt of every lane, and sizes its next step.
  void judge() {
    const int32_t tried = task_.tableau.stages - 1;
    double error[maxTileLanes<S>], growth[maxTileLanes<S>], shrinkage[maxTileLanes<S>];
    bool good[maxTileLanes<S>];
    if (adaptive()) {
      stepper_.errorNorm(error);
      growthFactors(growth, shrinkage, error);
    } else {
      finiteLanes<S>(good, stepper_.next(), stepper_.width(), stepper_.machine().tile());
    }
    for (int32_t lane = count_ - 1; lane >= 0; lane--) {
      Clock& clock = clocks_[lane];
      clock.nfe += tried;
      if (!adaptive()) {
        if (good[lane]) accept(clock, lane);
        else fail(lane, Status::nonFinite), release(lane);
        continue;
      }
      clock.lastError = error[lane];
      if (error[lane] <= 1) {
        if (!clock.landing) grow(clock, error[lane], growth[lane]);
        clock.afterRejection = false;
        accept(clock, lane);
      } else {
        clock.rejected++;
        const double factor = error[lane] < __builtin_inf() ? task_.control.safety * shrinkage[lane] : 0;
        clock.h = __builtin_fabs(clock.step) * (factor > task_.control.minFactor ? factor : task_.control.minFactor);
        clock.afterRejection = true;
      }
    }
  }

  // What the errors of a lane's last steps make of the next one, before clipping, after success and failure.
  void growthFactors(double* growth, double* shrinkage, const double* error) {
    const Control& control = task_.control;
    const double k = task_.tableau.errorOrder;
    power(shrinkage, error, -control.rejection / k, count_);
    if (control.beta[0] == control.rejection) {
      for (int32_t lane = 0; lane < count_; lane++) growth[lane] = shrinkage[lane];
    } else {
      power(growth, error, -control.beta[0] / k, count_);
    }
    double earlier[maxTileLanes<S>];
    for (int32_t back = 1; back < 3; back++) {
      if (control.beta[back] == 0) continue;
      for (int32_t lane = 0; lane < count_; lane++) {
        earlier[lane] = back == 1 ? clocks_[lane].previousError : clocks_[lane].earlierError;
      }
      power(earlier, earlier, -control.beta[back] / k, count_);
      for (int32_t lane = 0; lane < count_; lane++) growth[lane] *= earlier[lane];
    }
  }

  void grow(Clock& clock, double error, double factor) {
    factor *= task_.control.safety;
    // An error of zero has an infinite factor, or none.
    if (!(factor < task_.control.maxFactor)) factor = task_.control.maxFactor;
    if (factor < task_.control.minFactor) factor = task_.control.minFactor;
    clock.h *= clock.afterRejection && factor > 1 ? 1 : factor;
    clock.earlierError = clock.previousError;
    clock.previousError = error > leastPreviousError ? error : leastPreviousError;
  }

  void accept(Clock& clock, int32_t lane) {
    if (task_.last != nullptr) record(clock, lane);
    clock.accepted++;
    clock.t = clock.tNext;
    clock.slopeKnown = task_.tableau.fsal || clock.t == task_.t1;
    stepper_.accept(lane);
  }

  // Keeps the stage states of the step: all but the last of a method that is first same as last.
  void record(Clock& clock, int32_t lane) {
    const int32_t stored = task_.tableau.stages - task_.tableau.fsal, n = stepper_.width();
    const size_t bytes = sizeof(StepRecord) + size_t(stored) * n * sizeof(S);
    auto* made = static_cast<StepRecord*>(task_.arena->take(task_.arena, bytes));
    if (made == nullptr) {
      __atomic_store_n(task_.outOfMemory, 1, __ATOMIC_RELAXED);
      return;
    }
    *made = {clock.t, clock.step, clock.last};
    clock.last = made;
    S* states = reinterpret_cast<S*>(made + 1);
    for (int32_t stage = 0; stage < stored; stage++) {
      storeRow<S>(states + ptrdiff_t(stage) * n, stepper_.stageState(stage), stepper_.machine().stride(), lane, n);
    }
  }

  void end(int32_t lane) {
    const Clock& clock = clocks_[lane];
    const int32_t n = stepper_.width();
    storeRow<S>(static_cast<S*>(task_.end) + clock.row * n, stepper_.state(), stepper_.machine().stride(), lane, n);
    report(clock, Status::ok);
    if (task_.last != nullptr) task_.last[clock.row] = clock.last;
  }

  void fail(int32_t lane, Status status) {
    const Clock& clock = clocks_[lane];
    const int32_t n = stepper_.width();
    const ptrdiff_t stride = stepper_.machine().stride();
    S* to = static_cast<S*>(task_.end) + clock.row * n;
    for (int32_t i = 0; i < n; i++) to[i] = S(__builtin_nan(""));
    report(clock, status);
    if (task_.last != nullptr) task_.last[clock.row] = nullptr;
    double norm = 0;
    for (int32_t i = 0; i < n; i++) {
      const double size = __builtin_fabs(double(stepper_.state()[i * stride + lane]));
      if (!(size <= norm)) norm = size;
      if (size != size) break;
    }
    double* failure = task_.failures + 4 * clock.row;
    failure[0] = clock.t;
    failure[1] = clock.h;
    failure[2] = norm;
    failure[3] = double(dominant(lane));
  }

  void report(const Clock& clock, Status status) {
    task_.status[clock.row] = status;
    task_.nfe[clock.row] = clock.nfe;
    task_.accepted[clock.row] = clock.accepted;
    task_.rejected[clock.row] = clock.rejected;
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

  // Frees a lane; the last one in use moves into it, so that the lanes in use stay together.
  void release(int32_t lane) {
    count_--;
    if (lane == count_) return;
    clocks_[lane] = clocks_[count_];
    stepper_.moveTo(count_, lane);
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
