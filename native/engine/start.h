// The first evaluation of the field and the first step size, for a chunk of rows in dense tiles
// (src/ode/initial-step.ts): when a row comes into a lane later, it has both already.
#pragma once

#include "machine.h"
#include "norm.h"
#include "rows.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// How many evaluations a row has had, and whether they were finite.
struct FirstStep {
  double h;         // the first step size; 0 with fixed steps
  int32_t nfe;
  bool finite;
};

template <class S> class Starter {
 public:
  using V = Vec<S>;

  Starter(const SolveTask& task, Bump& bump)
      : task_(task),
        plan_(*task.program.plan),
        n_(plan_.values[plan_.outputs[0].value].n),
        machine_(task.program,
                 reinterpret_cast<S*>(bump.take<char>(task.program.layout->registerBytes)), nullptr) {
    const size_t lanesOfTile = maxTileLanes<S>;
    trial_ = bump.take<S>(size_t(n_) * lanesOfTile);
    slope_ = bump.take<S>(size_t(n_) * lanesOfTile);
    start_ = bump.take<S>(size_t(n_) * lanesOfTile);
  }

  // Rows first ... first + count - 1: their slopes, row-major, and starts.
  void run(int64_t first, int32_t count, S* slopes, FirstStep* starts) {
    if (task_.t0 == task_.t1) {
      for (int32_t i = 0; i < count; i++) starts[i] = {0, 0, true};
      return;
    }
    const int32_t tileRows = int32_t(machine_.stride());
    for (int32_t done = 0; done < count; done += tileRows) {
      const int32_t some = count - done < tileRows ? count - done : tileRows;
      startTile(first + done, some, slopes + ptrdiff_t(done) * n_, starts + done);
    }
  }

 private:
  const SolveTask& task_;
  const Plan& plan_;
  const int32_t n_;
  Machine<S> machine_;
  S* trial_;
  S* slope_;
  S* start_;

  S* input(int32_t port) { return machine_.planes(plan_.inputs[port].value); }

  void evaluate(const double* t) {
    S* times = input(task_.t);
    overPlanes<S>(1, machine_.tile(), [&](ptrdiff_t lane) {
      storeAligned<V>(times + lane, loadNarrowed<S>(t, lane));
    });
    machine_.body();
  }

  void loadRows(int64_t first, int32_t count) {
    const ptrdiff_t stride = machine_.stride();
    for (int32_t port = 0; port < plan_.inputCount; port++) {
      if (port == task_.t) continue;
      const Value& value = plan_.values[plan_.inputs[port].value];
      const int32_t width = value.k * value.n;
      const S* rows = static_cast<const S*>(task_.inputs[port]);
      for (int32_t lane = 0; lane < machine_.tile().used * lanes<V>; lane++) {
        const int64_t row = first + (lane < count ? lane : count - 1);
        loadRow<S>(input(port), stride, lane, rows + row * width, width);
      }
    }
  }

  void readSlope(S* to) { copySlot<S>(to, machine_.slot(plan_.outputs[0].value), n_, machine_.tile()); }

  void startTile(int64_t first, int32_t count, S* slopes, FirstStep* starts) {
    const ptrdiff_t stride = machine_.stride();
    machine_.setActive(count);
    loadRows(first, count);
    alignas(64) double t[maxTileLanes<S>];
    bool finite[maxTileLanes<S>], finiteState[maxTileLanes<S>];
    for (double& time : t) time = task_.t0;
    evaluate(t);
    readSlope(slope_);
    finiteLanes<S>(finite, slope_, n_, machine_.tile());
    finiteLanes<S>(finiteState, input(task_.y), n_, machine_.tile());
    for (int32_t lane = 0; lane < count; lane++) {
      storeRow<S>(slopes + ptrdiff_t(lane) * n_, slope_, stride, lane, n_);
      starts[lane] = {0, 1, finite[lane] && finiteState[lane]};
    }
    if (task_.stepSize == 0 && task_.replay == nullptr) chooseSteps(count, starts);
  }

  void chooseSteps(int32_t count, FirstStep* starts) {
    const Tolerance tolerance{task_.rtol, task_.atol};
    const double limit = __builtin_fabs(task_.t1 - task_.t0), direction = task_.t1 > task_.t0 ? 1 : -1;
    const Tile tile = machine_.tile();
    S* y = input(task_.y);
    // h0: zero where the norms leave nothing to go by.
    alignas(64) double d0[maxTileLanes<S>], d1[maxTileLanes<S>], d2[maxTileLanes<S>], t[maxTileLanes<S>];
    alignas(64) double h0[maxTileLanes<S>], h[maxTileLanes<S>];
    scaledNorm<S>(d0, y, y, n_, tolerance, tile);
    scaledNorm<S>(d1, slope_, y, n_, tolerance, tile);
    overDoubles(tile.used * lanes<V>, [&](ptrdiff_t at) {
      const F64 size = loadAligned<F64>(d0 + at), rate = loadAligned<F64>(d1 + at);
      const F64 tiny = set1<F64>(1e-5), end = set1<F64>(limit);
      F64 trial = select<F64>((size < tiny) | (rate < tiny), set1<F64>(1e-6), 0.01 * size / rate);
      trial = select<F64>(trial > zero<F64>(), select<F64>(1.01 * trial >= end, end, trial), zero<F64>());
      storeAligned<F64>(h0 + at, trial);
      storeAligned<F64>(t + at, select<F64>(trial == end, set1<F64>(task_.t1), task_.t0 + direction * trial));
    });
    moveAlong(y, h0, direction);
    evaluate(t);
    readSlope(trial_);
    overPlanes<S>(n_, tile, [&](ptrdiff_t at) {
      storeAligned<V>(trial_ + at, loadAligned<V>(trial_ + at) - loadAligned<V>(slope_ + at));
    });
    scaledNorm<S>(d2, trial_, start_, n_, tolerance, tile);
    overDoubles(tile.used * lanes<V>, [&](ptrdiff_t at) {
      const F64 tried = loadAligned<F64>(h0 + at);
      storeAligned<F64>(h + at, firstStep(tried, loadAligned<F64>(d1 + at), loadAligned<F64>(d2 + at) / tried, limit));
    });
    for (int32_t lane = 0; lane < count; lane++) {
      if (!starts[lane].finite) continue;
      const bool known = h0[lane] > 0;
      starts[lane].h = known ? h[lane] : limit < 1e-6 ? limit : 1e-6;
      starts[lane].nfe += known;
    }
  }

  F64 firstStep(F64 h0, F64 d1, F64 d2, double limit) const {
    const F64 rate = select<F64>(d1 >= d2, d1, d2);  // NaN where d2 is
    const F64 cautious = max(h0 * 1e-3, set1<F64>(1e-6));
    const F64 h1 = select<F64>(rate <= set1<F64>(1e-15), cautious, power(0.01 / rate, 1.0 / task_.tableau.errorOrder));
    const F64 h = min(min(100 * h0, h1), set1<F64>(limit));
    return select<F64>(rate < set1<F64>(__builtin_inf()), h, h0 / 100);
  }

  // y + h f in place of y, which is kept as start_.
  void moveAlong(S* y, const double* h, double direction) {
    const ptrdiff_t stride = machine_.stride();
    const Tile tile = machine_.tile();
    copyPlanes<S>(start_, y, n_, tile);
    overPlanes<S>(1, tile, [&](ptrdiff_t lane) {
      const V size = narrowed<S>(lane, [&](ptrdiff_t at) { return direction * loadAligned<F64>(h + at); });
      for (int32_t i = 0; i < n_; i++) {
        const ptrdiff_t at = i * stride + lane;
        storeAligned<V>(y + at, loadAligned<V>(y + at) + size * loadAligned<V>(slope_ + at));
      }
    });
  }
};

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
