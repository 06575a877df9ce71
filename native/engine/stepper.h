// One step of an explicit Runge-Kutta method in all lanes at once (src/ode/stepper.ts).
#pragma once

#include "lanes.h"
#include "machine.h"
#include "norm.h"
#include "rows.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// States and derivatives of the stages, in planes.
template <class S> class Stepper {
 public:
  using V = Vec<S>;

  Stepper(const SolveTask& task, Bump& bump)
      : task_(task),
        plan_(*task.program.plan),
        n_(plan_.values[plan_.outputs[0].value].n),
        stages_(task.tableau.stages),
        machine_(task.program,
                 reinterpret_cast<S*>(bump.take<char>(task.program.layout->registerBytes)), nullptr) {
    const size_t state = size_t(n_) * maxTileLanes<S>;
    states_ = bump.take<S>(state * stages_);
    slopes_ = bump.take<S>(state * stages_);
    next_ = task.tableau.fsal ? states_ + (stages_ - 1) * stateStride() : bump.take<S>(state);
    steps_ = bump.take<S>(maxTileLanes<S>);
  }

  Machine<S>& machine() { return machine_; }
  int32_t width() const { return n_; }
  S* state() { return states_; }
  S* slope() { return slopes_; }
  S* next() { return next_; }
  S* stageState(int32_t stage) { return states_ + stage * stateStride(); }
  S* stageSlope(int32_t stage) { return slopes_ + stage * stateStride(); }

  // The field at the current states.
  void evaluateStart(const Clock* clocks) {
    evaluate(0, [&](int32_t lane) { return clocks[lane].t; }, clocks);
  }

  // Stages and `next` of a step of clocks[lane].step in every lane.
  void attempt(const Clock* clocks, int32_t laneCount) {
    for (int32_t lane = 0; lane < laneCount; lane++) steps_[lane] = S(clocks[lane].step);
    const Tableau& tableau = task_.tableau;
    for (int32_t stage = 1; stage < stages_; stage++) {
      combine(stageState(stage), tableau.a + stage * stages_, stage);
      const double c = tableau.c[stage];
      evaluate(stage,
               [&](int32_t lane) { return c == 1 ? clocks[lane].tNext : clocks[lane].t + c * clocks[lane].step; },
               clocks);
    }
    if (!tableau.fsal) combine(next_, tableau.b, stages_);
  }

  // For each lane the root mean square of the error estimate over its tolerance, corrected where the method says so;
  // NaN where anything is not finite.
  void errorNorm(double* norm) {
    const Tile tile = machine_.tile();
    const ptrdiff_t stride = machine_.stride();
    const V rtol = set1<V>(S(task_.rtol)), atol = set1<V>(S(task_.atol));
    const V infinity = set1<V>(S(__builtin_inf())), nan = set1<V>(S(__builtin_nan("")));
    const double* bCorrection = task_.tableau.bCorrection;
    overPlanes<S>(1, tile, [&](ptrdiff_t lane) {
      const V h = loadAligned<V>(steps_ + lane);
      V squares = zero<V>(), corrections = zero<V>();
      for (int32_t i = 0; i < n_; i++) {
        const ptrdiff_t at = i * stride + lane;
        const V sum = weighted(task_.tableau.bError, stages_, at);
        const V y = abs(loadAligned<V>(states_ + at)), next = abs(loadAligned<V>(next_ + at));
        const V scale = atol + rtol * function::larger(y, next);
        const V ratio = select<V>(scale < infinity, h * sum / scale, nan);
        squares += ratio * ratio;
        if (bCorrection == nullptr) continue;
        const V correction = h * weighted(bCorrection, stages_, at) / scale;
        corrections += correction * correction;
      }
      const V width = set1<V>(S(n_)), mean = squares / width;
      V root = sqrt(mean);
      if (bCorrection != nullptr) {
        const V both = sqrt(mean + set1<V>(S(0.01)) * (corrections / width));
        root = select<V>(both == zero<V>(), both, mean / both);
      }
      for (int l = 0; l < lanes<V>; l++) norm[lane + l] = double(root[l]);
    });
  }

  // The step of one lane is taken.
  void accept(int32_t lane) {
    const ptrdiff_t stride = machine_.stride();
    for (int32_t i = 0; i < n_; i++) states_[i * stride + lane] = next_[i * stride + lane];
    if (!task_.tableau.fsal) return;
    const S* last = stageSlope(stages_ - 1);
    for (int32_t i = 0; i < n_; i++) slopes_[i * stride + lane] = last[i * stride + lane];
  }

  void moveTo(int32_t from, int32_t to) {
    const ptrdiff_t stride = machine_.stride();
    moveLane(states_, n_ * stages_, stride, from, to);
    moveLane(slopes_, n_ * stages_, stride, from, to);
    for (int32_t port = 0; port < plan_.inputCount; port++) {
      const Value& value = plan_.values[plan_.inputs[port].value];
      moveLane(machine_.planes(plan_.inputs[port].value), value.k * value.n, stride, from, to);
    }
  }

 private:
  const SolveTask& task_;
  const Plan& plan_;
  const int32_t n_, stages_;
  Machine<S> machine_;
  S *states_, *slopes_, *next_, *steps_;

  ptrdiff_t stateStride() const { return ptrdiff_t(n_) * machine_.stride(); }

  template <class Time> void evaluate(int32_t stage, Time time, const Clock*) {
    const Tile tile = machine_.tile();
    const ptrdiff_t stride = machine_.stride();
    S* t = machine_.planes(plan_.inputs[task_.t].value);
    for (int32_t lane = 0; lane < tile.used * lanes<V>; lane++) t[lane] = S(time(lane));
    copyPlanes<S>(machine_.planes(plan_.inputs[task_.y].value), stageState(stage), n_, tile);
    machine_.body();
    const Slot<S> dy = machine_.slot(plan_.outputs[0].value);
    S* to = stageSlope(stage);
    if (dy.row) return copyPlanes<S>(to, dy.at, n_, tile);
    for (int32_t i = 0; i < n_; i++) fillPlanes<S>(to + i * stride, dy.at[i], 1, tile);
  }

  LIOUVILLE_INLINE V weighted(const double* coefficients, int32_t count, ptrdiff_t at) const {
    V sum = zero<V>();
    for (int32_t j = 0; j < count; j++) {
      sum = fma(set1<V>(S(coefficients[j])), loadAligned<V>(slopes_ + j * stateStride() + at), sum);
    }
    return sum;
  }

  // to = y + h sum_j coefficients[j] k_j
  void combine(S* to, const double* coefficients, int32_t count) {
    const ptrdiff_t stride = machine_.stride();
    overPlanes<S>(1, machine_.tile(), [&](ptrdiff_t lane) {
      const V h = loadAligned<V>(steps_ + lane);
      for (int32_t i = 0; i < n_; i++) {
        const ptrdiff_t at = i * stride + lane;
        storeAligned<V>(to + at, fma(h, weighted(coefficients, count, at), loadAligned<V>(states_ + at)));
      }
    });
  }
};

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
