// The Prometheus client against VictoriaMetrics, which speaks the same API and its own dialect.
#include "tests/integration/asking.hpp"
#include "tests/integration/pages.hpp"
#include "tests/integration/prometheus_server.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

TEST_CASE("VictoriaMetrics: every signal is a value, of now and not of 30 s ago") {
  const Exporter exporter(Pages());
  const PrometheusServer victoria(VictoriaMetrics::Kind(), exporter.targets());
  Fetcher fetcher(SourceAt(victoria.url()));

  const auto ask = [&](const std::string& name, const auto& condition) {
    return AwaitReadings(fetcher, NeedsFor(name, kWindowOf<VictoriaMetrics>), condition);
  };
  const Readings young = ask("checkout", Reads(signal::kEventLoopLagP99, ReadingState::kValue));
  CHECK(young.Find(signal::kRequestRate).state == ReadingState::kUncovered);

  const Readings readings = ask("checkout", OfBothPods);
  for (const auto& [name, reading] : readings) {
    CAPTURE(name, ToString(reading.state), reading.message);
    CHECK(reading.HasValue());
    CHECK(Now() - reading.sample_time < 20s);
  }
  CHECK(readings.Find(signal::kLatencyP99).value == Approx(0.1 + 0.99 * 0.15).epsilon(0.001));
  CHECK(readings.Find(signal::kErrorRate).value == Approx(0.1).epsilon(0.01));
  CHECK(readings.Find(signal::kRequestRate).value == Approx(40).epsilon(0.2));
  CHECK(readings.Find(signal::kEventLoopLagP99).value == Approx(0.2));
  CHECK(readings.Find(signal::kEventLoopUtilization).value == Approx(0.5).epsilon(0.2));

  const Readings idle = ask("idle", Reads(signal::kRequestRate, ReadingState::kValue));
  CHECK(idle.Find(signal::kLatencyP99).state == ReadingState::kNoTraffic);
  CHECK(idle.Find(signal::kErrorRate).state == ReadingState::kNoTraffic);
  const Readings slow = ask("slow", AllValues);
  CHECK(slow.Find(signal::kLatencyP99).value == Approx(10));
  CHECK(slow.Find(signal::kLatencyP99).at_least);
  for (const auto& [name, reading] : AskOne(fetcher, NeedsFor("gone"))) {
    CAPTURE(name);
    CHECK(reading.state == ReadingState::kNoData);
  }
}
