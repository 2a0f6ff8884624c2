// How a signal lies over the pods that report it.
#pragma once

#include <vector>

#include "policies/reading.hpp"

namespace evenkeel {

// Of at least one pod, in any order. `interval`: PodSpread::interval. Of equal maxima the pod that
// comes first is named.
[[nodiscard]] PodSpread SpreadOver(std::vector<PodValue> pods, double interval);

}  // namespace evenkeel
