// The arguments of the calls that compute, checked and copied.
#pragma once

#include "../backends.h"
#include "../cloud-work.h"
#include "../run-work.h"
#include "../solve-pullback-work.h"
#include "../solve-work.h"
#include "values.h"

namespace liouville::host::napi {

// What objects of this addon are known by; addon.cpp has the numbers.
template <> const napi_type_tag Handle<Program>::tag;
template <> const char* const Handle<Program>::name;
template <> const napi_type_tag Handle<const Solution>::tag;
template <> const char* const Handle<const Solution>::name;
template <> const napi_type_tag Handle<Cancellation>::tag;
template <> const char* const Handle<Cancellation>::name;

// The instruction set that a call names, one that this processor has.
const InstructionSet& instructionSetOf(napi_env env, napi_value call);
int32_t threadsOf(napi_env env, napi_value call);

Bytecode bytecodeOf(napi_env env, napi_value code);

std::shared_ptr<CloudWork> cloudWorkOf(napi_env env, napi_value call);
std::shared_ptr<RunWork> runWorkOf(napi_env env, std::shared_ptr<Program> program, napi_value call);
std::shared_ptr<SolveWork> solveWorkOf(napi_env env, std::shared_ptr<Program> field, napi_value call);
std::shared_ptr<SolvePullbackWork> solvePullbackWorkOf(napi_env env, std::shared_ptr<Program> transposed,
                                                       std::shared_ptr<const Solution> tape, napi_value call);

}  // namespace liouville::host::napi
