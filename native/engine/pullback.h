// The discrete gradient in lanes: every lane takes the steps of its row back, the last one first, and then
// takes the next row of the group (src/ode/pullback.ts says what happens to one row).
#pragma once

#include "lanes.h"
#include "machine.h"
#include "rows.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

template <class S> class Pullback {
 public:
  using V = Vec<S>;

  Pullback(const PullbackTask& task, const Tableau& tableau, int32_t n, Bump& bump)
      : task_(task),
        plan_(*task.program.plan),
        tableau_(tableau),
        n_(n),
        machine_(task.program,
                 reinterpret_cast<S*>(bump.take<char>(task.program.layout->registerBytes)), task.sums) {
    const size_t state = size_t(n_) * maxTileLanes<S>;
    lambda_ = bump.take<S>(state);
    mu_ = bump.take<S>(state * tableau.stages);
    kBar_ = bump.take<S>(state);
    steps_ = bump.take<S>(maxTileLanes<S>);
    rows_ = bump.take<int64_t>(maxTileLanes<S>);
    records_ = bump.take<StepRecord*>(maxTileLanes<S>);
    ends_ = bump.take<double>(maxTileLanes<S>);
  }

  void run() {
    const int32_t capacity = int32_t(machine_.stride());
    while (__atomic_load_n(task_.cancelled, __ATOMIC_RELAXED) == 0) {
      for (int32_t lane = count_ - 1; lane >= 0; lane--) {
        if (records_[lane] == nullptr) finish(lane);
      }
      while (count_ < capacity && next_ < task_.rowCount) load(task_.rows[next_++], count_++);
      if (count_ == 0) return;
      machine_.setActive(count_);
      takeStepBack();
    }
  }

 private:
  const PullbackTask& task_;
  const Plan& plan_;
  const Tableau& tableau_;
  const int32_t n_;
  Machine<S> machine_;
  S *lambda_, *mu_, *kBar_, *steps_;
  int64_t* rows_;
  StepRecord** records_;  // the step to take back next
  double* ends_;          // the time at which it ended
  int64_t next_ = 0;
  int32_t count_ = 0;

  S* input(int32_t port) { return machine_.planes(plan_.inputs[port].value); }
  bool isConstant(int32_t port) const { return port != task_.t && port != task_.y && port != task_.cotangent; }
  int32_t widthOf(const Port& port) const {
    return plan_.values[port.value].k * plan_.values[port.value].n;
  }

  void load(int64_t row, int32_t lane) {
    const ptrdiff_t stride = machine_.stride();
    rows_[lane] = row;
    records_[lane] = task_.last[row];
    ends_[lane] = task_.t1;
    loadRow<S>(lambda_, stride, lane, static_cast<const S*>(task_.end) + row * n_, n_);
    for (int32_t port = 0; port < plan_.inputCount; port++) {
      if (!isConstant(port)) continue;
      const int32_t width = widthOf(plan_.inputs[port]);
      loadRow<S>(input(port), stride, lane, static_cast<const S*>(task_.inputs[port]) + row * width, width);
    }
  }

  // The row of a lane is back at its start. The last lane in use moves into its place.
  void finish(int32_t lane) {
    const ptrdiff_t stride = machine_.stride();
    S* to = static_cast<S*>(task_.outputs[task_.cotangentY]);
    storeRow<S>(to + rows_[lane] * n_, lambda_, stride, lane, n_);
    count_--;
    if (lane == count_) return;
    rows_[lane] = rows_[count_];
    records_[lane] = records_[count_];
    ends_[lane] = ends_[count_];
    moveLane(lambda_, n_, stride, count_, lane);
    for (int32_t port = 0; port < plan_.inputCount; port++) {
      if (isConstant(port)) moveLane(input(port), widthOf(plan_.inputs[port]), stride, count_, lane);
    }
  }

  void takeStepBack() {
    const int32_t stages = tableau_.stages;
    for (int32_t lane = 0; lane < count_; lane++) steps_[lane] = S(records_[lane]->h);
    for (int32_t stage = stages - 1; stage >= 0; stage--) {
      if (isIdle(stage)) continue;
      combine(stage);
      loadStage(stage);
      machine_.body();
      keepCotangents(stage);
    }
    for (int32_t stage = 0; stage < stages; stage++) {
      if (!isIdle(stage)) addPlanes<S>(lambda_, mu(stage), n_, machine_.tile());
    }
    for (int32_t lane = 0; lane < count_; lane++) {
      ends_[lane] = records_[lane]->t;
      records_[lane] = records_[lane]->previous;
    }
  }

  S* mu(int32_t stage) { return mu_ + ptrdiff_t(stage) * n_ * machine_.stride(); }

  // A stage on which neither the result nor another one depends has no cotangent: the last stage of a method
  // that is first same as last.
  bool isIdle(int32_t stage) const { return tableau_.fsal && stage == tableau_.stages - 1; }

  // kBar = h (b_i lambda + sum over later stages of a_ji mu_j)
  void combine(int32_t stage) {
    overPlanes<S>(1, machine_.tile(), [&](ptrdiff_t lane) {
      const V h = loadAligned<V>(steps_ + lane);
      for (int32_t i = 0; i < n_; i++) {
        const ptrdiff_t at = i * machine_.stride() + lane;
        V sum = set1<V>(S(tableau_.b[stage])) * loadAligned<V>(lambda_ + at);
        for (int32_t later = stage + 1; later < tableau_.stages; later++) {
          if (isIdle(later)) continue;
          const V a = set1<V>(S(tableau_.a[later * tableau_.stages + stage]));
          sum = fma(a, loadAligned<V>(mu(later) + at), sum);
        }
        storeAligned<V>(kBar_ + at, h * sum);
      }
    });
  }

  // Time, stage state and cotangent of every lane. A lane without a row repeats lane 0, so that what is
  // computed there stays finite.
  void loadStage(int32_t stage) {
    const ptrdiff_t stride = machine_.stride();
    S *t = input(task_.t), *y = input(task_.y);
    const double c = tableau_.c[stage];
    copyPlanes<S>(input(task_.cotangent), kBar_, n_, machine_.tile());
    for (int32_t lane = 0; lane < machine_.tile().used * lanes<V>; lane++) {
      const int32_t from = lane < count_ ? lane : 0;
      const StepRecord& record = *records_[from];
      t[lane] = S(c == 1 ? ends_[from] : record.t + c * record.h);
      const S* states = reinterpret_cast<const S*>(&record + 1);
      loadRow<S>(y, stride, lane, states + ptrdiff_t(stage) * n_, n_);
      if (lane < count_) continue;
      moveLane(input(task_.cotangent), n_, stride, 0, lane);
      for (int32_t port = 0; port < plan_.inputCount; port++) {
        if (isConstant(port)) moveLane(input(port), widthOf(plan_.inputs[port]), stride, 0, lane);
      }
    }
  }

  void keepCotangents(int32_t stage) {
    const ptrdiff_t stride = machine_.stride();
    for (int32_t port = 0; port < plan_.outputCount; port++) {
      if (port == task_.cotangentT) continue;
      const Slot<S> from = machine_.slot(plan_.outputs[port].value);
      const int32_t width = widthOf(plan_.outputs[port]);
      if (port == task_.cotangentY) {
        if (from.row) copyPlanes<S>(mu(stage), from.at, n_, machine_.tile());
        else for (int32_t i = 0; i < n_; i++) fillPlanes<S>(mu(stage) + i * stride, from.at[i], 1, machine_.tile());
        continue;
      }
      if (task_.outputs[port] == nullptr) continue;
      for (int32_t lane = 0; lane < count_; lane++) {
        S* to = static_cast<S*>(task_.outputs[port]) + rows_[lane] * width;
        for (int32_t i = 0; i < width; i++) to[i] += from.row ? from.at[i * stride + lane] : from.at[i];
      }
    }
  }
};

template <class S>
size_t pullbackWorkspace(const Plan* plan, const Layout* layout, const Tableau* tableau, int32_t n) {
  PullbackTask task{};
  task.program = {plan, layout, nullptr, nullptr};
  Bump bump{nullptr};
  Pullback<S> sized(task, *tableau, n, bump);
  return bump.used;
}

template <class S> void pullback(const PullbackTask* task) {
  Bump bump{static_cast<char*>(task->workspace)};
  const Plan& plan = *task->program.plan;
  Pullback<S> work(*task, task->tableau, plan.values[plan.inputs[task->y].value].n, bump);
  work.run();
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
