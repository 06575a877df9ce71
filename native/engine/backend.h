// What a unit of one instruction set and one precision offers to the host. S is the backend's scalar, float
// or double; `void*` stands for S*. Everything is allocated by the host, aligned to 64 bytes: kernels
// allocate nothing, throw nothing, and know no standard library.
#pragma once

#include "plan.h"

namespace liouville {

// How a plan's memory is laid out for a backend. The host owns the arrays.
struct Layout {
  int32_t vectors;        // of a tile
  size_t registerBytes;   // the row registers of one tile
  size_t sharedBytes;     // the shared numbers in S: constant, trained, state, prologue
  size_t packedBytes;     // all packed matrices
  size_t* matrixOffsets;  // bytes, for each matrix
  size_t sumBytes;        // the sums of one group
  size_t* sumOffsets;     // bytes, for each sum
};

// A plan with the parameters of one call.
struct Prepared {
  const Plan* plan;
  const Layout* layout;
  const void* shared;
  const void* packed;
};

// Rows of the call are row-major in S: row r of a port of size k n starts at r k n.
struct RunTask {
  Prepared program;
  const void* const* inputs;  // by port
  void* const* outputs;       // by port; null for one that is not wanted
  int64_t first, last;        // rows first ... last - 1
  void* workspace;            // runWorkspace bytes
  void* sums;                 // sumBytes, zeroed before the first task of a group; null without sums
  const int32_t* cancelled;   // not zero: return soon, leaving the rest undone
};

// An explicit Runge-Kutta method, as in src/ode/tableau.ts.
struct Tableau {
  int32_t stages;
  bool fsal;
  int32_t errorOrder;     // of the step-size control: 1 + min(order, embeddedOrder)
  const double* c;
  const double* a;        // stages x stages, row-major
  const double* b;
  const double* bError;   // null for a method without error estimate
  const double* bCorrection;  // null, or the weights of the estimate that corrects it
};

// Factors on the step from the last three errors, as in src/ode/control.ts.
struct Control {
  double safety, minFactor, maxFactor;
  double beta[3];
  double rejection;
};

enum class Status : int32_t { ok, maxSteps, nonFinite, stepUnderflow };

// One accepted step of one row; its stage states, `stored` times n numbers in S, follow.
struct StepRecord {
  double t, h;
  StepRecord* previous;
};

// Memory for step records that lives as long as the tape. `take` gives `bytes`, or null when there is none.
struct Arena {
  void* (*take)(Arena* self, size_t bytes);
};

struct SolveTask {
  Prepared program;  // inputs t, y and constants; output dy
  int32_t t, y;      // input ports
  Tableau tableau;
  Control control;
  double t0, t1, rtol, atol;
  double stepSize;   // 0: adaptive
  int32_t maxSteps;
  const void* const* inputs;  // by port; null for t
  void* end;                  // states at t1; NaN for rows that failed
  Status* status;
  int32_t *nfe, *accepted, *rejected;
  double* failures;           // for each row t, h, |y|, component; written for rows that fail
  int64_t rows;
  int64_t chunk;              // rows taken from `next` at a time
  int64_t* next;              // shared by all tasks of a call: the first row that nobody has taken
  StepRecord** last;          // for each row its last accepted step; null without a tape
  Arena* arena;
  StepRecord* const* replay;  // for each row the last record of the steps to take; null: choose steps
  void* workspace;            // solveWorkspace bytes
  const int32_t* cancelled;
  int32_t* outOfMemory;       // set when the arena gave null
};

struct PullbackTask {
  Prepared program;           // the transposed field: inputs t, y, constants, cotangent/dy
  int32_t t, y, cotangent;    // input ports
  int32_t cotangentT;         // output port
  int32_t cotangentY;         // output port
  Tableau tableau;
  double t1;
  const void* const* inputs;  // by port: the constants; null for t, y, cotangent
  const void* end;            // cotangents of the end states, row-major
  void* const* outputs;       // by port: cotangents of the start states and of the constants, zeroed by the
                              // host; null for t
  const int64_t* rows;        // the rows of this group that have steps to take back, most steps first
  int64_t rowCount;
  StepRecord* const* last;    // by row
  void* workspace;            // pullbackWorkspace bytes
  void* sums;
  const int32_t* cancelled;
};

enum class Draw : int32_t { uniform, normal, rademacher };

// One step of Adam without clipping, decay or average (src/engine/reference/adam.ts).
struct AdamRule {
  double learningRate, beta1, beta2, epsilon, meanCorrection, squareCorrection;
};

inline constexpr int32_t mostGroupsAtOnce = 8;

struct Backend {
  const char* isa;
  int32_t scalarBytes;
  int32_t lanes;
  // Fills the layout; its offset arrays have room for the plan's matrices and sums.
  void (*layout)(const Plan*, Layout*);
  size_t (*runWorkspace)(const Plan*, const Layout*);
  size_t (*solveWorkspace)(const Plan*, const Layout*, const Tableau*, int32_t n, int64_t chunk);
  size_t (*pullbackWorkspace)(const Plan*, const Layout*, const Tableau*, int32_t n);
  // Bytes of a StepRecord with its stage states.
  size_t (*recordBytes)(const Tableau*, int32_t n);
  // Runs the prologue in double. `spaces` has a pointer for each space; row and total are null.
  void (*prologue)(const Plan*, double* const* spaces);
  // Converts the shared numbers that the body reads.
  void (*share)(const Plan*, const double* const* spaces, void* shared);
  // Packs matrices first ... last - 1.
  void (*pack)(const Plan*, const Layout*, const double* const* spaces, int32_t first, int32_t last, void* packed);
  void (*run)(const RunTask*);
  void (*solve)(const SolveTask*);
  void (*pullback)(const PullbackTask*);
  // Adds up the sums of 1 to mostGroupsAtOnce groups in double: neighbours, then neighbours among the results,
  // an odd one going up as it is. The numbers of sum i go to to[i]. Of the numbers of all sums, one behind the
  // other, it writes about first ... last - 1: parts that follow each other make the whole.
  void (*addUp)(const Plan*, const Layout*, const void* const* sums, int32_t groups, int64_t first, int64_t last,
                double* const* to);
  // Runs the epilogue in double; `spaces` now has total and epilogue too.
  void (*epilogue)(const Plan*, double* const* spaces);
  // Draws offset, offset + 1, ... of a stream: uniform, normal or rademacher.
  void (*fill)(Draw, double* to, size_t count, uint64_t seed, uint64_t stream, uint64_t offset);
  void (*adam)(double* parameters, const double* gradient, double* mean, double* square, size_t count,
               const AdamRule*);
};

}  // namespace liouville

// One for each unit: liouville_backend_avx512_f32 and so on. The narrowest instruction set comes first.
#if defined(__aarch64__)
#define LIOUVILLE_BACKENDS(X) X(neon)
#else
#define LIOUVILLE_BACKENDS(X) X(baseline) X(avx2) X(avx512)
#endif
