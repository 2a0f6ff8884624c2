#include "controller/simulate/request_counters.hpp"

#include <algorithm>

namespace evenkeel {

BucketBounds::BucketBounds(double objective) {
  bounds_ = {0.005F, 0.01F, 0.025F, 0.05F, 0.1F, 0.25F,
             0.5F,   1,     2.5F,   5,     10,   static_cast<float>(objective)};
  std::ranges::sort(bounds_);
}

}  // namespace evenkeel
