#include "controller/core/scaling_policy.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

// The least that is enough.
json Minimal() {
  return {{"apiVersion", "evenkeel.dev/v1alpha1"},
          {"kind", "ScalingPolicy"},
          {"metadata", {{"name", "checkout"}, {"namespace", "shop"}}},
          {"spec",
           {{"targetRef", {{"name", "checkout"}}},
            {"maxReplicas", 40},
            {"objectives", {{"latencyP99", "250ms"}}}}}};
}

json With(const std::string& pointer, const json& value) {
  json object = Minimal();
  object[json::json_pointer(pointer)] = value;
  return object;
}

ScalingPolicy Parsed(const json& object) {
  ParsedScalingPolicy parsed = ParseScalingPolicy(object);
  if (const auto* faults = std::get_if<std::vector<FieldError>>(&parsed)) {
    for (const FieldError& fault : *faults) UNSCOPED_INFO(fault.ToString());
  }
  REQUIRE(std::holds_alternative<ScalingPolicy>(parsed));
  return std::get<ScalingPolicy>(std::move(parsed));
}

// All faults, a line each.
std::string Faults(const json& object) {
  const ParsedScalingPolicy parsed = ParseScalingPolicy(object);
  std::string text;
  if (const auto* faults = std::get_if<std::vector<FieldError>>(&parsed)) {
    for (const FieldError& fault : *faults) text += fault.ToString() + "\n";
  }
  return text;
}

TEST_CASE("a target, a maximum and one objective are enough, and the rest has its default") {
  const ScalingPolicy policy = Parsed(Minimal());
  CHECK(policy.key == ObjectKey{"shop", "checkout"});
  CHECK(policy.target_ref == TargetRef{"apps/v1", "Deployment", "checkout"});
  CHECK(policy.mode == Mode::kEnforce);
  CHECK(policy.target.min_replicas == 1);
  CHECK(policy.target.max_replicas == 40);
  CHECK(policy.target.window == seconds{60});
  CHECK(policy.target.objectives == Objectives{milliseconds{250}, {}, {}, {}});
  CHECK(policy.metrics == MetricsSpec{});
  CHECK(policy.behavior == Behavior{});
  CHECK_FALSE(policy.fallback.has_value());
  REQUIRE(policy.policies.size() == 1);
  CHECK(policy.policies[0].name == "slo");
  CHECK(policy.policies[0].policy != nullptr);
  CHECK(policy.status.is_null());
}

TEST_CASE("everything that can be said is read") {
  json object = Minimal();
  object["metadata"] = {{"name", "checkout"},
                        {"namespace", "shop"},
                        {"uid", "42-17"},
                        {"resourceVersion", "1001"},
                        {"generation", 3},
                        {"creationTimestamp", "2026-11-23T09:30:00Z"},
                        {"labels", {{"team", "shop"}}},
                        {"managedFields", json::array()}};
  object["status"] = {{"currentReplicas", 3}};
  object["spec"] = json::parse(R"json({
    "targetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db"},
    "minReplicas": 2, "maxReplicas": 40, "mode": "Observe",
    "metrics": {"source": "main", "presets": {"latency": "ingress-nginx"},
                "match": {"service": "checkout"}, "window": "1500ms",
                "queries": {"queueDepth": "sum(x)"}},
    "objectives": {"latencyP99": "1.5s", "errorRate": "1%", "eventLoopLagP99": "100ms",
                   "eventLoopUtilization": "0.7"},
    "policies": [{"name": "slo"},
                 {"name": "ratio", "params": {"signal": "queueDepth", "target": 100}},
                 {"name": "ratio", "params": {"signal": "requestRate", "target": 50}}],
    "fallback": {"after": "5m", "replicas": 6}})json");
  const ScalingPolicy policy = Parsed(object);
  CHECK(policy.uid == "42-17");
  CHECK(policy.resource_version == "1001");
  CHECK(policy.generation == 3);
  CHECK(policy.created == TimePoint{seconds{1795426200}});
  CHECK(policy.target_ref == TargetRef{"apps/v1", "StatefulSet", "db"});
  CHECK(policy.mode == Mode::kObserve);
  CHECK(policy.target ==
        TargetSpec{2, 40, {milliseconds{1500}, 0.01, milliseconds{100}, 0.7}, seconds{2}});
  CHECK(policy.metrics == MetricsSpec{"main",
                                      "ingress-nginx",
                                      "prom-client",
                                      {{"service", "checkout"}},
                                      seconds{2},
                                      {{"queueDepth", "sum(x)"}}});
  CHECK(policy.fallback == Fallback{seconds{300}, 6});
  CHECK(policy.status == json{{"currentReplicas", 3}});
  std::string names;
  for (const PolicyModule& module : policy.policies) names += module.name + " ";
  CHECK(names == "slo ratio ratio#2 ");
}

