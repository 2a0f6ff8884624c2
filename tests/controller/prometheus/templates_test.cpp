#include "controller/prometheus/templates.hpp"

#include "policies/reading.hpp"
#include "tests/controller/prometheus/needs.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

using Targets = std::vector<std::vector<std::string>>;

const Grouping kByService{{"namespace", "service"}, PodNames::kNone};
const Grouping kByPod{{"namespace", std::string(kTargetLabel)}, PodNames::kReplicaSet};
const Targets kCheckout = {{"shop", "checkout"}};

TemplateInput Asking(const char* preset, const Grouping& grouping = kByService) {
  return {BuiltIn(preset), 60s, grouping, kCheckout};
}

}  // namespace

TEST_CASE("latency is the quantile over all of a target's series, one per target") {
  CHECK(InstantPromql(signal::kLatencyP99, Asking("caddy")) ==
        R"(histogram_quantile(0.99, sum by (namespace, service, le) ()"
        R"(rate(caddy_http_request_duration_seconds_bucket{namespace="shop",service="checkout",)"
        R"(handler=~"reverse_proxy|subroute"}[60s]))))");
}

TEST_CASE("by pod name, series get their target's label before they are aggregated") {
  const std::string hash = "[b-df-hj-np-tv-xz24-9]";
  CHECK(RangePromql(signal::kEventLoopLagP99, Asking("prom-client", kByPod)) ==
        R"(clamp_min(avg by (namespace, evenkeel_target) (label_replace()"
        R"(nodejs_eventloop_lag_p99_seconds{namespace="shop",pod=~"(?:checkout)-)" +
            hash + "{5,10}-" + hash + R"({5}"}, "evenkeel_target", "$1", "pod", "(.+)-)" + hash +
            "{5,10}-" + hash + R"({5}")) - 0.01, 0))");
}

TEST_CASE("the ELU is the first that is there of busy seconds, samples and a gauge") {
  const std::string elu = InstantPromql(signal::kEventLoopUtilization, Asking("prom-client"));
  const std::string target = R"({namespace="shop",service="checkout"}[60s]))";
  CHECK_THAT(elu, Catch::Contains("(irate(nodejs_eventloop_active_seconds_total" + target +
                                  " or irate(nodejs_eventloop_utilization_histogram_sum" + target +
                                  " / irate(nodejs_eventloop_utilization_histogram_count" + target +
                                  " or "));
  CHECK_THAT(InstantPromql(signal::kEventLoopUtilization, Asking("opentelemetry")),
             Catch::Contains(" or nodejs_eventloop_utilization{"));
}

TEST_CASE("failed requests are 5xx by any known label, and what the proxy failed itself") {
  const std::string errors = InstantPromql(signal::kErrorRate, Asking("caddy"));
  CHECK_THAT(errors, Catch::Contains(R"(code=~"5..")"));
  CHECK_THAT(errors, Catch::Contains("or rate(caddy_http_request_errors_total{"));
  CHECK_THAT(errors,
             Catch::Contains("/ (sum by (namespace, service) (rate(caddy_http_requests_total{"));
}

TEST_CASE("the traffic is told apart by how it ended, in one query and by any known label") {
  CHECK(TopicsOf(BuiltIn("prom-client"), signal::kErrorRate) ==
        std::vector<std::string_view>{kTraffic});
  const std::string traffic = InstantPromql(kTraffic, Asking("prom-client"));
  CHECK_THAT(traffic,
             Catch::StartsWith("sum by (namespace, service, evenkeel_part) (label_replace("));
  CHECK_THAT(traffic, Catch::Contains("sum by (namespace, service, status_code, status, code) ("
                                      "rate(http_request_duration_seconds_count{"));
  CHECK_THAT(traffic, Catch::Contains(R"(, "evenkeel_part", "value", "", ""))"));
  for (const std::string label : {"status_code", "status", "code"}) {
    CHECK_THAT(traffic,
               Catch::Contains(R"(, "evenkeel_part", "passed", ")" + label + R"(", ".+"))"));
    CHECK_THAT(traffic,
               Catch::Contains(R"(, "evenkeel_part", "failed", ")" + label + R"(", "5.."))"));
  }
  CHECK_THAT(InstantPromql(kTraffic, Asking("prom-client", kByPod)),
             Catch::Contains("label_replace(sum by (namespace, pod, status_code, status, code) ("));
}

TEST_CASE("lag has prom-client's resolution taken off, per pod, with the time of its sample") {
  CHECK(InstantPromql(signal::kEventLoopLagP99, Asking("prom-client")) ==
        R"(label_replace(clamp_min(max by (namespace, service, pod) ()"
        R"(nodejs_eventloop_lag_p99_seconds{namespace="shop",service="checkout"}) - 0.01, 0), )"
        R"("evenkeel_part", "value", "", "") or label_replace(max by (namespace, service, pod) ()"
        R"(timestamp(nodejs_eventloop_lag_p99_seconds{namespace="shop",service="checkout"})), )"
        R"("evenkeel_part", "time", "", ""))");
}

TEST_CASE("the traffic brings what tells a filled window from a gap") {
  const std::string traffic = InstantPromql(kTraffic, Asking("prom-client"));
  const std::string heartbeat =
      R"(count_over_time(nodejs_eventloop_lag_p99_seconds{namespace="shop",service="checkout"})";
  CHECK_THAT(traffic, Catch::Contains(heartbeat + "[30s] offset 60s)"));
  CHECK_THAT(traffic, Catch::Contains(heartbeat + "[30s] offset 30s)"));
  CHECK_THAT(traffic, Catch::Contains(heartbeat + "[30s])"));
}

