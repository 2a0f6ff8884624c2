// Scaling to zero: whether anything would tell that a target without pods is wanted again. Pure.
#pragma once

#include <optional>

#include "controller/core/scaling_policy.hpp"
#include "controller/prometheus/presets.hpp"

namespace evenkeel {

// The fault of a policy with minReplicas 0 whose modules read no signal that exists without pods:
// its target would go to zero and never come back. Such signals are requestRate and inFlight of a
// preset that outlives the pods (RequestMetrics::outlives_pods), and the policy's own queries.
// Nothing for every other policy. The HPA asks the same: there it is an Object or External metric
// (autoscaling/v2 validation, HPAScaleToZero).
[[nodiscard]] std::optional<FieldError> NeverComesBack(const ScalingPolicy& policy,
                                                       const PresetTable& presets);

}  // namespace evenkeel
