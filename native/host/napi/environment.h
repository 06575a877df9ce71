// What the addon keeps for one JavaScript environment: the main thread, or one of its workers.
#pragma once

#include <functional>

#include "../pool.h"
#include "values.h"

namespace liouville::host::napi {

class Environment {
 public:
  // Made when the addon is loaded; goes with the environment.
  static void create(napi_env env);
  static Environment& of(napi_env env);

  // Makes the value of the promise when the job is done.
  using Result = std::function<napi_value(napi_env)>;

  // Runs a job on the threads of this environment. The promise is rejected with an Error whose `code` is one
  // of src/errors.ts.
  napi_value submit(napi_env env, std::shared_ptr<Work> work, Result result);
  // The same for a job that takes less time than a thread takes to wake up: it is done when this returns.
  napi_value runHere(napi_env env, Work& work, const Result& result);

  Pool& pool() { return *pool_; }

 private:
  struct Call {
    napi_deferred deferred = nullptr;
    Result result;
    std::exception_ptr failure{};
  };

  std::unique_ptr<Pool> pool_ = std::make_unique<Pool>();
  napi_threadsafe_function settle_ = nullptr;
  int64_t pending_ = 0;
  Scratch scratch_;  // of the thread of JavaScript

  explicit Environment(napi_env env);
  static void settle(napi_env env, napi_value, void* environment, void* call);
  static void settleCall(napi_env env, const Call& call);
};

// Calls `body`; what it throws becomes a JavaScript exception.
napi_value guarded(napi_env env, const std::function<napi_value()>& body);

}  // namespace liouville::host::napi
