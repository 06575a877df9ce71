// Runs a program over rows, tile after tile.
#pragma once

#include "layout.h"
#include "machine.h"
#include "rows.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

template <class S> size_t runWorkspace(const Plan*, const Layout* layout) { return layout->registerBytes; }

template <class S> void run(const RunTask* task) {
  const Plan& plan = *task->program.plan;
  Machine<S> machine(task->program, static_cast<S*>(task->workspace), task->sums);
  const ptrdiff_t stride = machine.stride();
  for (int64_t first = task->first; first < task->last; first += stride) {
    if (__atomic_load_n(task->cancelled, __ATOMIC_RELAXED) != 0) return;
    const int32_t count = task->last - first < stride ? int32_t(task->last - first) : int32_t(stride);
    machine.setActive(count);
    const int32_t used = machine.tile().used * lanes<Vec<S>>;
    for (int32_t port = 0; port < plan.inputCount; port++) {
      const Value& value = plan.values[plan.inputs[port].value];
      const int32_t width = value.k * value.n;
      const S* rows = static_cast<const S*>(task->inputs[port]) + first * width;
      S* planes = machine.planes(plan.inputs[port].value);
      for (int32_t lane = 0; lane < used; lane++) {
        loadRow<S>(planes, stride, lane, rows + (lane < count ? lane : count - 1) * ptrdiff_t(width), width);
      }
    }
    machine.body();
    for (int32_t port = 0; port < plan.outputCount; port++) {
      if (task->outputs[port] == nullptr) continue;
      const Value& value = plan.values[plan.outputs[port].value];
      const int32_t width = value.k * value.n;
      S* rows = static_cast<S*>(task->outputs[port]) + first * width;
      const Slot<S> slot = machine.slot(plan.outputs[port].value);
      for (int32_t lane = 0; lane < count; lane++) {
        if (slot.row) storeRow<S>(rows + lane * ptrdiff_t(width), slot.at, stride, lane, width);
        else storeRow<S>(rows + lane * ptrdiff_t(width), slot.at, 1, 0, width);
      }
    }
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE
