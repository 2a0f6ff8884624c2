// The presets on what the libraries of Node.js really export, through a real Prometheus: each
// signal beside what the driver sent (driver.cjs) and what the servers do (servers/routes.cjs).
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/integration/asking.hpp"
#include "tests/integration/prometheus_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child.hpp"
#include "tests/support/source_dir.hpp"

using namespace evenkeel;
using namespace evenkeel::test;

namespace {

// What the driver sends to each server, per second.
constexpr double kRequests = 20;
constexpr double kFailed = 2;
constexpr double kProbes = 10;
// The servers block their event loops for 50 ms in every 125.
constexpr double kBlocked = 0.05;
constexpr double kUtilization = 0.4;

struct Bounds {
  double from, to;  // s
};

struct Row {
  std::string name;    // of the service
  std::string script;  // servers/<script>.cjs
  std::string preset = "prom-client";
  // The buckets that count the slow requests: 320 ms, and one more time slice of a blocked loop.
  // One in ten is slow, so the P99 lies there.
  Bounds slow{};
  bool utilization = false;  // whether it exports the ELU
  double counted = kRequests;
  std::vector<std::string> environment{};
};

std::vector<Row> Rows() {
  return {
      {.name = "bundle", .script = "express-prom-bundle", .slow = {0.3, 1.5}, .utilization = true},
      // As it comes it says no path: its probes are requests like any other.
      {.name = "bundle-default",
       .script = "express-prom-bundle",
       .slow = {0.3, 1.5},
       .utilization = true,
       .counted = kRequests + kProbes,
       .environment = {"OPTIONS=default"}},
      {.name = "fastify", .script = "fastify-metrics", .slow = {0.25, 0.5}, .utilization = true},
      {.name = "api-metrics", .script = "prometheus-api-metrics", .slow = {0.3, 0.5}},
      {.name = "promster", .script = "promster", .slow = {0.3, 0.5}},
      {.name = "otel",
       .script = "opentelemetry",
       .preset = "opentelemetry",
       .slow = {0.25, 0.5},
       .utilization = true},
  };
}

std::string InExporters(const std::string& file) {
  return (std::filesystem::path(SourceDir()) / "tests/exporters" / file).string();
}

// A server process, and where it is.
class Service {
 public:
  explicit Service(const Row& row)
      : port_(FreePort()), metrics_port_(row.preset == "prom-client" ? port_ : FreePort()) {
    std::vector<std::string> command = {"env", "PORT=" + std::to_string(port_),
                                        "METRICS_PORT=" + std::to_string(metrics_port_)};
    command.insert(command.end(), row.environment.begin(), row.environment.end());
    command.insert(command.end(), {"node", InExporters("servers/" + row.script + ".cjs")});
    process_ = std::make_unique<Child>(std::move(command));
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // With the labels that a PodMonitor or ServiceMonitor gives.
  [[nodiscard]] Target AsTarget(const std::string& name) const {
    return {.address = "127.0.0.1:" + std::to_string(metrics_port_),
            .labels = {{"namespace", "shop"},
                       {"pod", name + "-7d9f8c6b5-b2c4d"},
                       {"container", "app"},
                       {"endpoint", "http"},
                       {"service", name}}};
  }

 private:
  int port_;
  int metrics_port_;
  std::unique_ptr<Child> process_;
};

PolicyNeeds NeedsOf(const Row& row) {
  PolicyNeeds needs = NeedsFor(row.name);
  needs.metrics.latency_preset = row.preset;
  needs.metrics.runtime_preset = row.preset;
  if (!row.utilization) needs.needs.pop_back();
  return needs;
}

std::map<std::string_view, Bounds> Expected(const Row& row) {
  const auto around = [](double value, double share) {
    return Bounds{value * (1 - share), value * (1 + share)};
  };
  std::map<std::string_view, Bounds> expected = {
      {signal::kRequestRate, around(row.counted, 0.1)},
      {signal::kErrorRate, around(kFailed / row.counted, 0.15)},
      {signal::kLatencyP99, row.slow},
      {signal::kEventLoopLagP99, {kBlocked / 2, kBlocked * 3}},
  };
  if (row.utilization) expected[signal::kEventLoopUtilization] = around(kUtilization, 0.5);
  return expected;
}

bool IsWithin(const Reading& reading, const Bounds& bounds) {
  return reading.HasValue() && !reading.at_least && reading.value > bounds.from &&
         reading.value <= bounds.to;
}

// Servers that start, and neighbours that take the machine for a while, are slow: the time to wait
// for is when everything is as it should be.
Readings AwaitExpected(Fetcher& fetcher, const Row& row) {
  const auto expected = Expected(row);
  return AwaitReadings(fetcher, NeedsOf(row), [&](const Readings& readings) {
    return std::all_of(expected.begin(), expected.end(), [&](const auto& entry) {
      return IsWithin(readings.Find(entry.first), entry.second);
    });
  });
}

void CheckSignals(Fetcher& fetcher, const Row& row) {
  const Readings readings = AwaitExpected(fetcher, row);
  for (const auto& [name, bounds] : Expected(row)) {
    const Reading& reading = readings.Find(name);
    CAPTURE(row.name, name, ToString(reading.state), reading.message, reading.value, bounds.from,
            bounds.to);
    CHECK(IsWithin(reading, bounds));
  }
}

}  // namespace

TEMPLATE_TEST_CASE("exporters of Node.js libraries read as what was sent to them", "", Prometheus2,
                   Prometheus3) {
  const std::vector<Row> rows = Rows();
  std::vector<Service> services;
  std::vector<Target> targets;
  std::vector<std::string> drive = {"node", InExporters("driver.cjs")};
  for (const Row& row : rows) {
    const Service& service = services.emplace_back(row);
    targets.push_back(service.AsTarget(row.name));
    drive.push_back(service.url());
  }
  const Child driver(drive);
  const PrometheusServer prometheus(TestType::Kind(), targets);
  Fetcher fetcher(SourceAt(prometheus.url()));
  for (const Row& row : rows) CheckSignals(fetcher, row);
}

// Only Prometheus 3 is pushed to, and only there are OpenTelemetry's exponential histograms native.
TEST_CASE(
    "OpenTelemetry pushed to Prometheus 3 reads as what was sent, also in native histograms") {
  const PrometheusServer prometheus(
      Prometheus3::Kind(), {},
      "otlp: {promote_resource_attributes: [k8s.namespace.name, k8s.deployment.name, "
      "k8s.pod.name]}\n");
  const std::string endpoint =
      "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=" + prometheus.url() + "/api/v1/otlp/v1/metrics";
  const auto row = [&](const std::string& name, Bounds slow, const std::string& histograms) {
    return Row{.name = name,
               .script = "opentelemetry",
               .preset = "opentelemetry-otlp",
               .slow = slow,
               .utilization = true,
               .environment = {
                   endpoint, "OTEL_SERVICE_NAME=" + name,
                   "OTEL_RESOURCE_ATTRIBUTES=k8s.namespace.name=shop,k8s.deployment.name=" + name +
                       ",k8s.pod.name=" + name + "-7d9f8c6b5-b2c4d",
                   "HISTOGRAMS=" + histograms}};
  };
  const Row classic = row("classic", {0.25, 0.5}, "classic");
  const Row native = row("native", {0.3, 0.45}, "native");
  const Service first(classic);
  const Service second(native);
  const Child driver({"node", InExporters("driver.cjs"), first.url(), second.url()});
  Fetcher fetcher(SourceAt(prometheus.url()));
  CheckSignals(fetcher, classic);
  CheckSignals(fetcher, native);
}
