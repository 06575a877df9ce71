#include "environment.h"

#include <system_error>

#include "../misuse.h"

namespace liouville::host::napi {

namespace {

struct Explanation {
  const char* code;
  std::string message;
};

Explanation explain(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Misuse& misuse) {
    return {misuse.code(), misuse.what()};
  } catch (const Cancelled&) {
    return {"aborted", "The work was stopped."};
  } catch (const std::system_error& error) {
    return {"engine-unavailable", std::string("The system gave no thread: ") + error.what()};
  } catch (...) {
    // The standard library throws nothing else here than that memory has run out.
    return {"out-of-memory", "There is not enough memory for this call: use fewer rows at a time."};
  }
}

napi_value errorOf(napi_env env, const Explanation& explanation) {
  napi_value error = nullptr;
  check(env, napi_create_error(env, makeString(env, explanation.code), makeString(env, explanation.message), &error));
  return error;
}

}  // namespace

napi_value guarded(napi_env env, const std::function<napi_value()>& body) {
  try {
    return body();
  } catch (const Pending&) {
    // The exception is there already.
  } catch (...) {
    const Explanation explanation = explain(std::current_exception());
    napi_throw_error(env, explanation.code, explanation.message.c_str());
  }
  return nullptr;
}

Environment::Environment(napi_env env) {
  check(env, napi_create_threadsafe_function(env, nullptr, nullptr, makeString(env, "liouville"), 0, 1, nullptr,
                                             nullptr, this, &settle, &settle_));
  // Only a job that is under way keeps the process alive.
  check(env, napi_unref_threadsafe_function(env, settle_));
}

void Environment::create(napi_env env) {
  auto made = std::unique_ptr<Environment>(new Environment(env));
  const auto destroy = [](napi_env, void* data, void*) { delete static_cast<Environment*>(data); };
  check(env, napi_set_instance_data(env, made.get(), destroy, nullptr));
  Environment* environment = made.release();
  // Runs before the function that jobs call back is taken down: hooks run in reverse order.
  const auto stop = [](void* data) { static_cast<Environment*>(data)->pool_.reset(); };
  check(env, napi_add_env_cleanup_hook(env, stop, environment));
}

Environment& Environment::of(napi_env env) {
  void* data = nullptr;
  check(env, napi_get_instance_data(env, &data));
  return *static_cast<Environment*>(data);
}

napi_value Environment::submit(napi_env env, std::shared_ptr<Work> work, Result result) {
  const auto call = std::make_shared<Call>();
  call->result = std::move(result);
  napi_value promise = nullptr;
  check(env, napi_create_promise(env, &call->deferred, &promise));
  if (pending_++ == 0) check(env, napi_ref_threadsafe_function(env, settle_));
  // The job owns the call, and sends it to `settle`; where the job is dropped, so is the call.
  const Pool::Done done = [call, function = settle_](std::exception_ptr failure) {
    call->failure = std::move(failure);
    auto sent = std::make_unique<std::shared_ptr<Call>>(call);
    if (napi_call_threadsafe_function(function, sent.get(), napi_tsfn_nonblocking) == napi_ok) sent.release();
  };
  try {
    pool_->submit(std::move(work), done);
  } catch (...) {
    done(std::current_exception());
  }
  return promise;
}

napi_value Environment::runHere(napi_env env, Work& work, const Result& result) {
  Call call;
  call.result = result;
  napi_value promise = nullptr;
  check(env, napi_create_promise(env, &call.deferred, &promise));
  try {
    work.runAll(scratch_);
  } catch (...) {
    call.failure = std::current_exception();
  }
  settleCall(env, call);
  return promise;
}

void Environment::settle(napi_env env, napi_value, void* environment, void* data) {
  const std::unique_ptr<std::shared_ptr<Call>> sent(static_cast<std::shared_ptr<Call>*>(data));
  const std::shared_ptr<Call>& call = *sent;
  if (env == nullptr) return;  // the environment goes away, and with it the promise
  auto& self = *static_cast<Environment*>(environment);
  if (--self.pending_ == 0) napi_unref_threadsafe_function(env, self.settle_);
  settleCall(env, *call);
}

void Environment::settleCall(napi_env env, const Call& call) {
  napi_value value = nullptr;
  if (call.failure == nullptr) value = guarded(env, [&] { return call.result(env); });
  else guarded(env, [&] { return napi_throw(env, errorOf(env, explain(call.failure))), nullptr; });
  napi_value exception = nullptr;
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
      napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
    napi_reject_deferred(env, call.deferred, exception);
  } else {
    napi_resolve_deferred(env, call.deferred, value);
  }
}

}  // namespace liouville::host::napi
