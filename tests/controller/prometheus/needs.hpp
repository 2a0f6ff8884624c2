// Needs of made-up policies, for tests of the plan.
#pragma once

#include <string>
#include <string_view>
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

// So many of them, that need the request rate.
inline std::vector<PolicyNeeds> Many(int count) {
  std::vector<PolicyNeeds> policies;
  for (int i = 0; i < count; ++i) {
    policies.push_back(NeedsFor("shop", "svc" + std::to_string(i), {"requestRate"}));
  }
  return policies;
}

// The plan's queries of that topic.
inline std::vector<PlannedQuery> Of(const Plan& plan, std::string_view topic) {
  std::vector<PlannedQuery> queries;
  for (const PlannedQuery& query : plan.queries) {
    if (query.topic == topic) queries.push_back(query);
  }
  return queries;
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
