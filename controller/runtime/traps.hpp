// Traps: settings that are valid and yet will surprise, as far as a policy alone can show them.
#pragma once

#include <vector>

#include "controller/core/scaling_policy.hpp"
#include "controller/prometheus/presets.hpp"

namespace evenkeel {

// Path and advice, in the order of the spec.
[[nodiscard]] std::vector<FieldError> FindTraps(const ScalingPolicy& policy,
                                                const PresetTable& presets);

}  // namespace evenkeel
