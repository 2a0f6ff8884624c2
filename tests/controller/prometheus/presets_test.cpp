#include "controller/prometheus/presets.hpp"

#include <nlohmann/json.hpp>

#include "controller/runtime/built_in_presets.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using nlohmann::json;

namespace {

struct Parsed {
  PresetTable table;
  std::vector<std::string> faults;
};

Parsed Parse(const json& list) {
  std::vector<FieldError> faults;
  Parsed parsed{ParsePresets(list, "presets", faults), {}};
  for (const FieldError& fault : faults) parsed.faults.push_back(fault.ToString());
  return parsed;
}

json Minimal() { return {{"name", "ours"}, {"requests", {{"histogram", "our_seconds"}}}}; }

}  // namespace

TEST_CASE("every built-in preset is sound, and found by its name") {
  for (const FieldError& fault : BuiltInPresetFaults()) UNSCOPED_INFO(fault.ToString());
  CHECK(BuiltInPresetFaults().empty());
  CHECK(PresetNames(BuiltInPresets()) ==
        std::vector<std::string>{"caddy", "envoy-gateway", "haproxy", "haproxy-kubernetes-ingress",
                                 "ingress-nginx", "ingress-nginx-honor-labels", "istio", "linkerd",
                                 "opentelemetry", "opentelemetry-otlp", "prom-client", "traefik",
                                 "traefik-gateway"});
  CHECK(FindPreset(BuiltInPresets(), "Caddy") == nullptr);
}

TEST_CASE("a preset of the administrator's needs a name and a histogram, and has sane defaults") {
  const Parsed parsed = Parse(json::array({Minimal()}));
  CHECK(parsed.faults.empty());
  const Preset& preset = parsed.table.at("ours");
  CHECK(preset.namespace_label == "namespace");
  CHECK(preset.target_label.empty());
  CHECK(preset.requests.seconds_per_unit == 1);
  CHECK(preset.requests.status.labels.empty());
}

TEST_CASE("metrics bring matchers, bounds and floors bring units, one label may hold both names") {
  json preset = Minimal();
  preset["target"] = {{"joint", {{"label", "svc"}, {"format", "k8s_{namespace}__{name}@.*"}}}};
  preset["requests"]["unit"] = "ms";
  preset["requests"]["largestBuckets"] = {"500ms", "2m"};
  preset["requests"]["inFlight"] = "busy{kind=\"http\"}";
  preset["runtime"] = {{"lagP99", {{"gauge", "lag"}, {"floor", "20ms"}}},
                       {"utilization", {{"samples", "elu"}}}};
  const Parsed parsed = Parse(json::array({preset}));
  for (const std::string& fault : parsed.faults) UNSCOPED_INFO(fault);
  REQUIRE(parsed.faults.empty());
  const Preset& read = parsed.table.at("ours");
  CHECK(read.joint == JointLabel{"svc", "k8s_", "__", "@.*"});
  CHECK(read.requests.seconds_per_unit == 0.001);
  CHECK(read.requests.largest_buckets == std::vector<double>{0.5, 120});
  CHECK(read.requests.in_flight == MetricRefs{{"busy", "kind=\"http\""}});
  CHECK(read.runtime.lag_resolution == 0.02);
  CHECK(read.runtime.utilization_samples == std::vector<MetricRatio>{{{"elu_sum"}, {"elu_count"}}});
}

TEST_CASE("a fault names its field, leaves its preset out and the others in") {
  json faulty = Minimal();
  faulty["name"] = "bad";
  faulty["requests"]["histogram"] = "no spaces";
  faulty["requests"]["untit"] = "ms";
  faulty["target"] = {{"joint", {{"label", "svc"}, {"format", "{name}-{namespace}"}}}};
  const Parsed parsed = Parse(json::array({faulty, Minimal(), Minimal(), json{{"name", "empty"}}}));
  CHECK(PresetNames(parsed.table) == std::vector<std::string>{"ours"});
  REQUIRE(parsed.faults.size() == 6);
  CHECK_THAT(parsed.faults[0], Catch::StartsWith("presets[0].target.joint.format: must hold"));
  CHECK_THAT(parsed.faults[1],
             Catch::StartsWith("presets[0].requests.histogram: must be a metric name"));
  CHECK_THAT(parsed.faults[4], Catch::StartsWith("presets[2].name: is given twice"));
  CHECK_THAT(parsed.faults[5], Catch::StartsWith("presets[3].requests: give requests, runtime"));
}
