// The truth of an episode, for oracles and scores (scaler.hpp).
#pragma once

#include <vector>

#include "controller/simulate/scaler.hpp"
#include "controller/simulate/scenario.hpp"

namespace evenkeel {

// All must outlive what is returned.
[[nodiscard]] Truth TruthOf(const Scenario& scenario, const std::vector<double>& rates,
                            double max_utilization);

}  // namespace evenkeel
