#include "gradient-sum.h"

#include <algorithm>

namespace liouville::host {

namespace {

// The most memory for the sums of groups that wait for each other.
constexpr size_t mostKept = size_t(1) << 28;

// Numbers that one task adds up, at least.
constexpr int64_t leastPart = 1 << 13;
constexpr int64_t mostParts = 64;

int64_t togetherOf(const Binding& binding, const GroupSlice& slice) {
  const bool fits = binding.layout().sumBytes <= mostKept / mostGroupsAtOnce;
  return slice.isWhole() && fits ? mostGroupsAtOnce : 1;
}

int64_t blocksOf(int64_t groups, int64_t together) { return (groups + together - 1) / together; }

double pairwise(const double* numbers, size_t stride, int64_t count) {
  if (count == 1) return numbers[0];
  int64_t half = 1;
  while (2 * half < count) half *= 2;
  return pairwise(numbers, stride, half) + pairwise(numbers + size_t(half) * stride, stride, count - half);
}

}  // namespace

GradientSum::GradientSum(Binding& binding, GroupSlice slice, int32_t extra)
    : binding_(binding),
      slice_(slice),
      extraCount_(size_t(extra)),
      together_(togetherOf(binding, slice)),
      kept_(size_t(slice.count())),
      extras_(size_t(slice.count()) * size_t(extra)),
      pairwise_(blocksOf(groupCount(slice.rows), together_)) {
  for (int64_t first = 0; first < slice_.count(); first += together_) {
    missing_.push_back(std::min(together_, slice_.count() - first));
  }
}

void* GradientSum::begin(int64_t group) {
  const size_t bytes = binding_.layout().sumBytes;
  kept_[size_t(group)] = Buffer::zeroed(bytes);
  return kept_[size_t(group)].data();
}

void GradientSum::end(int64_t group, const double* extra) {
  std::copy_n(extra, extraCount_, extras_.begin() + group * ptrdiff_t(extraCount_));
  if (keepsAll()) return;
  const int64_t block = group / together_;
  {
    const Lock lock(mutex_);
    if (--missing_[size_t(block)] > 0) return;
  }
  addBlock(block);
}

// All groups of the block have ended, and nobody else touches them any more.
void GradientSum::addBlock(int64_t block) {
  const int64_t first = block * together_, last = std::min(slice_.count(), first + together_);
  std::vector<double> sum(size_t(numbers()) + extraCount_);
  addUp(first, last, 0, numbers(), placesIn(sum.data()).data());
  for (size_t i = 0; i < extraCount_; i++) sum[size_t(numbers()) + i] = extraOf(first, last, i);
  for (int64_t group = first; group < last; group++) kept_[size_t(group)] = Buffer();
  pairwise_.add(slice_.first / together_ + block, std::move(sum));
}

int64_t GradientSum::tasks(int32_t phase) {
  if (!slice_.isWhole()) return 0;
  if (phase > 0) return phase == 1 && keepsAll() && !isDirect() ? 1 : 0;
  if (!keepsAll()) return 1;
  for (size_t i = 0; i < extraCount_; i++) extra_.push_back(extraOf(0, slice_.count(), i));
  if (isDirect()) {
    makeGradient();
  } else {
    totals_ = Buffer(bytesOf(numbers(), 1, sizeof(double)));
    to_ = placesIn(totals_.as<double>());
  }
  return std::clamp<int64_t>(numbers() / leastPart, 1, mostParts);
}

void GradientSum::run(int32_t phase, int64_t task) {
  if (phase == 1) {
    gradient_ = binding_.gradient(totals_.as<double>());
  } else if (keepsAll()) {
    const int64_t parts = std::clamp<int64_t>(numbers() / leastPart, 1, mostParts);
    addUp(0, slice_.count(), numbers() * task / parts, numbers() * (task + 1) / parts, to_.data());
  } else {
    std::vector<double> sum = pairwise_.take();
    extra_.assign(sum.begin() + numbers(), sum.end());
    gradient_ = binding_.gradient(sum.data());
  }
}

// The sums go to their places in the gradient; parameters without a gradient have zeros.
void GradientSum::makeGradient() {
  const int64_t count = int64_t(binding_.parameters()->trainedCount);
  gradient_ = Buffer(bytesOf(count, 1, sizeof(double)));
  double* at = gradient_.as<double>();
  std::vector<GradientPart> parts = binding_.program().ports().gradients();
  std::ranges::sort(parts, {}, &GradientPart::target);
  int64_t next = 0;
  for (const GradientPart& part : parts) {
    std::fill(at + next, at + part.target, 0.0);
    next = int64_t(part.target) + part.count;
  }
  std::fill(at + next, at + count, 0.0);
  for (const int32_t target : *binding_.program().sumTargets()) to_.push_back(at + target);
}

std::vector<double*> GradientSum::placesIn(double* totals) const {
  std::vector<double*> places;
  for (int32_t i = 0; i < plan().sumCount; i++) places.push_back(totals + plan().values[plan().sums[i].value].offset);
  return places;
}

void GradientSum::addUp(int64_t firstGroup, int64_t lastGroup, int64_t first, int64_t last,
                        double* const* to) const {
  const void* sums[mostGroupsAtOnce];
  for (int64_t group = firstGroup; group < lastGroup; group++) {
    sums[group - firstGroup] = kept_[size_t(group)].data();
  }
  binding_.backend().addUp(&plan(), &binding_.layout(), sums, int32_t(lastGroup - firstGroup), first, last, to);
}

double GradientSum::extraOf(int64_t firstGroup, int64_t lastGroup, size_t i) const {
  return pairwise(extras_.data() + size_t(firstGroup) * extraCount_ + i, extraCount_, lastGroup - firstGroup);
}

}  // namespace liouville::host
