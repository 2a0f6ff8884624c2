#include "controller/prometheus/presets.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace evenkeel {
namespace {

// Not traffic: asked by Prometheus and the kubelet, and cheap, they would hide a slow service.
constexpr const char* kNoProbes =
    R"(route!~"/metrics|/(health|ready|live).*",path!~"/metrics|/(health|ready|live).*")";

// prom-client 12 to 15 and @prometheus-io/client with the names that express-prom-bundle,
// fastify-metrics, promster and prometheus-api-metrics share. The time is taken when the handler is
// dispatched: the queue before it does not show (take latency from the proxy where there is one).
Preset PromClient() {
  return {
      .name = "prom-client",
      .requests = {.histogram = "http_request_duration_seconds",
                   .counter = "http_request_duration_seconds_count",
                   .status_counter = "http_request_duration_seconds_count",
                   .status_labels = {"status_code", "status", "code"},
                   .matchers = kNoProbes,
                   .heartbeat = "nodejs_eventloop_lag_p99_seconds",
                   // prometheus-api-metrics ends at 0.5 s; the others at 10 s.
                   .largest_buckets = {0.5, 10}},
      // The gauge is the period of a 10 ms timer, so an idle loop reads 10 ms. prom-client 15 has
      // no ELU: the counter is the snippet of the documentation.
      .runtime = {.lag_p99 = "nodejs_eventloop_lag_p99_seconds",
                  .lag_resolution = 0.010,
                  .active_seconds = "nodejs_eventloop_active_seconds_total"},
  };
}

// Caddy 2.6 and later, with labels `namespace` and `service` for the server (by relabelling).
// Every top-level handler of a request counts it: reverse_proxy, or the subroute around it. A
// request that the proxy itself fails (502, 503, 504: no upstream, refused, timed out) has no
// duration and no code; it is in requests_total and request_errors_total only.
Preset Caddy() {
  return {
      .name = "caddy",
      .target_label = "service",
      .requests = {.histogram = "caddy_http_request_duration_seconds",
                   .counter = "caddy_http_requests_total",
                   .status_counter = "caddy_http_request_duration_seconds_count",
                   .status_labels = {"code"},
                   .failure_counter = "caddy_http_request_errors_total",
                   .matchers = R"(handler=~"reverse_proxy|subroute")",
                   .in_flight = "caddy_http_requests_in_flight",
                   .outlives_pods = true,
                   .heartbeat = "caddy_http_requests_in_flight",
                   .largest_buckets = {10}},
  };
}

const std::vector<Preset>& Table() {
  static const std::vector<Preset> kTable = {Caddy(), PromClient()};
  return kTable;
}

}  // namespace

const Preset* FindPreset(std::string_view name) {
  const auto& table = Table();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Preset& preset) { return preset.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::vector<std::string> PresetNames() {
  std::vector<std::string> names;
  for (const Preset& preset : Table()) names.push_back(preset.name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace evenkeel
