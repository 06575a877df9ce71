// One step of an explicit Runge-Kutta method in all lanes at once (src/ode/stepper.ts).
#pragma once

#include "blocks.h"
#include "clocks.h"
#include "machine.h"
#include "rows.h"
#include "written-body.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Does the body of a field read this input, or give it as the output?
inline bool reads(const Plan& plan, int32_t input) {
  const int32_t place = plan.values[input].offset;
  const auto isThere = [&](int32_t value) {
    return plan.values[value].space == Space::row && plan.values[value].offset == place;
  };
  const auto isOperand = [&](const ChainOperand& x) {
    return (x.source == Source::planes || x.source == Source::plane) && x.offset == place;
  };
  for (int32_t i = 0; i < plan.body.count; i++) {
    const Instruction& instruction = plan.body.instructions[i];
    if (instruction.op == Op::chain) {
      const Chain& chain = plan.chains[instruction.index];
      for (int32_t g = 0; g < chain.groupCount; g++) {
        for (int32_t o = 0; o < chain.groups[g].count; o++) {
          for (const ChainOperand& x : chain.groups[g].ops[o].operands) {
            if (isOperand(x)) return true;
          }
        }
      }
      continue;
    }
    // Of a product, one of three is no value but a number, which is looked at in vain.
    for (int32_t j = 0; j < instruction.inputCount; j++) {
      if (isThere(instruction.inputs[j])) return true;
    }
  }
  return isThere(plan.outputs[0].value);
}

