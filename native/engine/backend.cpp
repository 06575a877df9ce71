// One backend: compiled once for each instruction set and each of the scalars float and double.
// LIOUVILLE_SCALAR is float or double, LIOUVILLE_BACKEND the name of the table.
#include "../random/draws.h"
#include "../train/adam.h"
#include "layout.h"
#include "pullback.h"
#include "run.h"
#include "shared.h"
#include "solve.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

static void prologue(const Plan* plan, double* const* spaces) { SharedMachine(*plan, spaces).run(plan->prologue); }
static void epilogue(const Plan* plan, double* const* spaces) { SharedMachine(*plan, spaces).run(plan->epilogue); }

static size_t recordBytes(const Tableau* tableau, int32_t n) {
  return sizeof(StepRecord) + size_t(tableau->stages - tableau->fsal) * n * sizeof(LIOUVILLE_SCALAR);
}

static void fill(Draw draw, double* to, size_t count, uint64_t seed, uint64_t stream, uint64_t offset) {
  switch (draw) {
    case Draw::uniform: return fillUniform<double>(to, count, seed, stream, offset);
    case Draw::normal: return fillNormal<double>(to, count, seed, stream, offset);
    case Draw::rademacher: return fillRademacher<double>(to, count, seed, stream, offset);
  }
}

static void takeAdamStep(double* parameters, const double* gradient, double* mean, double* square, size_t count,
                 const AdamRule* rule) {
  const AdamStep step{rule->learningRate, rule->beta1, rule->beta2, rule->epsilon, rule->meanCorrection,
                      rule->squareCorrection, 0, __builtin_inf(), 0, 0};
  adamUpdate(parameters, gradient, mean, square, nullptr, count, step);
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE

namespace isa = liouville::LIOUVILLE_ISA_NAMESPACE;
using S = LIOUVILLE_SCALAR;

extern const liouville::Backend LIOUVILLE_BACKEND;
const liouville::Backend LIOUVILLE_BACKEND = {
    LIOUVILLE_ISA_NAME,
    int32_t(sizeof(S)),
    isa::lanes<isa::Vec<S>>,
    isa::layOut<S>,
    isa::runWorkspace<S>,
    isa::solveWorkspace<S>,
    isa::pullbackWorkspace<S>,
    isa::recordBytes,
    isa::prologue,
    isa::share<S>,
    isa::packMatrices<S>,
    isa::run<S>,
    isa::solve<S>,
    isa::pullback<S>,
    isa::addUp<S>,
    isa::epilogue,
    isa::fill,
    isa::takeAdamStep,
};
