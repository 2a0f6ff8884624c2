#include "controller/runtime/traps.hpp"

#include <chrono>
#include <string>

#include "controller/runtime/built_in_presets.hpp"
#include "policies/registry.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ScalingPolicy Sound() {
  ScalingPolicy policy;
  policy.target.max_replicas = 40;
  policy.target.objectives.latency_p99 = milliseconds{250};
  policy.target.objectives.event_loop_utilization = 0.7;
  policy.policies = {{"slo", {}, MakePolicy("slo", nullptr).value()}};
  return policy;
}

// The paths of what is found.
std::string Paths(const ScalingPolicy& policy) {
  std::string paths;
  for (const FieldError& trap : FindTraps(policy, BuiltInPresets())) {
    CHECK_FALSE(trap.message.empty());
    paths += trap.path + " ";
  }
  return paths;
}

TEST_CASE("a sound policy has no traps") { CHECK(Paths(Sound()).empty()); }

TEST_CASE("replicas that can never change are pointed out") {
  ScalingPolicy policy = Sound();
  policy.target.min_replicas = 40;
  CHECK(Paths(policy) == "spec.maxReplicas ");
  policy.target.min_replicas = 0;
  CHECK(Paths(policy) == "spec.minReplicas ");
}

TEST_CASE("a query that nothing asks for is pointed out") {
  ScalingPolicy policy = Sound();
  policy.metrics.queries = {{"depth", "sum(jobs)"}, {"latencyP99", "max(p99)"}};
  CHECK(Paths(policy) == "spec.metrics.queries[depth] ");
}

TEST_CASE("mode Observe is pointed out") {
  ScalingPolicy policy = Sound();
  policy.mode = Mode::kObserve;
  CHECK(Paths(policy) == "spec.mode ");
}

TEST_CASE("a window shorter than two scrapes is pointed out") {
  ScalingPolicy policy = Sound();
  policy.metrics.window = seconds{29};
  CHECK(Paths(policy) == "spec.metrics.window ");
  policy.metrics.window = seconds{30};
  CHECK(Paths(policy).empty());
}

TEST_CASE("latency from inside the process needs the event loop beside it") {
  ScalingPolicy policy = Sound();
  policy.target.objectives.event_loop_utilization.reset();
  CHECK(Paths(policy) == "spec.objectives.latencyP99 ");
  SECTION("unless it is measured in front of the process") {
    policy.metrics.latency_preset = "caddy";
    CHECK(Paths(policy).empty());
  }
  SECTION("unless the user measures it") {
    policy.metrics.queries = {{"latencyP99", "x"}};
    CHECK(Paths(policy).empty());
  }
}

TEST_CASE("errors as the only objective are pointed out") {
  ScalingPolicy policy = Sound();
  policy.target.objectives = {{}, 0.01, {}, {}};
  CHECK(Paths(policy) == "spec.objectives.errorRate ");
  policy.policies.push_back(policy.policies.front());
  CHECK(Paths(policy).empty());
}

TEST_CASE("a behavior that cannot grow or shrinks at once is pointed out") {
  ScalingPolicy policy = Sound();
  policy.behavior.scale_up.select_policy = SelectPolicy::kDisabled;
  policy.behavior.scale_down.stabilization_window = seconds{0};
  CHECK(Paths(policy) ==
        "spec.behavior.scaleUp.selectPolicy spec.behavior.scaleDown.stabilizationWindowSeconds ");
}

TEST_CASE("a fallback below the minimum is pointed out") {
  ScalingPolicy policy = Sound();
  policy.target.min_replicas = 6;
  policy.fallback = Fallback{seconds{180}, 5};
  CHECK(Paths(policy) == "spec.fallback.replicas ");
  policy.fallback->replicas = 6;
  CHECK(Paths(policy).empty());
}

TEST_CASE("a preset that this version does not have is pointed out once") {
  ScalingPolicy policy = Sound();
  policy.metrics.latency_preset = policy.metrics.runtime_preset = "no-such";
  CHECK(Paths(policy) == "spec.metrics.preset ");
  policy.metrics.runtime_preset = "prom-client";
  CHECK(Paths(policy) == "spec.metrics.presets.latency ");
}

}  // namespace
}  // namespace evenkeel
