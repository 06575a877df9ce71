#include "cloud-work.h"

#include <cmath>

#include "misuse.h"

namespace liouville::host {

namespace {

// Squares of differences stay finite up to this.
constexpr double largestCoordinate = 1e150;

void checkClouds(const CloudSet& clouds) {
  const std::vector<int32_t>& offsets = clouds.offsets;
  if (offsets.empty() || offsets[0] != 0) refuse("offsets: expected 0 first.");
  for (size_t i = 1; i < offsets.size(); i++) {
    if (offsets[i] <= offsets[i - 1]) refuse("offsets: expected numbers that increase.");
  }
  if (clouds.dim < 1 || clouds.data.size() != size_t(offsets.back()) * size_t(clouds.dim)) {
    refuse("data: expected `dim` numbers for each point.");
  }
  for (const double x : clouds.data) {
    if (!(std::abs(x) <= largestCoordinate)) refuse("data: expected coordinates whose squares are finite.");
  }
}

void checkPair(CloudDistance distance, const CloudSet& left, const CloudSet& right, const int32_t* pair) {
  const auto isThere = [](const CloudSet& clouds, int32_t i) { return i >= 0 && size_t(i) + 1 < clouds.offsets.size(); };
  if (!isThere(left, pair[0]) || !isThere(right, pair[1])) refuse("pairs: expected numbers of clouds.");
  if (distance == CloudDistance::earthMover && left.size(pair[0]) != right.size(pair[1])) {
    refuse("pairs: expected clouds of one size.");
  }
}

}  // namespace

CloudWork::CloudWork(WorkOptions options, const CloudBackend& backend, CloudDistance distance, CloudSet left,
                     CloudSet right, std::vector<int32_t> pairs, std::vector<double> limits)
    : Work(std::move(options)),
      backend_(backend),
      distance_(distance),
      left_(std::move(left)),
      right_(std::move(right)),
      pairs_(std::move(pairs)),
      limits_(std::move(limits)) {
  checkClouds(left_);
  checkClouds(right_);
  if (left_.dim != right_.dim) refuse("dim: expected points of one dimension.");
  if (pairs_.size() % 2 != 0) refuse("pairs: expected two numbers each.");
  if (limits_.size() != pairs_.size() / 2) refuse("limits: expected a number for each pair.");
  for (size_t i = 0; i < pairs_.size(); i += 2) checkPair(distance_, left_, right_, &pairs_[i]);
  results_ = Buffer(pairs_.size() * sizeof(double));
}

void CloudWork::run(int32_t, int64_t task, Scratch& scratch) {
  const int32_t x = pairs_[size_t(2 * task)], y = pairs_[size_t(2 * task) + 1];
  CloudTask pair{left_.points(x), right_.points(y), left_.size(x), right_.size(y), left_.dim, limits_[size_t(task)],
                 nullptr, cancellation().flag(), results_.as<double>() + 2 * task};
  pair.workspace = scratch.workspace.atLeast(backend_.workspace(distance_, &pair));
  backend_.run(distance_, &pair);
}

}  // namespace liouville::host
