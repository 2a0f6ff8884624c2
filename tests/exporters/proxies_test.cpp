// The presets on pages of proxies and meshes (tests/exporters/recorded; each says whether it was
// recorded or written from documentation), through real servers: each signal beside what the page
// says was sent, and nothing of its neighbours' traffic.
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/exporters/recording.hpp"
#include "tests/integration/asking.hpp"
#include "tests/integration/prometheus_server.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;

namespace {

constexpr double kRequests = 20;  // 1/s, one in ten slow and one in ten failing

using Labels = std::map<std::string, std::string>;

struct Row {
  std::string preset;
  std::string page;
  Labels labels;                            // that discovery gives the target
  double latency_from = 0, latency_to = 0;  // s; both 0: the proxy has no histogram
  bool in_flight = false;
  bool honor_labels = false;
};

std::vector<Row> Rows() {
  const Labels nginx = {{"namespace", "ingress-nginx"},
                        {"pod", "ingress-nginx-controller-5bb6b499dc-cx2lp"},
                        {"service", "ingress-nginx-controller-metrics"}};
  const Labels traefik = {{"namespace", "traefik"}, {"pod", "traefik-5d8f7c6b9-xk2p4"}};
  const Labels haproxy = {{"namespace", "haproxy"}, {"pod", "haproxy-ingress-7f9b8c-2mvzt"}};
  return {
      {.preset = "istio",
       .page = "istio",
       .labels = {{"namespace", "shop"}, {"pod", "checkout-7d9f8c6b5-b2c4d"}},
       .latency_from = 0.25,
       .latency_to = 0.5},
      {.preset = "linkerd",
       .page = "linkerd",
       .labels = {{"namespace", "shop"},
                  {"deployment", "checkout"},
                  {"pod", "checkout-7d9f8c6b5-b2c4d"}},
       .latency_from = 0.3,
       .latency_to = 0.4},
      {.preset = "ingress-nginx",
       .page = "ingress-nginx",
       .labels = nginx,
       .latency_from = 0.25,
       .latency_to = 0.5},
      {.preset = "ingress-nginx-honor-labels",
       .page = "ingress-nginx",
       .labels = nginx,
       .latency_from = 0.25,
       .latency_to = 0.5,
       .honor_labels = true},
      {.preset = "traefik",
       .page = "traefik",
       .labels = traefik,
       .latency_from = 0.3,
       .latency_to = 1.2},
      {.preset = "traefik-gateway",
       .page = "traefik",
       .labels = traefik,
       .latency_from = 0.3,
       .latency_to = 1.2},
      {.preset = "envoy-gateway",
       .page = "envoy-gateway",
       .labels = {{"namespace", "envoy-gateway-system"}, {"pod", "envoy-default-eg-e41e7b31-6d5c"}},
       .latency_from = 0.25,
       .latency_to = 0.5,
       .in_flight = true},
      {.preset = "haproxy", .page = "haproxy", .labels = haproxy, .in_flight = true},
      {.preset = "haproxy-kubernetes-ingress",
       .page = "haproxy",
       .labels = haproxy,
       .in_flight = true},
  };
}

std::string Path(const Row& row) { return (row.honor_labels ? "/honored/" : "/") + row.page; }

PolicyNeeds NeedsOf(const Row& row, std::chrono::seconds window) {
  PolicyNeeds needs = NeedsFor("checkout", window);
  needs.metrics.latency_preset = row.preset;
  needs.needs = {{std::string(signal::kRequestRate), {}}, {std::string(signal::kErrorRate), {}}};
  if (row.latency_to > 0) needs.needs.push_back({std::string(signal::kLatencyP99), {}});
  if (row.in_flight) needs.needs.push_back({std::string(signal::kInFlight), {}});
  return needs;
}

void CheckSignals(const Row& row, const Readings& readings) {
  for (const auto& [name, reading] : readings) {
    CAPTURE(row.preset, name, ToString(reading.state), reading.message);
    CHECK(reading.HasValue());
  }
  CAPTURE(row.preset);
  CHECK(readings.Find(signal::kRequestRate).value == Approx(kRequests).epsilon(0.1));
  CHECK(readings.Find(signal::kErrorRate).value == Approx(0.1).epsilon(0.01));
  if (row.in_flight) CHECK(readings.Find(signal::kInFlight).value == 3);
  if (row.latency_to == 0) return;
  // One request in ten is slow: of their bucket the P99 has nine tenths below it.
  CHECK(readings.Find(signal::kLatencyP99).value ==
        Approx(row.latency_from + 0.9 * (row.latency_to - row.latency_from)).epsilon(0.01));
  CHECK_FALSE(readings.Find(signal::kLatencyP99).at_least);
}

}  // namespace

TEMPLATE_TEST_CASE("proxies' pages read as what was sent through them", "", Prometheus2,
                   Prometheus3, VictoriaMetrics) {
  const std::vector<Row> rows = Rows();
  std::map<std::string, Exporter::Page> pages;
  for (const Row& row : rows) pages.emplace(Path(row), Recording(row.page));
  const Exporter exporter(pages);
  std::map<std::string, Target> targets;  // several presets may read one page
  for (const Row& row : rows) {
    targets[Path(row)] = {exporter.address(), Path(row), row.labels, row.honor_labels};
  }
  std::vector<Target> scraped;
  scraped.reserve(targets.size());
  for (const auto& [path, target] : targets) scraped.push_back(target);
  const PrometheusServer server(TestType::Kind(), scraped);
  Fetcher fetcher(SourceAt(server.url()));
  for (const Row& row : rows) {
    CheckSignals(row, AwaitReadings(fetcher, NeedsOf(row, kWindowOf<TestType>), AllValues));
  }
}