TEST_CASE("one preset stands for both halves") {
  const ScalingPolicy policy = Parsed(With("/spec/metrics", {{"preset", "istio"}}));
  CHECK(policy.metrics.latency_preset == "istio");
  CHECK(policy.metrics.runtime_preset == "istio");
}

TEST_CASE("a file without a namespace is in the default one") {
  json object = Minimal();
  object["metadata"].erase("namespace");
  CHECK(Parsed(object).key.namespace_name == "default");
}

TEST_CASE("a null counts as absent, as on the API server") {
  CHECK(Parsed(With("/spec/mode", nullptr)).mode == Mode::kEnforce);
  CHECK(Parsed(With("/spec/behavior", nullptr)).behavior == Behavior{});
  CHECK(Faults(With("/spec/maxReplicas", nullptr)) == "spec.maxReplicas: Required value\n");
}

TEST_CASE("a module that is compatible with the HPA makes the rate policies so too") {
  const auto arithmetic = [](const json& params) {
    return Parsed(With("/spec/policies",
                       json::array({{{"name", "slo"}}, {{"name", "ratio"}, {"params", params}}})))
        .behavior.arithmetic;
  };
  json params = {{"signal", "requestRate"}, {"target", 100}};
  CHECK(arithmetic(params) == Arithmetic::kExact);
  params["compatibility"] = "hpa";
  CHECK(arithmetic(params) == Arithmetic::kHpa);
  params["compatibility"] = "HPA";
  CHECK(Faults(With("/spec/policies", json::array({{{"name", "ratio"}, {"params", params}}}))) ==
        "spec.policies[0].params.compatibility: unsupported value \"HPA\"; supported values: "
        "\"hpa\"; did you mean \"hpa\"?\n");
}

TEST_CASE("a direction of behavior keeps the HPA's defaults for what it leaves out") {
  const Behavior defaults;
  const Behavior empty = Parsed(With("/spec/behavior", json::object())).behavior;
  CHECK(empty == defaults);
  const Behavior down =
      Parsed(With("/spec/behavior", {{"scaleDown", {{"selectPolicy", "Min"}}}})).behavior;
  CHECK(down.scale_up == defaults.scale_up);
  CHECK(down.scale_down.select_policy == SelectPolicy::kMin);
  CHECK(down.scale_down.stabilization_window == seconds{300});
  CHECK(down.scale_down.policies == defaults.scale_down.policies);
  CHECK(down.scale_down.tolerance == 0.1);
  const json limit = {{"type", "Percent"}, {"value", 10}, {"periodSeconds", 60}};
  const Behavior up = Parsed(With("/spec/behavior/scaleUp", {{"stabilizationWindowSeconds", 30},
                                                             {"policies", json::array({limit})}}))
                          .behavior;
  CHECK(
      up.scale_up ==
      ScalingRules{seconds{30}, SelectPolicy::kMax, {{RateType::kPercent, 10, seconds{60}}}, 0.1});
  CHECK(up.scale_down == defaults.scale_down);
}

