// Distances of pairs of point clouds: what `cloudDistances` of an engine does.
#pragma once

#include <vector>

#include "../cloud/backend.h"
#include "work.h"

namespace liouville::host {

// Cloud i has the points offsets[i] ... offsets[i + 1] - 1, row-major.
struct CloudSet {
  std::vector<double> data;
  std::vector<int32_t> offsets;
  int32_t dim = 0;

  int64_t size(int32_t cloud) const { return offsets[size_t(cloud) + 1] - offsets[size_t(cloud)]; }
  const double* points(int32_t cloud) const { return data.data() + int64_t(offsets[size_t(cloud)]) * dim; }
};

// One phase, with a task for each pair.
class CloudWork : public Work {
 public:
  // Throws Misuse for clouds that are not well formed, pairs of clouds that are not there or have no distance, and
  // where there is not a limit for each pair.
  CloudWork(WorkOptions options, const CloudBackend& backend, CloudDistance distance, CloudSet left, CloudSet right,
            std::vector<int32_t> pairs, std::vector<double> limits);

  int64_t tasks(int32_t phase) override { return phase == 0 ? int64_t(pairs_.size() / 2) : 0; }
  void run(int32_t phase, int64_t task, Scratch& scratch) override;

  // Two numbers for each pair.
  Buffer& results() { return results_; }

 private:
  const CloudBackend& backend_;
  CloudDistance distance_;
  CloudSet left_, right_;
  std::vector<int32_t> pairs_;
  std::vector<double> limits_;
  Buffer results_;
};

}  // namespace liouville::host
