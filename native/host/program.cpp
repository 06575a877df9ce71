#include "program.h"

#include <algorithm>
#include <string>

#include "misuse.h"

namespace liouville::host {

const Layout& Program::layout(const Backend& backend) {
  const Lock lock(mutex_);
  const auto [at, made] = layouts_.try_emplace(&backend);
  BackendLayout& entry = at->second;
  if (made) {
    // One more than needed, so that there is always an array.
    entry.matrixOffsets.resize(size_t(plan().matrixCount) + 1);
    entry.sumOffsets.resize(size_t(plan().sumCount) + 1);
    entry.layout.matrixOffsets = entry.matrixOffsets.data();
    entry.layout.sumOffsets = entry.sumOffsets.data();
    backend.layout(&plan(), &entry.layout);
  }
  return entry.layout;
}

namespace {

void checkLength(const char* name, const std::vector<double>& numbers, int32_t needed) {
  if (numbers.size() >= size_t(needed)) return;
  throw Misuse("shape-mismatch", "The program reads " + std::to_string(needed) + " " + name + " numbers; got " +
                                     std::to_string(numbers.size()) + ".");
}

}  // namespace

Binding::Binding(std::shared_ptr<Program> program, const Backend& backend,
                 std::shared_ptr<const Parameters> parameters)
    : program_(std::move(program)),
      backend_(backend),
      layout_(program_->layout(backend)),
      parameters_(std::move(parameters)) {
  checkLength("trained", parameters_->trained, program_->ports().size(Space::trained));
  checkLength("state", parameters_->state, program_->ports().size(Space::state));
  for (const GradientPart& part : program_->ports().gradients()) {
    if (size_t(part.target) + size_t(part.count) <= parameters_->trainedCount) continue;
    throw Misuse("shape-mismatch", "The program has gradients for more than the " +
                                       std::to_string(parameters_->trainedCount) + " trained numbers.");
  }
}

void Binding::prepare() {
  const ProgramPlan& ports = program_->ports();
  const auto space = [&](Space s) -> double*& { return spaces_[size_t(s)]; };
  prologue_ = Buffer(bytesOf(ports.size(Space::prologue), 1, sizeof(double)));
  // Programs only read these three.
  space(Space::constant) = const_cast<double*>(program_->plan().constants);
  space(Space::trained) = const_cast<double*>(parameters_->trained.data());
  space(Space::state) = const_cast<double*>(parameters_->state.data());
  space(Space::prologue) = prologue_.as<double>();
  shared_ = Buffer(layout_.sharedBytes);
  packed_ = Buffer(layout_.packedBytes);
  backend_.prologue(&program_->plan(), spaces_.data());
  backend_.prepare(&program_->plan(), &layout_, spaces_.data(), shared_.data(), packed_.data());
}

Prepared Binding::prepared() const { return {&program_->plan(), &layout_, shared_.data(), packed_.data()}; }

Buffer Binding::gradient(std::vector<double> totals) {
  epilogue_ = Buffer(bytesOf(program_->ports().size(Space::epilogue), 1, sizeof(double)));
  spaces_[size_t(Space::total)] = totals.data();
  spaces_[size_t(Space::epilogue)] = epilogue_.as<double>();
  backend_.epilogue(&program_->plan(), spaces_.data());
  Buffer gradient = Buffer::zeroed(bytesOf(int64_t(parameters_->trainedCount), 1, sizeof(double)));
  for (const GradientPart& part : program_->ports().gradients()) {
    const double* from = spaces_[size_t(part.space)] + part.offset;
    std::copy_n(from, part.count, gradient.as<double>() + part.target);
  }
  spaces_[size_t(Space::total)] = nullptr;
  return gradient;
}

}  // namespace liouville::host
