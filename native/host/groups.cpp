#include "groups.h"

namespace liouville::host {

void PairwiseSum::add(Place place, std::vector<double> numbers) {
  for (;; place = {(place.width + 1) / 2, place.index / 2}) {
    const bool alone = place.index % 2 == 0 && place.index + 1 == place.width;
    if (alone && place.width > 1) continue;
    std::vector<double> sibling;
    {
      const Lock lock(mutex_);
      const auto found = waiting_.find({place.width, place.index ^ 1});
      if (place.width == 1 || found == waiting_.end()) {
        waiting_.emplace(place, std::move(numbers));
        return;
      }
      sibling = std::move(found->second);
      waiting_.erase(found);
    }
    for (size_t i = 0; i < numbers.size(); i++) numbers[i] += sibling[i];
  }
}

}  // namespace liouville::host
