#include "controller/prometheus/zero.hpp"

#include "controller/runtime/built_in_presets.hpp"
#include "policies/registry.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

ScalingPolicy ToZero(const std::string& module, const nlohmann::json& params = nullptr) {
  ScalingPolicy policy;
  policy.target.min_replicas = 0;
  policy.policies = {{module, params, MakePolicy(module, params).value()}};
  return policy;
}

TEST_CASE("what a process reports of itself cannot bring it back from zero") {
  const auto fault = NeverComesBack(ToZero("slo"), BuiltInPresets());
  REQUIRE(fault);
  CHECK(fault->path == "spec.minReplicas");
  CHECK(fault->message.find("could never come back") != std::string::npos);
}

TEST_CASE("a policy that keeps a replica needs no such signal") {
  ScalingPolicy policy = ToZero("slo");
  policy.target.min_replicas = 1;
  CHECK_FALSE(NeverComesBack(policy, BuiltInPresets()));
}

TEST_CASE("requests that the proxy sees, or a query of one's own, bring it back") {
  ScalingPolicy policy = ToZero("slo");
  policy.metrics.latency_preset = "caddy";
  CHECK_FALSE(NeverComesBack(policy, BuiltInPresets()));
  policy.metrics.latency_preset = "prom-client";
  policy.metrics.queries["requestRate"] = "sum(rate(requests_total[1m]))";
  CHECK_FALSE(NeverComesBack(policy, BuiltInPresets()));
}

TEST_CASE("the signal must be one that a module reads") {
  const nlohmann::json params = {{"signal", "depth"}, {"target", 10}};
  ScalingPolicy policy = ToZero("ratio", params);
  policy.metrics.queries["other"] = "sum(other)";
  CHECK(NeverComesBack(policy, BuiltInPresets()));
  policy.metrics.queries["depth"] = "sum(depth)";
  CHECK_FALSE(NeverComesBack(policy, BuiltInPresets()));
}

TEST_CASE("a latency needs answers, which nobody gives at zero") {
  ScalingPolicy policy = ToZero("ratio", {{"signal", "latencyP99"}, {"target", 1}});
  policy.metrics.latency_preset = "caddy";
  CHECK(NeverComesBack(policy, BuiltInPresets()));
}

}  // namespace
}  // namespace evenkeel
