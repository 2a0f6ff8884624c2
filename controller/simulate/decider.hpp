// Evenkeel itself as a scaler: the production NeedsOf, modules and Decide, on a simulated target.
#pragma once

#include <chrono>
#include <string>

#include "controller/core/scaling_policy.hpp"
#include "controller/simulate/scaler.hpp"

namespace evenkeel {

// `policy` decides as it would in production; its bounds and objectives are replaced by the
// scenario's, so that one policy runs in any scenario. Its past is replayed after a controller
// restart as in production (core/replay.hpp).
[[nodiscard]] ScalerKind DeciderOf(std::string name, const ScalingPolicy& policy,
                                   std::chrono::seconds sync_period);

// What a user gets who leaves all to the defaults: modules, behavior, window. Its bounds and
// objectives mean nothing; DeciderOf replaces them.
[[nodiscard]] ScalingPolicy DefaultPolicy();

}  // namespace evenkeel
