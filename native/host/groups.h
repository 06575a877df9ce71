// The fixed groups into which rows are cut for sums over rows, and the fixed order in which the groups are
// added up: neither depends on the number of threads, so neither do the bits of the result.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace liouville::host {

struct RowRange {
  int64_t first, last;  // rows first ... last - 1
};

// About 256 rows a group, and at least two groups where there are two rows.
inline int64_t groupCount(int64_t rows) {
  const int64_t count = (rows + 128) / 256;
  return rows == 1 ? 1 : count < 2 ? 2 : count;
}

// Group number `group` of `count` cuts of the same length, up to one row.
inline RowRange groupOf(int64_t rows, int64_t count, int64_t group) {
  const int64_t length = rows / count, longer = rows % count;
  const auto begin = [&](int64_t i) { return i * length + (i < longer ? i : longer); };
  return {begin(group), begin(group + 1)};
}

// The sum of one array for each group: neighbours are added, then neighbours among the results, and so on,
// each as soon as both are there, so that few are held at a time. An odd one goes up as it is.
class PairwiseSum {
 public:
  explicit PairwiseSum(int64_t groups) : groups_(groups) {}

  // Called once for each group, from any thread.
  void add(int64_t group, std::vector<double> numbers);

  // The sum, when all groups have been added.
  std::vector<double> take() { return std::move(waiting_.begin()->second); }

 private:
  struct Place {
    int64_t width;  // nodes of this level
    int64_t index;
    auto operator<=>(const Place&) const = default;
  };

  int64_t groups_;
  std::mutex mutex_;
  std::map<Place, std::vector<double>> waiting_;
};

}  // namespace liouville::host
