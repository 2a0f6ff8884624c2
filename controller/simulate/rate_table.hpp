// The load of an episode, second by second: the scenario's rate and its noise.
#pragma once

#include <cstdint>
#include <vector>

#include "controller/simulate/scenario.hpp"

namespace evenkeel {

// Requests/s in each second of the episode, from the rate in the middle of the second.
[[nodiscard]] std::vector<double> RateTable(const Scenario& scenario, std::uint64_t seed);

}  // namespace evenkeel
