#include "program.h"

#include <algorithm>
#include <string>

#include "misuse.h"

namespace liouville::host {

namespace {

// Matrices are packed in parts of at least so many numbers.
constexpr int64_t leastPacking = 1 << 14;

std::vector<Program::Part> packingOf(const Plan& plan) {
  std::vector<Program::Part> parts;
  int64_t numbers = 0;
  for (int32_t i = 0; i < plan.matrixCount; i++) {
    if (parts.empty() || numbers >= leastPacking) {
      parts.push_back({i, i});
      numbers = 0;
    }
    parts.back().last = i + 1;
    numbers += int64_t(plan.matrices[i].outputs) * plan.matrices[i].inputs;
  }
  return parts;
}

std::optional<std::vector<int32_t>> sumTargetsOf(const Plan& plan, std::vector<GradientPart> parts) {
  std::ranges::sort(parts, {}, &GradientPart::target);
  for (size_t i = 0; i + 1 < parts.size(); i++) {
    if (int64_t(parts[i].target) + parts[i].count > parts[i + 1].target) return std::nullopt;
  }
  if (parts.size() != size_t(plan.sumCount)) return std::nullopt;
  std::vector<int32_t> targets;
  for (int32_t i = 0; i < plan.sumCount; i++) {
    const Value& sum = plan.values[plan.sums[i].value];
    const auto part = std::ranges::find_if(parts, [&](const GradientPart& part) {
      return part.space == Space::total && part.offset == sum.offset && part.count == sizeOf(sum);
    });
    if (part == parts.end()) return std::nullopt;
    targets.push_back(part->target);
  }
  return targets;
}

}  // namespace

Program::Program(const Bytecode& code)
    : plan_(code), packing_(packingOf(plan())), sumTargets_(sumTargetsOf(plan(), plan_.gradients())) {}

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

void checkLength(const char* name, const Numbers& numbers, int32_t needed) {
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

void Binding::begin() {
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
  backend_.share(&program_->plan(), spaces_.data(), shared_.data());
}

void Binding::pack(int64_t part) {
  const auto [first, last] = program_->packing()[size_t(part)];
  backend_.pack(&program_->plan(), &layout_, spaces_.data(), first, last, packed_.data());
}

void Binding::prepare() {
  begin();
  for (size_t part = 0; part < program_->packing().size(); part++) pack(int64_t(part));
}

Prepared Binding::prepared() const { return {&program_->plan(), &layout_, shared_.data(), packed_.data()}; }

Buffer Binding::gradient(double* totals) {
  epilogue_ = Buffer(bytesOf(program_->ports().size(Space::epilogue), 1, sizeof(double)));
  spaces_[size_t(Space::total)] = totals;
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
