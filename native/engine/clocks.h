// The clocks of an ODE's lanes: every row has its own time, step, counts and error control
// (src/ode/adaptive-walk.ts and fixed-walk.ts say what happens to one row). All lanes of a vector decide at once.
#pragma once

#include "lanes.h"
#include "norm.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

inline constexpr double leastPreviousError = 1e-4;

// The least step that t can resolve: 16 units of its last place.
LIOUVILLE_INLINE F64 leastStep(F64 t) { return max(set1<F64>(16 * 0x1p-52) * abs(t), set1<F64>(1e-300)); }

// A number for each lane, in planes. Times and steps are doubles whatever S is; counts are doubles too, so that they
// are added up beside them.
template <class S> struct Clocks {
  static constexpr ptrdiff_t stride = maxTileLanes<S>;
  static constexpr int32_t planes = 9;

  double* t;
  double *tNext, *step;            // the end of this attempt, and its signed size
  double* h;                       // the size proposed for the next one
  double* error;                   // the square of that of the last attempt, which was taken where this is at most 1
  double *logError, *logEarlier;   // logarithms of the errors of the two steps before
  double *attempts, *accepted;

  explicit Clocks(Bump& bump) : t(bump.take<double>(stride * planes)) {
    double** const others[] = {&tNext, &step, &h, &error, &logError, &logEarlier, &attempts, &accepted};
    for (int32_t i = 0; i < planes - 1; i++) *others[i] = t == nullptr ? nullptr : t + (i + 1) * stride;
  }

  // Ends the attempts of a vector of lanes.
  void advance(F64 attemptError, ptrdiff_t at) const {
    const F64 one = set1<F64>(1), now = loadAligned<F64>(t + at), count = loadAligned<F64>(accepted + at);
    const M64 taken = attemptError <= one;
    storeAligned<F64>(error + at, attemptError);
    storeAligned<F64>(t + at, select<F64>(taken, loadAligned<F64>(tNext + at), now));
    storeAligned<F64>(attempts + at, loadAligned<F64>(attempts + at) + one);
    storeAligned<F64>(accepted + at, select<F64>(taken, count + one, count));
  }

  void move(int32_t from, int32_t to) { moveLane(t, planes, stride, from, to); }
};

// Error control: a digital filter over the errors (src/ode/control.ts).
class ErrorControl {
 public:
  explicit ErrorControl(const SolveTask& task)
      : t0_(task.t0),
        t1_(task.t1),
        direction_(task.t1 > task.t0 ? 1 : -1),
        mostAttempts_(task.maxSteps),
        control_(task.control),
        logLeast_(log(set1<F64>(leastPreviousError))[0]) {
    const double k = task.tableau.errorOrder;
    for (int32_t i = 0; i < 3; i++) growth_[i] = -task.control.beta[i] / k;
    shrinkage_ = -task.control.rejection / k;
  }

  // A lane at the begin, with a first step; 0 for other ways to choose steps.
  template <class S> void begin(const Clocks<S>& clocks, int32_t lane, double h) const {
    const double least = leastStep(set1<F64>(t0_))[0];
    clocks.t[lane] = clocks.tNext[lane] = t0_;
    clocks.step[lane] = 0;
    clocks.h[lane] = h > 0 && h < least ? least : h;
    clocks.error[lane] = 0;
    clocks.logError[lane] = clocks.logEarlier[lane] = logLeast_;
    clocks.attempts[lane] = clocks.accepted[lane] = 0;
  }

  // Sizes the next steps of a vector of lanes. The bits of those that cannot take one: they have arrived, have had
  // all their attempts, or their time cannot resolve the step.
  template <class S> uint32_t choose(const Clocks<S>& clocks, ptrdiff_t at) const {
    const F64 t = loadAligned<F64>(clocks.t + at), h = loadAligned<F64>(clocks.h + at);
    const F64 end = set1<F64>(t1_);
    const M64 landing = 1.01 * h >= abs(end - t);
    const F64 tNext = select<F64>(landing, end, t + direction_ * h);
    storeAligned<F64>(clocks.tNext + at, tNext);
    storeAligned<F64>(clocks.step + at, tNext - t);
    const M64 exhausted = loadAligned<F64>(clocks.attempts + at) >= set1<F64>(mostAttempts_);
    return laneBits((M64)((t == end) | exhausted | (~landing & (h < leastStep(t)))));
  }

  // Ends the attempts of `count` lanes, `squares` being those of their errors, and sizes the next ones. In loops of their
  // own: logarithm and power are long chains of operations, of which more overlap when a loop is short.
  template <class S> void judge(const Clocks<S>& clocks, const double* squares, int32_t count) const {
    const F64 one = set1<F64>(1);
    alignas(64) double logs[maxTileLanes<S>], factors[maxTileLanes<S>];
    overDoubles(count, [&](ptrdiff_t at) {
      storeAligned<F64>(logs + at, 0.5 * log(loadAligned<F64>(squares + at)));
    });
    const F64 shrinkage = set1<F64>(shrinkage_), safety = set1<F64>(control_.safety);
    const F64 growth[] = {set1<F64>(growth_[0]), set1<F64>(growth_[1]), set1<F64>(growth_[2])};
    overDoubles(count, [&](ptrdiff_t at) {
      const F64 now = loadAligned<F64>(logs + at);
      const F64 previous = loadAligned<F64>(clocks.logError + at), earlier = loadAligned<F64>(clocks.logEarlier + at);
      const F64 grown = fma(growth[0], now, fma(growth[1], previous, growth[2] * earlier));
      const M64 taken = loadAligned<F64>(squares + at) <= one;
      storeAligned<F64>(factors + at, safety * exp(select<F64>(taken, grown, shrinkage * now)));
    });
    const F64 least = set1<F64>(control_.minFactor), most = set1<F64>(control_.maxFactor), end = set1<F64>(t1_);
    const F64 logLeast = set1<F64>(logLeast_);
    overDoubles(count, [&](ptrdiff_t at) {
      const F64 error = loadAligned<F64>(squares + at), h = loadAligned<F64>(clocks.h + at);
      const M64 taken = error <= one;
      // Infinite after an error of zero; zero or NaN after one that is not finite.
      F64 factor = min(max(loadAligned<F64>(factors + at), least), most);
      const M64 mayGrow = loadAligned<F64>(clocks.error + at) <= one;
      factor = select<F64>(mayGrow, factor, min(factor, one));
      // A step that was cut to end at t1 says little about the size of the next one.
      const M64 tells = loadAligned<F64>(clocks.tNext + at) != end;
      factor = select<F64>(taken & ~tells, one, factor);
      storeAligned<F64>(clocks.h + at, select<F64>(taken, h, abs(loadAligned<F64>(clocks.step + at))) * factor);
      const F64 previous = loadAligned<F64>(clocks.logError + at), earlier = loadAligned<F64>(clocks.logEarlier + at);
      const M64 remembered = taken & tells;
      storeAligned<F64>(clocks.logEarlier + at, select<F64>(remembered, previous, earlier));
      const F64 now = max(loadAligned<F64>(logs + at), logLeast);
      storeAligned<F64>(clocks.logError + at, select<F64>(remembered, now, previous));
      clocks.advance(error, at);
    });
  }

 private:
  double t0_, t1_, direction_, mostAttempts_;
  Control control_;
  double logLeast_, growth_[3], shrinkage_;
};

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
