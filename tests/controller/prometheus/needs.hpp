// Needs of made-up policies, for tests of the plan.
#pragma once

#include <string>
#include <vector>

#include "controller/prometheus/planner.hpp"
#include "controller/runtime/built_in_presets.hpp"

namespace evenkeel::test {

inline constexpr TimePoint kNow{std::chrono::seconds(1'700'000'000)};

// A Deployment `name` with a policy of the same name.
inline PolicyNeeds NeedsFor(std::string namespace_name, std::string name,
                            const std::vector<std::string>& signals) {
  PolicyNeeds needs;
  needs.policy = {std::move(namespace_name), name};
  needs.target.name = std::move(name);
  for (const std::string& signal : signals) needs.needs.push_back({signal, {}});
  return needs;
}

// With the presets that are built in, and no census.
inline Plan PlanOf(std::span<const PolicyNeeds> policies, TimePoint now = kNow) {
  return BuildPlan(policies, now, {BuiltInPresets()});
}
inline Plan PastPlanOf(std::span<const PolicyNeeds> policies, const Instants& past) {
  return PlanPast(policies, past, {BuiltInPresets()});
}
inline const Preset& BuiltIn(std::string_view name) {
  return BuiltInPresets().at(std::string(name));
}

}  // namespace evenkeel::test