TEST_CASE("probes and scrapes are no traffic") {
  CHECK_THAT(InstantPromql(kTraffic, Asking("prom-client")), Catch::Contains("route!~\"/metrics|"));
}

TEST_CASE("nothing that a user wrote is read as a placeholder") {
  const Targets hostile = {{"shop", "$W<<$SEL>>"}};
  const TemplateInput input{BuiltIn("caddy"), 60s, kByService, hostile};
  CHECK_THAT(InstantPromql(signal::kLatencyP99, input),
             Catch::Contains(R"(service="$W<<$SEL>>",handler)"));
}

TEST_CASE("no placeholder is left in any query of any preset") {
  for (const std::string& name : PresetNames(BuiltInPresets())) {
    const Preset& preset = BuiltIn(name);
    for (const auto signal :
         {signal::kLatencyP99, signal::kErrorRate, signal::kRequestRate, signal::kInFlight,
          signal::kEventLoopLagP99, signal::kEventLoopUtilization, signal::kBadRatio}) {
      TemplateInput input{preset, 60s, kByService, kCheckout};
      input.bound = 0.25;
      for (const auto topic : TopicsOf(preset, signal)) {
        CAPTURE(name, signal, topic);
        CHECK(InstantPromql(topic, input).find('$') == std::string::npos);
        CHECK(RangePromql(signal, input).find('$') == std::string::npos);
      }
    }
  }
}

TEST_CASE("the share of slow requests is read off the bucket that ends at the objective") {
  TemplateInput input = Asking("prom-client");
  input.bound = 0.25;
  CHECK_THAT(InstantPromql(signal::kBadRatio, input), Catch::Contains(R"(le=~"0\\.25"}[60s]))"));
  input.bound = 1;
  CHECK_THAT(InstantPromql(signal::kBadRatio, input), Catch::Contains(R"(le=~"1([.]0)?"}[60s]))"));
  TemplateInput milliseconds = Asking("istio");
  milliseconds.bound = 0.25;
  CHECK_THAT(InstantPromql(signal::kBadRatio, milliseconds),
             Catch::Contains(R"(le=~"250([.]0)?"}[60s]))"));
  TemplateInput native = Asking("opentelemetry");
  native.bound = 0.25;
  CHECK_THAT(InstantPromql(signal::kBadRatio, native),
             Catch::Contains("or 1 - histogram_fraction(0, 0.25, sum by (namespace, service)"));
}

TEST_CASE("native histograms are read beside classic ones, and each spelling beside the others") {
  const std::string latency = InstantPromql(signal::kLatencyP99, Asking("opentelemetry"));
  CHECK_THAT(latency, Catch::Contains("rate(http_server_request_duration_seconds_bucket{"));
  CHECK_THAT(latency, Catch::Contains(" or rate(http_server_request_duration_bucket{"));
  CHECK_THAT(latency, Catch::Contains("or histogram_quantile(0.99, sum by (namespace, service) ("
                                      "rate(http_server_request_duration_seconds{"));
  CHECK_THAT(InstantPromql(kTraffic, Asking("opentelemetry")),
             Catch::Contains("histogram_count(rate(http_server_request_duration_seconds{"));
  CHECK_THAT(InstantPromql(signal::kLatencyP99, Asking("istio")), Catch::EndsWith(" * 0.001"));
}

TEST_CASE("a label that holds both names is matched whole, and each target named") {
  const Grouping grouping{.labels = {std::string(kTargetLabel)},
                          .joint = BuiltIn("envoy-gateway").joint};
  const Targets targets = {{"shop/cart"}, {"shop/c.art"}};
  const TemplateInput input{BuiltIn("envoy-gateway"), 60s, grouping, targets};
  CHECK_THAT(InstantPromql(signal::kInFlight, input),
             Catch::Contains(R"({envoy_cluster_name=~"httproute/(?:shop/c\\.art|shop/cart)/rule/)"
                             R"([0-9]+"}, "evenkeel_target", "$1", "envoy_cluster_name", )"
                             R"("httproute/(shop/c\\.art|shop/cart)/rule/[0-9]+"))"));
}

TEST_CASE("a question for everything names no target") {
  TemplateInput input = Asking("prom-client", kByPod);
  input.filter = Filter::kNone;
  const std::string traffic = InstantPromql(kTraffic, input);
  CHECK_THAT(traffic, !Catch::Contains("shop"));
  CHECK_THAT(traffic, !Catch::Contains("checkout"));
  CHECK_THAT(traffic, Catch::Contains(R"(pod=~".+-[b-df)"));
  CHECK_THAT(traffic, Catch::Contains("count_over_time(http_request_duration_seconds_count{"));
  input.heartbeat_only = true;
  CHECK_THAT(InstantPromql(kTraffic, input),
             !Catch::Contains("count_over_time(http_request_duration_seconds_count{"));
  input.filter = Filter::kNamespaces;
  CHECK_THAT(InstantPromql(kTraffic, input), Catch::Contains(R"({namespace="shop",pod=~".+-)"));
}

TEST_CASE("by pod name, the buckets of a pod are added up before they are labelled") {
  CHECK_THAT(InstantPromql(signal::kLatencyP99, Asking("prom-client", kByPod)),
             Catch::StartsWith("histogram_quantile(0.99, sum by (namespace, evenkeel_target, le) ("
                               "label_replace(sum by (namespace, pod, le) (rate("));
}
