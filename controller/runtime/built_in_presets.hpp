// The presets that are built in: controller/prometheus/presets.yaml, compiled into the program.
#pragma once

#include "controller/prometheus/presets.hpp"

namespace evenkeel {

[[nodiscard]] const PresetTable& BuiltInPresets();

// Its faults, for the test that there are none: a faulty preset would be left out.
[[nodiscard]] const std::vector<FieldError>& BuiltInPresetFaults();

}  // namespace evenkeel
