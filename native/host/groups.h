// The fixed groups into which rows are cut for sums over rows, and the fixed order in which the groups are
// added up: neither depends on the number of threads, so neither do the bits of the result.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "mutex.h"

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

// Groups of a call that follow each other: all of them, or those that one of several instances works on.
struct GroupSlice {
  int64_t rows;         // of the whole call
  int64_t first, last;  // groups first ... last - 1

  static GroupSlice all(int64_t rows) { return {rows, 0, groupCount(rows)}; }

  int64_t count() const { return last - first; }
  bool isWhole() const { return count() == groupCount(rows); }
  // The rows of the i-th of these groups, counted from the first row of the slice.
  RowRange group(int64_t i) const {
    const int64_t begin = groupOf(rows, groupCount(rows), first).first;
    const RowRange range = groupOf(rows, groupCount(rows), first + i);
    return {range.first - begin, range.last - begin};
  }
  int64_t size() const { return count() > 0 ? group(count() - 1).last : 0; }
};

// The sum of one array for each group: neighbours are added, then neighbours among the results, and so on,
// each as soon as both are there, so that few are held at a time. An odd one goes up as it is.
class PairwiseSum {
 public:
  // Where a sum belongs: the `index`-th of the `width` sums of its level. The groups are the lowest level.
  struct Place {
    int64_t width, index;
    auto operator<=>(const Place&) const = default;
  };

  // `groups`: of the whole call.
  explicit PairwiseSum(int64_t groups) : groups_(groups) {}

  // Called once for each group, from any thread.
  void add(int64_t group, std::vector<double> numbers) { add(Place{groups_, group}, std::move(numbers)); }
  // Adds what another sum has left over.
  void add(Place place, std::vector<double> numbers);

  // The sum, when all groups have been added.
  std::vector<double> take() { return std::move(waiting_.begin()->second); }
  // What cannot be added up yet, when only some groups have been added.
  const std::map<Place, std::vector<double>>& waiting() const { return waiting_; }

 private:
  int64_t groups_;
  Mutex mutex_;
  std::map<Place, std::vector<double>> waiting_;
};

}  // namespace liouville::host
