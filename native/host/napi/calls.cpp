#include "calls.h"

#include "../misuse.h"

namespace liouville::host::napi {

namespace {

constexpr int64_t mostThreads = 1024;
constexpr int64_t mostRows = int64_t(1) << 40;

const Backend& backendOf(napi_env env, napi_value call) {
  const InstructionSet& set = instructionSetOf(env, call);
  const bool wide = boolean(env, property(env, call, "float64"), "float64");
  return wide ? *set.float64 : *set.float32;
}

std::shared_ptr<const Parameters> parametersOf(napi_env env, napi_value call, size_t needed) {
  auto parameters = std::make_shared<Parameters>();
  parameters->trained = numbers(env, property(env, call, "trained"), "trained", needed, &parameters->trainedCount);
  parameters->state = numbers(env, property(env, call, "state"), "state");
  return parameters;
}

// Rows for each input; zeros for one that is null, and nothing at all for input `none`.
Columns columnsOf(napi_env env, const Program& program, napi_value inputs, int64_t rows, int32_t scalarBytes,
                  int32_t none) {
  const int32_t count = program.plan().inputCount;
  if (arrayLength(env, inputs, "inputs") != uint32_t(count)) {
    refuse("inputs: expected an array with " + std::to_string(count) + " entries.");
  }
  Columns columns;
  for (int32_t port = 0; port < count; port++) {
    const napi_value value = element(env, inputs, uint32_t(port));
    const size_t bytes = bytesOf(rows, program.inputWidth(port), size_t(scalarBytes));
    if (port == none) {
      columns.addNone();
    } else if (isNone(env, value)) {
      columns.add(Buffer::zeroed(bytes));
    } else {
      columns.add(scalars(env, value, "inputs[" + std::to_string(port) + "]", rows * program.inputWidth(port),
                          scalarBytes));
    }
  }
  return columns;
}

TableauData tableauOf(napi_env env, napi_value tableau) {
  TableauData data;
  data.stages = int32_t(whole(env, property(env, tableau, "stages"), "stages", 1, 1 << 10));
  data.fsal = boolean(env, property(env, tableau, "fsal"), "fsal");
  data.errorOrder = int32_t(whole(env, property(env, tableau, "errorOrder"), "errorOrder", 0, 1 << 10));
  data.c = float64Array(env, property(env, tableau, "c"), "c");
  data.a = float64Array(env, property(env, tableau, "a"), "a");
  data.b = float64Array(env, property(env, tableau, "b"), "b");
  const napi_value bError = property(env, tableau, "bError");
  if (!isNone(env, bError)) data.bError = float64Array(env, bError, "bError");
  const napi_value bCorrection = property(env, tableau, "bCorrection");
  if (!isNone(env, bCorrection)) data.bCorrection = float64Array(env, bCorrection, "bCorrection");
  return data;
}

Problem problemOf(napi_env env, napi_value call) {
  const auto get = [&](const char* name) { return number(env, property(env, call, name), name); };
  Problem problem;
  problem.t = int32_t(whole(env, property(env, call, "t"), "t", 0, INT32_MAX));
  problem.y = int32_t(whole(env, property(env, call, "y"), "y", 0, INT32_MAX));
  problem.tableau = tableauOf(env, property(env, call, "tableau"));
  const napi_value control = property(env, call, "control");
  const auto constant = [&](const char* name) { return number(env, property(env, control, name), name); };
  const std::vector<double> beta = float64Array(env, property(env, control, "beta"), "beta");
  if (beta.size() != 3) refuse("control.beta: expected three numbers.");
  problem.control = {constant("safety"), constant("minFactor"), constant("maxFactor"),
                     {beta[0], beta[1], beta[2]}, constant("rejection")};
  problem.t0 = get("t0");
  problem.t1 = get("t1");
  problem.rtol = get("rtol");
  problem.atol = get("atol");
  problem.stepSize = get("stepSize");
  problem.maxSteps = int32_t(whole(env, property(env, call, "maxSteps"), "maxSteps", 1, INT32_MAX / 2));
  problem.tape = boolean(env, property(env, call, "tape"), "tape");
  const napi_value replay = property(env, call, "replay");
  if (!isNone(env, replay)) problem.replay = Handle<const Solution>::get(env, replay);
  return problem;
}

WorkOptions optionsOf(napi_env env, napi_value call) {
  WorkOptions options;
  options.threads = threadsOf(env, call);
  const napi_value cancellation = property(env, call, "cancellation");
  if (!isNone(env, cancellation)) options.cancellation = Handle<Cancellation>::get(env, cancellation);
  return options;
}

int64_t rowsOf(napi_env env, napi_value call) {
  return whole(env, property(env, call, "rows"), "rows", 1, mostRows);
}

CloudSet cloudsOf(napi_env env, napi_value call, const char* name) {
  const napi_value clouds = property(env, call, name);
  CloudSet set;
  set.data = float64Array(env, property(env, clouds, "data"), "data");
  set.offsets = int32Array(env, property(env, clouds, "offsets"), "offsets");
  set.dim = int32_t(whole(env, property(env, clouds, "dim"), "dim", 1, INT32_MAX));
  return set;
}

}  // namespace

const InstructionSet& instructionSetOf(napi_env env, napi_value call) {
  const auto& sets = instructionSets();
  const int64_t most = int64_t(sets.size()) - 1;
  const InstructionSet& set = sets[size_t(whole(env, property(env, call, "instructionSet"), "instructionSet", 0, most))];
  if (!set.supported) refuse("instructionSet: this processor has no " + set.name + ".");
  return set;
}

int32_t threadsOf(napi_env env, napi_value call) {
  return int32_t(whole(env, property(env, call, "threads"), "threads", 1, mostThreads));
}

Bytecode bytecodeOf(napi_env env, napi_value code) {
  const auto words = [&](const char* name) { return int32Array(env, property(env, code, name), name); };
  Bytecode bytecode;
  bytecode.values = words("values");
  bytecode.constants = float64Array(env, property(env, code, "constants"), "constants");
  bytecode.prologue = words("prologue");
  bytecode.body = words("body");
  bytecode.epilogue = words("epilogue");
  bytecode.sizes = words("sizes");
  bytecode.inputs = words("inputs");
  bytecode.outputs = words("outputs");
  bytecode.gradients = words("gradients");
  return bytecode;
}

std::shared_ptr<CloudWork> cloudWorkOf(napi_env env, napi_value call) {
  const auto distance = CloudDistance(whole(env, property(env, call, "kind"), "kind", 0, 1));
  std::vector<int32_t> pairs = int32Array(env, property(env, call, "pairs"), "pairs");
  std::vector<double> limits = float64Array(env, property(env, call, "limits"), "limits");
  return std::make_shared<CloudWork>(optionsOf(env, call), *instructionSetOf(env, call).clouds, distance,
                                     cloudsOf(env, call, "left"), cloudsOf(env, call, "right"), std::move(pairs),
                                     std::move(limits));
}

std::shared_ptr<RunWork> runWorkOf(napi_env env, std::shared_ptr<Program> program, napi_value call) {
  WorkOptions options = optionsOf(env, call);
  const Backend& backend = backendOf(env, call);
  const int64_t rows = rowsOf(env, call);
  const Program& ports = *program;
  Columns inputs = columnsOf(env, ports, property(env, call, "inputs"), rows, backend.scalarBytes, -1);
  auto parameters = parametersOf(env, call, size_t(ports.ports().size(Space::trained)));
  auto binding = std::make_unique<Binding>(std::move(program), backend, std::move(parameters));
  return std::make_shared<RunWork>(std::move(options), std::move(binding), rows, std::move(inputs));
}

std::shared_ptr<SolveWork> solveWorkOf(napi_env env, std::shared_ptr<Program> field, napi_value call) {
  WorkOptions options = optionsOf(env, call);
  const Backend& backend = backendOf(env, call);
  const int64_t rows = rowsOf(env, call);
  Problem problem = problemOf(env, call);
  Columns inputs = columnsOf(env, *field, property(env, call, "inputs"), rows, backend.scalarBytes, problem.t);
  // The gradient may read parameters that the field does not.
  const size_t needed = problem.tape ? SIZE_MAX : size_t(field->ports().size(Space::trained));
  auto binding = std::make_unique<Binding>(std::move(field), backend, parametersOf(env, call, needed));
  auto solution = std::make_shared<Solution>(std::move(binding), rows, std::move(inputs), std::move(problem));
  return std::make_shared<SolveWork>(std::move(options), std::move(solution));
}

std::shared_ptr<SolvePullbackWork> solvePullbackWorkOf(napi_env env, std::shared_ptr<Program> transposed,
                                                       std::shared_ptr<const Solution> tape, napi_value call) {
  WorkOptions options = optionsOf(env, call);
  const bool times = boolean(env, property(env, call, "times"), "times");
  Buffer cotangents = scalars(env, property(env, call, "cotangents"), "cotangents", tape->rows * tape->width,
                              tape->scalarBytes());
  return std::make_shared<SolvePullbackWork>(std::move(options), std::move(tape), std::move(transposed),
                                             std::move(cotangents), times);
}

}  // namespace liouville::host::napi
