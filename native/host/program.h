// Programs, and programs with the parameters of a call.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "../engine/backend.h"
#include "buffer.h"
#include "mutex.h"
#include "plan.h"

namespace liouville::host {

// A layout and the arrays that it points into.
struct BackendLayout {
  Layout layout{};
  std::vector<size_t> matrixOffsets, sumOffsets;
};

// A program as it is kept from call to call.
class Program {
 public:
  explicit Program(const Bytecode& code);

  const Plan& plan() const { return plan_.plan(); }
  const ProgramPlan& ports() const { return plan_; }
  // Made when a backend first runs the program; from any thread.
  const Layout& layout(const Backend& backend);

  // The matrices first ... last - 1 of a part that is packed at a time.
  struct Part {
    int32_t first, last;
  };
  const std::vector<Part>& packing() const { return packing_; }

  // Where in the gradient each sum belongs, if all of the gradient is sums as they are, apart from each other.
  const std::optional<std::vector<int32_t>>& sumTargets() const { return sumTargets_; }

  int32_t inputWidth(int32_t port) const { return int32_t(sizeOf(plan_.input(port))); }
  int32_t outputWidth(int32_t port) const { return int32_t(sizeOf(plan_.output(port))); }

 private:
  ProgramPlan plan_;
  std::vector<Part> packing_;
  std::optional<std::vector<int32_t>> sumTargets_;
  Mutex mutex_;
  std::map<const Backend*, BackendLayout> layouts_;
};

// The flat arrays of a model, copied when a call began.
struct Parameters {
  Numbers trained, state;
  // Trained parameters of the model; what a program does not read need not be in `trained`.
  size_t trainedCount = 0;
};

// A program, the parameters of one call, and what follows from both.
class Binding {
 public:
  // Throws Misuse where the program has to do with more parameters than there are.
  Binding(std::shared_ptr<Program> program, const Backend& backend, std::shared_ptr<const Parameters> parameters);

  // Everything that comes before the rows: `begin` once, then `pack` for each part of the program's packing, from
  // any thread; or `prepare`, which is all of it.
  void begin();
  void pack(int64_t part);
  void prepare();
  // For kernels, when all that is done.
  Prepared prepared() const;

  // Runs the epilogue on sums over all rows, and gives the gradient of all trained parameters, in double.
  Buffer gradient(double* totals);

  Program& program() const { return *program_; }
  const Backend& backend() const { return backend_; }
  const Layout& layout() const { return layout_; }
  const std::shared_ptr<const Parameters>& parameters() const { return parameters_; }
  // The numbers of a shared value; after `prepare`.
  const double* numbers(const Value& value) const { return spaces_[size_t(value.space)] + value.offset; }

 private:
  std::shared_ptr<Program> program_;
  const Backend& backend_;
  const Layout& layout_;
  std::shared_ptr<const Parameters> parameters_;
  Buffer prologue_, epilogue_, shared_, packed_;
  std::array<double*, spaceCount> spaces_{};
};

}  // namespace liouville::host