TEST_CASE("a tolerance is any form of a quantity") {
  const auto [given, tolerance] = GENERATE(table<json, double>(
      {{json(0.05), 0.05}, {json(0), 0}, {json("100m"), 0.1}, {json("0.05"), 0.05}}));
  const Behavior read = Parsed(With("/spec/behavior/scaleUp/tolerance", given)).behavior;
  CHECK(read.scale_up.tolerance == Approx(tolerance));
  CHECK(read.scale_down.tolerance == 0.1);
}

TEST_CASE("a fault is named with its path, what is wanted and what was given") {
  const auto [pointer, given, fault] = GENERATE(table<std::string, json, std::string>({
      {"/spec/maxReplicas", 0, "spec.maxReplicas: must be between 1 and 1000000; got 0"},
      {"/spec/maxReplicas", 3e9,
       "spec.maxReplicas: must be between 1 and 1000000; got 3000000000.0"},
      {"/spec/maxReplicas", 18446744073709551615U,
       "spec.maxReplicas: must be between 1 and 1000000; got 18446744073709551615"},
      {"/spec/maxReplicas", 2.5, "spec.maxReplicas: must be of type integer; got 2.5"},
      {"/spec/maxReplicas", "40", "spec.maxReplicas: must be of type integer; got \"40\""},
      {"/spec/minReplicas", 41,
       "spec.minReplicas: minReplicas (41) must not be above maxReplicas (40)"},
      {"/spec/mode", "Enforced",
       "spec.mode: Unsupported value: \"Enforced\": supported values: \"Enforce\", \"Observe\"; "
       "did "
       "you mean \"Enforce\"?"},
      {"/spec/targetRef/kind", "deployment",
       "spec.targetRef.kind: must be the kind of an object, e.g. \"Deployment\" or "
       "\"StatefulSet\"; "
       "got \"deployment\""},
      {"/spec/targetRef/name", std::string(254, 'a'),
       "spec.targetRef.name: Too long: may not be more than 253 bytes"},
      {"/spec/targetRef", "checkout", "spec.targetRef: must be of type object; got \"checkout\""},
      {"/spec/metrics/match", json::object(),
       "spec.metrics.match: must not be empty: give at least one label, or leave match out to find "
       "the series by pod name"},
      {"/spec/metrics/match/service", 5,
       "spec.metrics.match[service]: must be of type string; got 5"},
      {"/spec/objectives/errorRate", 0.01,
       "spec.objectives.errorRate: must be of type string; got 0.01"},
      {"/spec/policies", "slo", "spec.policies: must be of type array; got \"slo\""},
      {"/spec/policies/0", nullptr, "spec.policies[0]: must be of type object; got null"},
      {"/spec/policies", json::array({{{"name", "slow"}}}),
       "spec.policies[0].name: Unsupported value: \"slow\": supported values: \"ratio\", \"slo\"; "
       "did "
       "you mean \"slo\"?"},
      {"/spec/policies",
       json::array({{{"name", "slo"}}, {{"name", "ratio"}, {"params", {{"target", 5}}}}}),
       "spec.policies[1].params.signal: is required"},
      {"/spec/behavior/scaleUp/tolerance", true,
       "spec.behavior.scaleUp.tolerance: must be a quantity of at least 0, such as 0.05 or "
       "\"50m\"; "
       "got true"},
      {"/spec/fallback/replicas", 41,
       "spec.fallback.replicas: fallback.replicas (41) must not be above maxReplicas (40)"},
      {"/spec/objectivs", 1,
       "spec.objectivs: unknown field; known are: \"targetRef\", \"minReplicas\", \"maxReplicas\", "
       "\"mode\", \"metrics\", \"objectives\", \"policies\", \"behavior\", \"fallback\"; did you "
       "mean "
       "\"objectives\"?"},
      {"/spec/behavior/scaleUp/limits", 1,
       "spec.behavior.scaleUp.limits: unknown field; known are: \"stabilizationWindowSeconds\", "
       "\"selectPolicy\", \"tolerance\", \"policies\""},
      {"/spec/policies", json::array({{{"name", "slo"}, {"parms", json::object()}}}),
       "spec.policies[0].parms: unknown field; known are: \"name\", \"params\"; did you mean "
       "\"params\"?"},
      {"/kind", "ScaledObject",
       "kind: Unsupported value: \"ScaledObject\": supported values: \"ScalingPolicy\""},
      {"/metadata/name", "Checkout",
       "metadata.name: must be the name of an object, made of lower case letters, digits, \"-\" "
       "and "
       "\".\"; got \"Checkout\""},
      {"/extra", 1,
       "extra: unknown field; known are: \"apiVersion\", \"kind\", \"metadata\", \"spec\", "
       "\"status\""},
  }));
  CHECK(Faults(With(pointer, given)) == fault + "\n");
}

