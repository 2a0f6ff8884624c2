// The parts of a spec, each read where it is explained best. For scaling_policy.cpp; scenarios of
// the simulator have objectives too.
#pragma once

#include <vector>

#include "controller/core/scaling_policy.hpp"
#include "controller/core/spec_reader.hpp"

namespace evenkeel {

// Each reads one field of `spec`, with its defaults; faults are added to the reader's list.
[[nodiscard]] MetricsSpec ReadMetrics(SpecObject& spec);
[[nodiscard]] Objectives ReadObjectives(SpecObject& spec);
[[nodiscard]] Behavior ReadBehavior(SpecObject& spec);
[[nodiscard]] std::vector<PolicyModule> ReadModules(SpecObject& spec);

// kHpa if any module is `compatibility: hpa`.
[[nodiscard]] Arithmetic ArithmeticOf(const std::vector<PolicyModule>& modules);

}  // namespace evenkeel
