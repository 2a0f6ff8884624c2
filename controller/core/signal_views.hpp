// The signals of a policy as a decision shows them, each beside its objective. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "controller/core/decision.hpp"
#include "controller/core/scaling_policy.hpp"

namespace evenkeel {

// The objective that the policy sets for a signal, in the signal's unit; nothing without one.
[[nodiscard]] std::optional<double> ObjectiveOf(const Objectives& objectives,
                                                std::string_view signal);

// The objectives' signals first and in a constant order, then whatever else was read.
[[nodiscard]] std::vector<SignalView> ViewSignals(const ScalingPolicy& policy,
                                                  const Readings& readings);

}  // namespace evenkeel
