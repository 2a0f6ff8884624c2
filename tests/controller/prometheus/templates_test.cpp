#include "controller/prometheus/templates.hpp"

#include "policies/reading.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;

namespace {

using Targets = std::vector<std::vector<std::string>>;

const Grouping kByService{{"namespace", "service"}, PodNames::kNone};
const Grouping kByPod{{"namespace", std::string(kTargetLabel)}, PodNames::kReplicaSet};
const Targets kCheckout = {{"shop", "checkout"}};

TemplateInput Input(const char* preset, const Grouping& grouping = kByService) {
  return {*FindPreset(preset), 60s, grouping, kCheckout};
}

}  // namespace

TEST_CASE("latency is the quantile over all of a target's series, one per target") {
  CHECK(InstantPromql(signal::kLatencyP99, Input("caddy")) ==
        R"(histogram_quantile(0.99, sum by (namespace, service, le) ()"
        R"(rate(caddy_http_request_duration_seconds_bucket{namespace="shop",service="checkout",)"
        R"(handler=~"reverse_proxy|subroute"}[60s]))))");
}

TEST_CASE("by pod name, series get their target's label before they are aggregated") {
  const std::string hash = "[b-df-hj-np-tv-xz24-9]";
  CHECK(RangePromql(signal::kEventLoopUtilization, Input("prom-client", kByPod)) ==
        R"(clamp_max(avg by (namespace, evenkeel_target) (label_replace()"
        R"(irate(nodejs_eventloop_active_seconds_total{namespace="shop",pod=~"(?:checkout)-)" +
            hash + "{5,10}-" + hash + R"({5}"}[60s]), "evenkeel_target", "$1", "pod", "(.+)-)" +
            hash + "{5,10}-" + hash + R"({5}")), 1))");
}

TEST_CASE("failed requests are 5xx by any known label, and what the proxy failed itself") {
  const std::string errors = InstantPromql(signal::kErrorRate, Input("caddy"));
  CHECK_THAT(errors, Catch::Contains(R"(code=~"5..")"));
  CHECK_THAT(errors, Catch::Contains("or rate(caddy_http_request_errors_total{"));
  CHECK_THAT(errors,
             Catch::Contains("/ (sum by (namespace, service) (rate(caddy_http_requests_total{"));
  for (const auto* label : {"status_code", "status", "code"}) {
    CHECK_THAT(InstantPromql(signal::kErrorRate, Input("prom-client")),
               Catch::Contains("," + std::string(label) + R"(=~"5..")"));
  }
}

TEST_CASE("lag has prom-client's resolution taken off, per pod, with the time of its sample") {
  CHECK(InstantPromql(signal::kEventLoopLagP99, Input("prom-client")) ==
        R"(label_replace(clamp_min(max by (namespace, service, pod) ()"
        R"(nodejs_eventloop_lag_p99_seconds{namespace="shop",service="checkout"}) - 0.01, 0), )"
        R"("evenkeel_part", "value", "", "") or label_replace(max by (namespace, service, pod) ()"
        R"(timestamp(nodejs_eventloop_lag_p99_seconds{namespace="shop",service="checkout"})), )"
        R"("evenkeel_part", "time", "", ""))");
}

TEST_CASE("the traffic brings what tells a filled window from a gap") {
  const std::string traffic = InstantPromql(kTraffic, Input("prom-client"));
  const std::string heartbeat =
      R"(count_over_time(nodejs_eventloop_lag_p99_seconds{namespace="shop",service="checkout"})";
  CHECK_THAT(traffic, Catch::Contains(heartbeat + "[30s] offset 60s)"));
  CHECK_THAT(traffic, Catch::Contains(heartbeat + "[30s] offset 30s)"));
  CHECK_THAT(traffic, Catch::Contains(heartbeat + "[30s])"));
}

TEST_CASE("probes and scrapes are no traffic") {
  CHECK_THAT(InstantPromql(kTraffic, Input("prom-client")), Catch::Contains("route!~\"/metrics|"));
}

TEST_CASE("nothing that a user wrote is read as a placeholder") {
  const Targets hostile = {{"shop", "$W<<$SEL>>"}};
  const TemplateInput input{*FindPreset("caddy"), 60s, kByService, hostile};
  CHECK_THAT(InstantPromql(signal::kLatencyP99, input),
             Catch::Contains(R"(service="$W<<$SEL>>",handler)"));
}

TEST_CASE("no placeholder is left in any query of any preset") {
  for (const std::string& name : PresetNames()) {
    const Preset& preset = *FindPreset(name);
    for (const auto signal :
         {signal::kLatencyP99, signal::kErrorRate, signal::kRequestRate, signal::kInFlight,
          signal::kEventLoopLagP99, signal::kEventLoopUtilization, signal::kBadRatio}) {
      const TemplateInput input{preset, 60s, kByService, kCheckout};
      for (const auto topic : TopicsOf(preset, signal)) {
        CAPTURE(name, signal, topic);
        CHECK(InstantPromql(topic, input).find('$') == std::string::npos);
        CHECK(RangePromql(signal, input).find('$') == std::string::npos);
      }
    }
  }
}

TEST_CASE("presets are found by name and listed in order") {
  CHECK(PresetNames() == std::vector<std::string>{"caddy", "prom-client"});
  CHECK(FindPreset("Caddy") == nullptr);
}