TEST_CASE("all faults are reported, in the order of the spec") {
  json object = Minimal();
  object["spec"] = json::parse(R"({
    "targetRef": {"kind": "deployment"}, "minReplicas": -1, "mode": "DryRun",
    "metrics": {"window": "5", "match": {"namespace": "x", "9": "y"}},
    "objectives": {"latencyP99": "0s"},
    "policies": [{"params": 5}],
    "behavior": {"scaleDown": {"policies": [{"type": "Pods"}]}},
    "fallback": {"after": "1"}})");
  std::string paths;
  const ParsedScalingPolicy parsed = ParseScalingPolicy(object);
  for (const FieldError& fault : std::get<std::vector<FieldError>>(parsed)) {
    paths += fault.path + " ";
  }
  CHECK(paths ==
        "spec.targetRef.kind spec.targetRef.name spec.minReplicas spec.maxReplicas spec.mode "
        "spec.metrics.match spec.metrics.match spec.metrics.window spec.objectives.latencyP99 "
        "spec.policies[0].name spec.policies[0].params "
        "spec.behavior.scaleDown.policies[0].value "
        "spec.behavior.scaleDown.policies[0].periodSeconds spec.fallback.after "
        "spec.fallback.replicas ");
}

TEST_CASE(
    "a policy without a purpose is refused once, and a faulty objective is not a missing one") {
  json none = Minimal();
  none["spec"].erase("objectives");
  CHECK(Faults(none).starts_with("spec.objectives: set at least one objective"));
  CHECK(Faults(With("/spec/objectives", {{"latencyP99", nullptr}}))
            .starts_with("spec.objectives: set at least one objective"));
  none["spec"]["policies"] =
      json::parse(R"([{"name": "ratio", "params": {"signal": "q", "target": 1}}])");
  CHECK(Faults(none).empty());
  CHECK(Faults(With("/spec/objectives", {{"latencyP99", 5}})) ==
        "spec.objectives.latencyP99: must be of type string; got 5\n");
}

TEST_CASE("a list that is too long is refused without reading it") {
  const json many(33, {{"type", "Pods"}});
  CHECK(Faults(With("/spec/behavior/scaleUp/policies", many)) ==
        "spec.behavior.scaleUp.policies: Too many: 33: must have at most 32 items\n");
}

TEST_CASE("what is not an object at all is refused") {
  for (const json& object : {json(), json(5), json("x"), json::array()}) {
    CHECK_FALSE(Faults(object).empty());
  }
  CHECK(Faults(json::object()) == "metadata: Required value\nspec: Required value\n");
}

TEST_CASE("hostile names do not break the message") {
  const std::string faults =
      Faults(With("/spec/mode", "x\n\xff\x1b[31m" + std::string(9'999, 'y')));
  CHECK(faults.size() < 300);
  CHECK(faults.find('\x1b') == std::string::npos);
  json object = Minimal();
  object["spec"]["bad\nname\xff"] = 1;
  CHECK(Faults(object).starts_with("spec.bad name?: unknown field"));
}

}  // namespace
}  // namespace evenkeel
