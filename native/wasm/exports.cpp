// The functions of the WebAssembly module: those of native/host, for a part of the rows of a call, on the one
// thread that an instance has. src/engine/wasm/instance.ts is the other side, and documents the arguments.
#include <algorithm>
#include <map>

#include "../host/cloud-work.h"
#include "../host/misuse.h"
#include "../host/print.h"
#include "../host/run-work.h"
#include "../host/solve-pullback-work.h"
#include "../host/solve-work.h"
#include "tape.h"
#include "values.h"

#define LIOUVILLE_EXPORT(name) __attribute__((export_name(name)))

// float64 has the plain instructions in both builds: its results are the same on every machine.
extern const liouville::Backend liouville_backend_f32, liouville_backend_f64;
extern const liouville::CloudBackend liouville_clouds;

namespace liouville::host::wasm {

namespace {

constexpr int64_t mostRows = int64_t(1) << 31;

Writer results;
std::map<int32_t, std::shared_ptr<Program>> programs;
Scratch scratch;

// What a call of any kind begins with.
struct Call {
  std::shared_ptr<Program> program;
  const Backend* backend = nullptr;
  int64_t rows = 0;
  GroupSlice slice{};
  std::shared_ptr<Parameters> parameters = std::make_shared<Parameters>();
};

// The sizes of what is laid out for a program have 32 bits here: what does not fit is more than there is.
void checkSize(const Plan& plan, int32_t stages) {
  constexpr uint64_t vector = 16, tile = 8 * vector, most = uint64_t(1) << 30;
  const auto size = [&](int32_t i) { return uint64_t(plan.values[i].k + 16) * uint64_t(plan.values[i].n + 16); };
  uint64_t bytes = uint64_t(plan.sizes[int32_t(Space::row)]) * tile * uint64_t(8 + 2 * stages);
  for (int32_t i = 0; i < plan.matrixCount; i++) bytes += size(plan.matrices[i].value) * vector;
  for (int32_t i = 0; i < plan.sumCount; i++) bytes += size(plan.sums[i].value) * vector;
  if (bytes > most) throw std::bad_alloc();
}

std::shared_ptr<Program> readProgram(Reader& from) {
  const auto found = programs.find(int32_t(from.whole(0, INT32_MAX)));
  if (found == programs.end()) refuse("expected the number of a program");
  return found->second;
}

// Numbers: program, float64, rows; rows, first and last group of the whole call; trained parameters of the
// model. Then the arrays of the parameters.
Call readCall(Reader& from) {
  Call call;
  from.numbers();
  call.program = readProgram(from);
  call.backend = from.whole(0, 1) == 0 ? &liouville_backend_f32 : &liouville_backend_f64;
  call.rows = from.whole(1, mostRows);
  call.slice.rows = from.whole(1, mostRows);
  const int64_t groups = groupCount(call.slice.rows);
  call.slice.first = from.whole(0, groups - 1);
  call.slice.last = from.whole(call.slice.first + 1, groups);
  call.parameters->trainedCount = size_t(from.whole(0, INT32_MAX));
  return call;
}

void readParameters(Call& call, Reader& from) {
  call.parameters->trained = from.doubles();
  call.parameters->state = from.doubles();
}

std::unique_ptr<Binding> bound(const Call& call, std::shared_ptr<Program> program) {
  return std::make_unique<Binding>(std::move(program), *call.backend, call.parameters);
}

// Rows for each input; zeros for one that is none, and nothing at all for input `none`.
Columns readColumns(Reader& from, const Program& program, int64_t rows, int32_t scalarBytes, int32_t none) {
  Columns columns;
  for (int32_t port = 0; port < program.plan().inputCount; port++) {
    if (port == none) {
      columns.addNone();
      from.skip();
    } else if (from.isNone()) {
      columns.add(Buffer::zeroed(bytesOf(rows, program.inputWidth(port), size_t(scalarBytes))));
      from.skip();
    } else {
      columns.add(from.scalars(rows * program.inputWidth(port), scalarBytes));
    }
  }
  return columns;
}

void writeOutputs(std::vector<Buffer>& outputs) {
  for (Buffer& buffer : outputs) {
    if (buffer.data() == nullptr) results.none();
    else results.doubles(std::move(buffer));
  }
}

// The places of sums that need those of other parts, and these sums.
void writeSums(const PairwiseSum& sums) {
  std::vector<double> places;
  for (const auto& [place, numbers] : sums.waiting()) {
    places.push_back(double(place.width));
    places.push_back(double(place.index));
  }
  results.doubles(places);
  for (const auto& [place, numbers] : sums.waiting()) results.doubles(numbers);
}

// The first number is what the program will be called by.
void createProgram(Reader from) {
  from.numbers();
  const auto number = int32_t(from.whole(0, INT32_MAX));
  Bytecode code;
  code.values = from.ints();
  code.constants = from.doubles();
  code.prologue = from.ints();
  code.body = from.ints();
  code.epilogue = from.ints();
  code.sizes = from.ints();
  code.inputs = from.ints();
  code.outputs = from.ints();
  code.gradients = from.ints();
  auto program = std::make_shared<Program>(code);
  checkSize(program->plan(), 0);
  programs.insert_or_assign(number, std::move(program));
}

void describe(Reader from) {
  from.numbers();
  results.text(printed(readProgram(from)->plan()));
}

// Gives the outputs; then the gradient, none, or what `gradient` makes it from.
void run(Reader from) {
  Call call = readCall(from);
  readParameters(call, from);
  Columns inputs = readColumns(from, *call.program, call.rows, call.backend->scalarBytes, -1);
  RunWork work({}, bound(call, call.program), call.rows, std::move(inputs),
               call.program->plan().sumCount > 0 ? std::optional(call.slice) : std::nullopt);
  if (work.sums() != nullptr && call.slice.size() != call.rows) refuse("rows: expected those of the groups");
  work.runAll(scratch);
  writeOutputs(work.outputs());
  const bool partial = work.sums() != nullptr && !call.slice.isWhole();
  if (!work.hasGradient() || partial) results.none();
  else results.doubles(std::move(work.gradient()));
  if (partial) writeSums(*work.sums());
}

// The gradient from the sums of all parts, and the sums that stand behind those of the program.
void gradient(Reader from) {
  Call call = readCall(from);
  readParameters(call, from);
  const std::vector<double> places = from.doubles();
  PairwiseSum sums(groupCount(call.slice.rows));
  const size_t totals = size_t(call.program->ports().size(Space::total));
  size_t length = 0;
  for (size_t i = 0; i + 1 < places.size(); i += 2) {
    std::vector<double> numbers = from.doubles();
    if (numbers.size() < totals || (i > 0 && numbers.size() != length)) refuse("expected sums of the program");
    length = numbers.size();
    sums.add(PairwiseSum::Place{int64_t(places[i]), int64_t(places[i + 1])}, std::move(numbers));
  }
  const auto& waiting = sums.waiting();
  if (waiting.size() != 1 || waiting.begin()->first.width != 1) refuse("expected the sums of all groups");
  std::vector<double> all = sums.take();
  const std::vector<double> rest(all.begin() + ptrdiff_t(totals), all.end());
  all.resize(totals);
  const auto binding = bound(call, call.program);
  binding->prepare();
  results.doubles(binding->gradient(all.data()));
  results.doubles(rest);
}

// Numbers of a problem, behind those of the call.
Problem readProblem(Reader& from) {
  Problem problem;
  problem.t = int32_t(from.whole(0, INT32_MAX));
  problem.y = int32_t(from.whole(0, INT32_MAX));
  problem.tableau.stages = int32_t(from.whole(1, 1 << 10));
  problem.tableau.fsal = from.whole(0, 1) != 0;
  problem.tableau.errorOrder = int32_t(from.whole(0, 1 << 10));
  Control& control = problem.control;
  for (double* constant : {&control.safety, &control.minFactor, &control.maxFactor, &control.beta[0], &control.beta[1],
                           &control.beta[2], &control.rejection}) {
    *constant = from.number();
  }
  problem.t0 = from.number();
  problem.t1 = from.number();
  problem.rtol = from.number();
  problem.atol = from.number();
  problem.stepSize = from.number();
  problem.maxSteps = int32_t(from.whole(1, INT32_MAX / 2));
  return problem;
}

void readTableau(Problem& problem, Reader& from) {
  problem.tableau.c = from.doubles();
  problem.tableau.a = from.doubles();
  problem.tableau.b = from.doubles();
  problem.tableau.bError = from.doublesOrNone();
  problem.tableau.bCorrection = from.doublesOrNone();
}

// A problem and its rows, as they were before it was solved.
std::shared_ptr<Solution> readSolution(const Call& call, Problem problem, Reader& from) {
  Columns inputs = readColumns(from, *call.program, call.rows, call.backend->scalarBytes, problem.t);
  const int32_t stages = problem.tableau.stages;
  auto solution =
      std::make_shared<Solution>(bound(call, call.program), call.rows, std::move(inputs), std::move(problem));
  checkSize(call.program->plan(), stages);
  return solution;
}

void solve(Reader from) {
  Call call = readCall(from);
  Problem problem = readProblem(from);
  problem.tape = from.whole(0, 1) != 0;
  const bool replayed = from.whole(0, 1) != 0;
  readParameters(call, from);
  readTableau(problem, from);
  if (replayed) {
    Problem before = problem;
    before.stepSize = 1;  // any that a solve could have had
    auto tape = readSolution(call, std::move(before), from);
    readTape(*tape, from);
    problem.replay = std::move(tape);
  }
  const auto solution = readSolution(call, std::move(problem), from);
  SolveWork work({}, solution);
  work.runAll(scratch);
  results.doubles(std::move(work.y()));
  std::vector<int32_t> status;
  for (const Status s : solution->status) status.push_back(int32_t(s));
  results.ints(status);
  results.doubles(solution->failures);
  results.ints(solution->nfe);
  results.ints(solution->accepted);
  results.ints(solution->rejected);
  if (solution->problem.tape) writeTape(*solution, results);
}

// Gives the cotangents of the inputs; then the gradient and the cotangents of the times, or none and what
// `gradient` makes them from.
void solvePullback(Reader from) {
  Call call = readCall(from);
  Problem problem = readProblem(from);
  const auto transposed = readProgram(from);
  const bool times = from.whole(0, 1) != 0;
  if (call.slice.size() != call.rows) refuse("rows: expected those of the groups");
  readParameters(call, from);
  readTableau(problem, from);
  const int32_t stages = problem.tableau.stages;
  const auto tape = readSolution(call, std::move(problem), from);
  checkSize(transposed->plan(), stages);
  readTape(*tape, from);
  tape->field->prepare();
  Buffer cotangents = from.scalars(tape->rows * tape->width, tape->scalarBytes());
  SolvePullbackWork work({}, tape, transposed, std::move(cotangents), times, call.slice);
  work.runAll(scratch);
  writeOutputs(work.outputs());
  if (call.slice.isWhole()) {
    results.doubles(std::move(work.gradient()));
    results.doubles(std::vector<double>{work.t0(), work.t1()});
  } else {
    results.none();
    writeSums(work.sums());
  }
}

CloudSet readClouds(Reader& from, int32_t dim) {
  CloudSet clouds;
  clouds.data = from.doubles();
  clouds.offsets = from.ints();
  clouds.dim = dim;
  return clouds;
}

// Numbers: the distance, the dimensions of both. Then data and offsets of both, pairs, and a limit for each.
void cloudDistances(Reader from) {
  from.numbers();
  const auto distance = CloudDistance(from.whole(0, 1));
  const auto leftDim = int32_t(from.whole(1, INT32_MAX)), rightDim = int32_t(from.whole(1, INT32_MAX));
  CloudSet left = readClouds(from, leftDim), right = readClouds(from, rightDim);
  std::vector<int32_t> pairs = from.ints();
  CloudWork work({}, liouville_clouds, distance, std::move(left), std::move(right), std::move(pairs), from.doubles());
  work.runAll(scratch);
  results.doubles(std::move(work.results()));
}

// Calls a function. 0: `results` has what it gave; else it has the code and the text of an error.
int32_t guarded(void (*body)(Reader), const Array* arrays, int32_t count) {
  results.clear();
  const char* code = "out-of-memory";
  std::string message = "There is not enough memory for this call: use fewer rows at a time.";
  try {
    body(Reader(arrays, count));
    return 0;
  } catch (const Misuse& misuse) {
    code = misuse.code();
    message = misuse.what();
  } catch (...) {
    // The standard library throws nothing else here than that memory has run out.
    scratch = {};
  }
  results.clear();
  results.text(code);
  results.text(message);
  return 1;
}

}  // namespace

extern "C" {

void __wasm_call_ctors();

// To be called once, before everything else.
LIOUVILLE_EXPORT("initialize") void initialize() { __wasm_call_ctors(); }

LIOUVILLE_EXPORT("allocate") void* allocate(uint32_t bytes) {
  void* block = nullptr;
  return posix_memalign(&block, 64, bytes > 0 ? bytes : 1) == 0 ? block : nullptr;
}
LIOUVILLE_EXPORT("release") void release(void* block) { std::free(block); }

LIOUVILLE_EXPORT("resultCount") int32_t resultCount() { return results.count(); }
LIOUVILLE_EXPORT("resultArrays") const Array* resultArrays() { return results.arrays(); }
LIOUVILLE_EXPORT("clear") void clear() { results.clear(); }

LIOUVILLE_EXPORT("createProgram") int32_t callCreateProgram(const Array* arrays, int32_t count) {
  return guarded(&createProgram, arrays, count);
}
LIOUVILLE_EXPORT("dropProgram") void dropProgram(int32_t program) { programs.erase(program); }
LIOUVILLE_EXPORT("describe") int32_t callDescribe(const Array* arrays, int32_t count) {
  return guarded(&describe, arrays, count);
}
LIOUVILLE_EXPORT("run") int32_t callRun(const Array* arrays, int32_t count) { return guarded(&run, arrays, count); }
LIOUVILLE_EXPORT("gradient") int32_t callGradient(const Array* arrays, int32_t count) {
  return guarded(&gradient, arrays, count);
}
LIOUVILLE_EXPORT("solve") int32_t callSolve(const Array* arrays, int32_t count) {
  return guarded(&solve, arrays, count);
}
LIOUVILLE_EXPORT("solvePullback") int32_t callSolvePullback(const Array* arrays, int32_t count) {
  return guarded(&solvePullback, arrays, count);
}

LIOUVILLE_EXPORT("cloudDistances") int32_t callCloudDistances(const Array* arrays, int32_t count) {
  return guarded(&cloudDistances, arrays, count);
}

}  // extern "C"

}  // namespace liouville::host::wasm