// States and derivatives of the stages, in planes.
template <class S> class Stepper {
 public:
  using V = Vec<S>;

  Stepper(const SolveTask& task, Bump& bump)
      : task_(task),
        plan_(*task.program.plan),
        n_(plan_.values[plan_.outputs[0].value].n),
        stages_(task.tableau.stages),
        readsTime_(reads(plan_, plan_.inputs[task.t].value)),
        machine_(task.program,
                 reinterpret_cast<S*>(bump.take<char>(task.program.layout->registerBytes)), nullptr),
        body_(plan_, machine_, plan_.outputs[0].value, bump) {
    const size_t state = size_t(n_) * maxTileLanes<S>;
    states_ = bump.take<S>(state * stages_);
    slopes_ = bump.take<S>(state * stages_);
    steps_ = bump.take<S>(maxTileLanes<S>);
    a_ = bump.take<S>(size_t(stages_) * stages_);
    b_ = bump.take<S>(stages_);
    error_ = bump.take<S>(stages_);
    correction_ = bump.take<S>(stages_);
    if (bump.block == nullptr) return;
    convert(a_, task.tableau.a, stages_ * stages_);
    convert(b_, task.tableau.b, stages_);
    convert(error_, task.tableau.bError, stages_);
    convert(correction_, task.tableau.bCorrection, stages_);
  }

  Machine<S>& machine() { return machine_; }
  int32_t width() const { return n_; }
  S* state() { return states_; }
  S* slope() { return slopes_; }
  // The end of the step: an input of the field, which it does not change.
  S* next() { return machine_.planes(plan_.inputs[task_.y].value); }
  // With a tape; the last stage of a method that is first same as last is `next`.
  S* stageState(int32_t stage) { return states_ + stage * stateStride(); }
  S* stageSlope(int32_t stage) { return slopes_ + stage * stateStride(); }

  // The field at the current states.
  void evaluateStart(const Clocks<S>& clocks) {
    copyPlanes<S>(next(), states_, n_, machine_.tile());
    evaluate(0, [&](ptrdiff_t at) LIOUVILLE_INLINE_BODY { return loadAligned<F64>(clocks.t + at); });
  }

  // Stages and `next` of a step of clocks.step in every lane.
  void attempt(const Clocks<S>& clocks) {
    overPlanes<S>(1, machine_.tile(), [&](ptrdiff_t lane) {
      storeAligned<V>(steps_ + lane, loadNarrowed<S>(clocks.step, lane));
    });
    const Tableau& tableau = task_.tableau;
    for (int32_t stage = 1; stage < stages_; stage++) {
      combine(a_ + stage * stages_, stage);
      if (task_.last != nullptr) copyPlanes<S>(stageState(stage), next(), n_, machine_.tile());
      const double c = tableau.c[stage];
      evaluate(stage, [&](ptrdiff_t at) LIOUVILLE_INLINE_BODY {
        if (c == 1) return loadAligned<F64>(clocks.tNext + at);
        return loadAligned<F64>(clocks.t + at) + c * loadAligned<F64>(clocks.step + at);
      });
    }
    if (!tableau.fsal) combine(b_, stages_);
  }

  // For each lane the square of the norm of the error: the mean square of its estimate over its tolerance, corrected where
  // the method says so; NaN where anything is not finite. Nobody asks for the root.
  void errorSquares(double* result) {
    if (task_.tableau.bCorrection == nullptr) return errorSquares<false>(result);
    return errorSquares<true>(result);
  }

  // The same for steps without an error test: 0 where all is finite.
  void finiteSquares(double* result) {
    const ptrdiff_t stride = machine_.stride();
    const S* const end = next();
    overPlanes<S>(1, machine_.tile(), [&](ptrdiff_t lane) {
      V worst = zero<V>();
      for (int32_t i = 0; i < n_; i++) {
        const V x = loadAligned<V>(end + i * stride + lane);
        worst += x - x;
      }
      storeWidened(result + lane, worst);
    });
  }

  // The step is taken in the lanes whose error is at most 1.
  void accept(const double* squares) {
    const ptrdiff_t stride = machine_.stride();
    const bool fsal = task_.tableau.fsal;
    S *states = states_, *slopes = slopes_;
    const S *const end = next(), *const last = stageSlope(stages_ - 1);
    overPlanes<S>(1, machine_.tile(), [=, this](ptrdiff_t lane) {
      const auto taken = loadNarrowed<S>(squares, lane) <= set1<V>(S(1));
      const auto take = [&](S* to, const S* from) LIOUVILLE_INLINE_BODY {
        storeAligned<V>(to, select<V>(taken, loadAligned<V>(from), loadAligned<V>(to)));
      };
      for (int32_t i = 0; i < n_; i++) take(states + i * stride + lane, end + i * stride + lane);
      for (int32_t i = 0; fsal && i < n_; i++) take(slopes + i * stride + lane, last + i * stride + lane);
    });
  }

  void moveTo(int32_t from, int32_t to) {
    const ptrdiff_t stride = machine_.stride();
    moveLane(states_, n_, stride, from, to);
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
  const bool readsTime_;
  Machine<S> machine_;
  WrittenBody<S> body_;
  S *states_, *slopes_, *steps_;
  S *a_, *b_, *error_, *correction_;  // the coefficients

  ptrdiff_t stateStride() const { return ptrdiff_t(n_) * machine_.stride(); }

  static void convert(S* to, const double* from, int32_t count) {
    for (int32_t i = 0; from != nullptr && i < count; i++) to[i] = S(from[i]);
  }

  // The field at `next`, at the times time(offset), in doubles.
  template <class Time> LIOUVILLE_INLINE void evaluate(int32_t stage, Time time) {
    const Tile tile = machine_.tile();
    if (readsTime_) {
      S* t = machine_.planes(plan_.inputs[task_.t].value);
      overPlanes<S>(1, tile, [&](ptrdiff_t lane) { storeAligned<V>(t + lane, narrowed<S>(lane, time)); });
    }
    if (body_.isWritten()) return body_.run(stageSlope(stage));
    machine_.body();
    copySlot<S>(stageSlope(stage), machine_.slot(plan_.outputs[0].value), n_, tile);
  }

  // sum_j coefficients[j] k_j of U vectors that follow each other, by increasing j; `k` is where those of k_0 are.
  template <int U>
  LIOUVILLE_INLINE static Block<V, U> weighted(const S* coefficients, int32_t count, const S* k, ptrdiff_t stride) {
    Block<V, U> sum = blockOf<V, U>([](int) LIOUVILLE_INLINE_BODY { return zero<V>(); });
    for (int32_t j = 0; j < count; j++, k += stride) {
      const V weight = set1<V>(coefficients[j]);
      sum = blockOf<V, U>([&](int u) LIOUVILLE_INLINE_BODY {
        return fma(weight, loadAligned<V>(k + u * lanes<V>), sum.at[u]);
      });
    }
    return sum;
  }

  // next = y + h sum_j coefficients[j] k_j
  void combine(const S* coefficients, int32_t count) {
    const ptrdiff_t stride = machine_.stride(), stageStride = stateStride();
    const Tile tile = machine_.tile();
    S* to = next();
    const S *y = states_, *k = slopes_;
    const S* const h = steps_;
    for (int32_t i = 0; i < n_; i++, to += stride, y += stride, k += stride) {
      overBlocks<S>(tile, [&](auto size, ptrdiff_t lane) LIOUVILLE_INLINE_BODY {
        constexpr int U = decltype(size)::value;
        const auto sum = weighted<U>(coefficients, count, k + lane, stageStride);
        const auto end = blockOf<V, U>([&](int u) LIOUVILLE_INLINE_BODY {
          const ptrdiff_t at = lane + u * lanes<V>;
          return fma(loadAligned<V>(h + at), sum.at[u], loadAligned<V>(y + at));
        });
#pragma GCC unroll 8
        for (int u = 0; u < U; u++) storeAligned<V>(to + lane + u * lanes<V>, end.at[u]);
      });
    }
  }

  template <bool corrected> void errorSquares(double* result) {
    const ptrdiff_t stride = machine_.stride(), stageStride = stateStride();
    const Tile tile = machine_.tile();
    const V rtol = set1<V>(S(task_.rtol)), atol = set1<V>(S(task_.atol)), share = set1<V>(S(1) / S(n_));
    const V infinity = set1<V>(S(__builtin_inf())), nan = set1<V>(S(__builtin_nan("")));
    const S *states = states_, *slopes = slopes_, *steps = steps_;
    const S* const end = next();
    overBlocks<S>(tile, [&](auto size, ptrdiff_t lane) LIOUVILLE_INLINE_BODY {
      constexpr int U = decltype(size)::value;
      const auto nothing = blockOf<V, U>([](int) LIOUVILLE_INLINE_BODY { return zero<V>(); });
      auto squares = nothing, corrections = nothing;
      for (int32_t i = 0; i < n_; i++) {
        const ptrdiff_t at = i * stride + lane;
        const auto sum = weighted<U>(error_, stages_, slopes + at, stageStride);
        const auto other = corrected ? weighted<U>(correction_, stages_, slopes + at, stageStride) : nothing;
#pragma GCC unroll 8
        for (int u = 0; u < U; u++) {
          const ptrdiff_t along = u * lanes<V>;
          const V h = loadAligned<V>(steps + lane + along);
          const V y = abs(loadAligned<V>(states + at + along)), next = abs(loadAligned<V>(end + at + along));
          // y is finite, and `max` gives `next` where that is NaN.
          const V scale = atol + rtol * max(y, next);
          const V ratio = select<V>(scale < infinity, h * sum.at[u] / scale, nan);
          squares.at[u] += ratio * ratio;
          if constexpr (corrected) {
            const V correction = h * other.at[u] / scale;
            corrections.at[u] += correction * correction;
          }
        }
      }
#pragma GCC unroll 8
      for (int u = 0; u < U; u++) {
        V square = squares.at[u] * share;
        if constexpr (corrected) {
          const V both = square + set1<V>(S(0.01)) * (corrections.at[u] * share);
          square = select<V>(both == zero<V>(), both, square * (square / both));
        }
        storeWidened(result + lane + u * lanes<V>, square);
      }
    });
  }
};

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
