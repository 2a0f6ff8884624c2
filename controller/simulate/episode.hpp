// Episode: one closed loop of a scenario and a scaler, from the same random numbers for every
// scaler (arrivals, work and start-up times depend on the seed alone). Pure: the same arguments
// give the same record, on any thread.
#pragma once

#include <cstdint>
#include <functional>

#include "controller/simulate/record.hpp"
#include "controller/simulate/scaler.hpp"
#include "controller/simulate/scenario.hpp"

namespace evenkeel {

// The largest utilization of a warm pod, with the database at rest, at which at most 1 % of the
// requests are slower than the objective: found by bisection on simulations of the steady state.
// Costs about as much as an episode: find it once per scenario.
[[nodiscard]] double MaxUtilization(const Scenario& scenario);

// Called once per simulated minute; false ends the episode early, with what there is.
using OnMinute = std::function<bool(SimSeconds)>;

[[nodiscard]] Record Simulate(const Scenario& scenario, double max_utilization,
                              const ScalerKind& scaler, std::uint64_t seed,
                              const OnMinute& on_minute = {});

}  // namespace evenkeel
