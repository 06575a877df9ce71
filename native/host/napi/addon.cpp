// The functions that src/engine/native/addon.ts declares. All of them check every argument; a call that is
// not well formed throws, whatever it is.
#include <thread>

#include "../misuse.h"
#include "../print.h"
#include "calls.h"
#include "environment.h"

namespace liouville::host::napi {

// Random numbers.
template <> const napi_type_tag Handle<Program>::tag = {0x8d1b3c55a2f64e07, 0x9c0f51de7b3a4416};
template <> const char* const Handle<Program>::name = "program";
template <> const napi_type_tag Handle<const Solution>::tag = {0x2f7e9a04c1d84b93, 0xb6a8e3f05d2c4771};
template <> const char* const Handle<const Solution>::name = "tape";
template <> const napi_type_tag Handle<Cancellation>::tag = {0x61c4f2b87e094d3a, 0x8e15a9d3602f4bc8};
template <> const char* const Handle<Cancellation>::name = "cancellation";

namespace {

// Grows when a function of the addon changes in a way that its TypeScript half has to know of.
constexpr double version = 5;

using Arguments = napi_value[3];

// The arguments of a call; those that are missing are undefined.
void read(napi_env env, napi_callback_info info, Arguments& arguments) {
  size_t count = 3;
  check(env, napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr));
}

napi_value info(napi_env env, const Arguments&) {
  napi_value result = object(env), sets = nullptr;
  set(env, result, "version", makeNumber(env, version));
  set(env, result, "cores", makeNumber(env, std::max(1u, std::thread::hardware_concurrency())));
  check(env, napi_create_array(env, &sets));
  for (uint32_t i = 0; i < instructionSets().size(); i++) {
    napi_value entry = object(env);
    set(env, entry, "name", makeString(env, instructionSets()[i].name));
    set(env, entry, "supported", makeBoolean(env, instructionSets()[i].supported));
    check(env, napi_set_element(env, sets, i, entry));
  }
  set(env, result, "instructionSets", sets);
  return result;
}

napi_value createProgram(napi_env env, const Arguments& arguments) {
  return Handle<Program>::make(env, std::make_shared<Program>(bytecodeOf(env, arguments[0])));
}

napi_value describe(napi_env env, const Arguments& arguments) {
  return makeString(env, printed(Handle<Program>::get(env, arguments[0])->plan()));
}

napi_value createCancellation(napi_env env, const Arguments&) {
  return Handle<Cancellation>::make(env, std::make_shared<Cancellation>());
}

napi_value cancel(napi_env env, const Arguments& arguments) {
  Handle<Cancellation>::get(env, arguments[0])->cancel();
  Environment::of(env).pool().sweep();
  return nullptr;
}

napi_value rest(napi_env env, const Arguments&) {
  Environment::of(env).pool().rest();
  memory::clear();
  return nullptr;
}

napi_value arrayOf(napi_env env, std::vector<Buffer>& buffers) {
  napi_value result = nullptr;
  check(env, napi_create_array_with_length(env, buffers.size(), &result));
  for (uint32_t i = 0; i < buffers.size(); i++) {
    const bool none = buffers[i].data() == nullptr;
    check(env, napi_set_element(env, result, i,
                                none ? makeNull(env) : makeFloat64Array(env, std::move(buffers[i]))));
  }
  return result;
}

// A program over rows that costs no more is run where it is called: some microseconds, which is what it would take
// to wake another thread.
constexpr double mostCostHere = 1 << 15;

napi_value run(napi_env env, const Arguments& arguments) {
  const auto work = runWorkOf(env, Handle<Program>::get(env, arguments[0]), arguments[1]);
  const auto result = [work](napi_env env) {
    napi_value result = object(env);
    set(env, result, "outputs", arrayOf(env, work->outputs()));
    set(env, result, "gradient",
        work->hasGradient() ? makeFloat64Array(env, std::move(work->gradient())) : makeNull(env));
    return result;
  };
  Environment& environment = Environment::of(env);
  return work->cost() > mostCostHere ? environment.submit(env, work, result) : environment.runHere(env, *work, result);
}

// A tape tells the garbage collector how much memory it holds.
napi_value makeTape(napi_env env, const std::shared_ptr<const Solution>& solution) {
  napi_value tape = Handle<const Solution>::make(env, solution);
  const int64_t bytes = int64_t(solution->bytes());
  int64_t total = 0;
  check(env, napi_adjust_external_memory(env, bytes, &total));
  const auto give = [](napi_env env, void* data, void*) {
    int64_t total = 0;
    napi_adjust_external_memory(env, -int64_t(reinterpret_cast<intptr_t>(data)), &total);
  };
  check(env, napi_add_finalizer(env, tape, reinterpret_cast<void*>(intptr_t(bytes)), give, nullptr, nullptr));
  return tape;
}

napi_value solve(napi_env env, const Arguments& arguments) {
  const auto work = solveWorkOf(env, Handle<Program>::get(env, arguments[0]), arguments[1]);
  return Environment::of(env).submit(env, work, [work](napi_env env) {
    const std::shared_ptr<Solution>& solution = work->solution();
    std::vector<int32_t> status(solution->status.size());
    bool failed = false;
    for (size_t row = 0; row < status.size(); row++) {
      status[row] = int32_t(solution->status[row]);
      failed = failed || status[row] != 0;
    }
    // Mostly no row has failed, and there is nothing to tell.
    Buffer failures(failed ? solution->failures.size() * sizeof(double) : 0);
    if (failed) std::memcpy(failures.data(), solution->failures.data(), failures.bytes());
    napi_value result = object(env);
    set(env, result, "y", makeFloat64Array(env, std::move(work->y())));
    set(env, result, "status", makeInt32Array(env, status));
    set(env, result, "failures", makeFloat64Array(env, std::move(failures)));
    set(env, result, "nfe", makeInt32Array(env, solution->nfe));
    set(env, result, "accepted", makeInt32Array(env, solution->accepted));
    set(env, result, "rejected", makeInt32Array(env, solution->rejected));
    set(env, result, "tape", solution->problem.tape ? makeTape(env, solution) : makeNull(env));
    return result;
  });
}

napi_value solvePullback(napi_env env, const Arguments& arguments) {
  const auto tape = Handle<const Solution>::get(env, arguments[1]);
  const auto work = solvePullbackWorkOf(env, Handle<Program>::get(env, arguments[0]), tape, arguments[2]);
  return Environment::of(env).submit(env, work, [work](napi_env env) {
    napi_value result = object(env);
    set(env, result, "cotangents", arrayOf(env, work->outputs()));
    set(env, result, "gradient", makeFloat64Array(env, std::move(work->gradient())));
    set(env, result, "t0", makeNumber(env, work->t0()));
    set(env, result, "t1", makeNumber(env, work->t1()));
    return result;
  });
}

napi_value fill(napi_env env, const Arguments& arguments) {
  constexpr int64_t mostExact = (int64_t(1) << 53) - 1;
  const napi_value call = arguments[1];
  const Backend& backend = *instructionSetOf(env, call).float64;
  const auto read = [&](const char* name, int64_t most) {
    return whole(env, property(env, call, name), name, 0, most);
  };
  const auto draw = Draw(read("draw", 2));
  const auto seed = uint64_t(read("seed", mostExact)), stream = uint64_t(read("stream", mostExact));
  const auto offset = uint64_t(read("offset", mostExact));
  const Doubles to = doublesInPlace(env, arguments[0], "out");
  backend.fill(draw, to.data, to.length, seed, stream, offset);
  return nullptr;
}

// Adam's update is cut into parts of so many numbers: less is done before another thread has woken up.
constexpr size_t numbersOfPart = size_t(1) << 14;

napi_value adam(napi_env env, const Arguments& arguments) {
  const napi_value arrays = arguments[0], call = arguments[1];
  const Backend& backend = *instructionSetOf(env, call).float64;
  const auto read = [&](const char* name) { return number(env, property(env, call, name), name); };
  const AdamRule rule{read("learningRate"), read("beta1"), read("beta2"), read("epsilon"),
                      read("meanCorrection"), read("squareCorrection")};
  const char* const names[] = {"parameters", "gradient", "mean", "square"};
  napi_value values[4];
  for (int i = 0; i < 4; i++) values[i] = property(env, arrays, names[i]);
  Doubles numbers[4];
  for (int i = 0; i < 4; i++) {
    numbers[i] = doublesInPlace(env, values[i], names[i]);
    if (numbers[i].length != numbers[0].length) refuse(std::string(names[i]) + ": expected as many numbers as parameters.");
    for (int j = 0; j < i; j++) {
      const bool apart = numbers[i].data + numbers[i].length <= numbers[j].data ||
                         numbers[j].data + numbers[j].length <= numbers[i].data;
      if (!apart) refuse(std::string(names[i]) + ": expected an array of its own.");
    }
  }
  const int32_t threads = threadsOf(env, call);
  const size_t count = numbers[0].length;
  const auto part = [&](int64_t i) {
    const size_t first = size_t(i) * numbersOfPart;
    backend.adam(numbers[0].data + first, numbers[1].data + first, numbers[2].data + first, numbers[3].data + first,
                 std::min(numbersOfPart, count - first), &rule);
  };
  Environment::of(env).pool().spread(int64_t((count + numbersOfPart - 1) / numbersOfPart), threads - 1, part);
  return nullptr;
}

napi_value cloudDistances(napi_env env, const Arguments& arguments) {
  const auto work = cloudWorkOf(env, arguments[0]);
  return Environment::of(env).submit(
      env, work, [work](napi_env env) { return makeFloat64Array(env, std::move(work->results())); });
}

// Takes the memory of an array back, without waiting for the garbage collector.
napi_value release(napi_env env, const Arguments& arguments) {
  check(env, napi_detach_arraybuffer(env, arguments[0]));
  return nullptr;
}

template <napi_value (*body)(napi_env, const Arguments&)> napi_value entry(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    Arguments arguments{};
    read(env, info, arguments);
    return body(env, arguments);
  });
}

template <napi_value (*body)(napi_env, const Arguments&)>
void add(napi_env env, napi_value exports, const char* name) {
  napi_value function = nullptr;
  check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, &entry<body>, nullptr, &function));
  set(env, exports, name, function);
}

napi_value begin(napi_env env, napi_value exports) {
  return guarded(env, [&] {
    Environment::create(env);
    add<info>(env, exports, "info");
    add<createProgram>(env, exports, "createProgram");
    add<describe>(env, exports, "describe");
    add<createCancellation>(env, exports, "createCancellation");
    add<cancel>(env, exports, "cancel");
    add<run>(env, exports, "run");
    add<solve>(env, exports, "solve");
    add<solvePullback>(env, exports, "solvePullback");
    add<fill>(env, exports, "fill");
    add<adam>(env, exports, "adam");
    add<cloudDistances>(env, exports, "cloudDistances");
    add<release>(env, exports, "release");
    add<rest>(env, exports, "rest");
    return exports;
  });
}

}  // namespace

}  // namespace liouville::host::napi

NAPI_MODULE_INIT() { return liouville::host::napi::begin(env, exports); }
