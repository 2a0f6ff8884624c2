// The Prometheus client against a real Prometheus of either generation: every state of a reading,
// made to happen.
#include "controller/runtime/fetcher.hpp"
#include "tests/integration/asking.hpp"
#include "tests/integration/pages.hpp"
#include "tests/integration/prometheus_server.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

PolicyNeeds Own(const std::string& promql) {
  PolicyNeeds needs = NeedsFor("own");
  needs.needs = {{"own", 0s}};
  needs.metrics.queries = {{"own", promql}};
  return needs;
}

}  // namespace

TEMPLATE_TEST_CASE("each state of a reading, from a real Prometheus", "", Prometheus2,
                   Prometheus3) {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(TestType::Kind(), exporter.targets());
  Fetcher fetcher(SourceAt(prometheus.url()));

  // A Prometheus that has just begun to scrape knows a gauge, but no rate yet.
  const Readings young = AwaitReadings(fetcher, NeedsFor("checkout"),
                                       Reads(signal::kEventLoopLagP99, ReadingState::kValue));
  CHECK(young.Find(signal::kRequestRate).state == ReadingState::kUncovered);
  CHECK(young.Find(signal::kLatencyP99).state == ReadingState::kUncovered);
  CHECK(young.Find(signal::kErrorRate).state == ReadingState::kUncovered);
  CHECK(young.Find(signal::kEventLoopUtilization).state == ReadingState::kUncovered);

  const Readings readings = AwaitReadings(fetcher, NeedsFor("checkout"), OfBothPods);
  for (const auto& [name, reading] : readings) {
    CAPTURE(name, ToString(reading.state), reading.message);
    CHECK(reading.HasValue());
    CHECK(Now() - reading.sample_time < 20s);
  }
  CHECK(readings.Find(signal::kLatencyP99).value == Approx(0.1 + 0.99 * 0.15).epsilon(0.001));
  CHECK(readings.Find(signal::kErrorRate).value == Approx(0.1).epsilon(0.01));
  CHECK(readings.Find(signal::kRequestRate).value == Approx(40).epsilon(0.2));
  const Reading& lag = readings.Find(signal::kEventLoopLagP99);
  CHECK(lag.value == Approx(0.2));
  REQUIRE(lag.pods);
  CHECK(lag.pods->pods == 2);
  CHECK(lag.pods->max == Approx(0.3));
  CHECK(lag.pods->max_pod == "checkout-7d9f8c6b5-b2c4d");
  CHECK(readings.Find(signal::kEventLoopUtilization).value == Approx(0.5).epsilon(0.2));

  const Readings idle =
      AwaitReadings(fetcher, NeedsFor("idle"), Reads(signal::kRequestRate, ReadingState::kValue));
  CHECK(idle.Find(signal::kLatencyP99).state == ReadingState::kNoTraffic);
  CHECK(idle.Find(signal::kErrorRate).state == ReadingState::kNoTraffic);
  CHECK(idle.Find(signal::kRequestRate).HasValue());
  CHECK(idle.Find(signal::kRequestRate).value == 0);

  const Readings slow = AwaitReadings(fetcher, NeedsFor("slow"), AllValues);
  CHECK(slow.Find(signal::kLatencyP99).value == Approx(10));
  CHECK(slow.Find(signal::kLatencyP99).at_least);
  CHECK(slow.Find(signal::kErrorRate).HasValue());
  CHECK(slow.Find(signal::kErrorRate).value == 0);

  for (const auto& [name, reading] : AskOne(fetcher, NeedsFor("gone"))) {
    CAPTURE(name);
    CHECK(reading.state == ReadingState::kNoData);
    CHECK_THAT(reading.message, Catch::Contains("namespace=\"shop\",pod=~\"(?:gone)-"));
  }

  const Readings old = AskOne(fetcher, NeedsFor("old"));
  CHECK(old.Find(signal::kEventLoopLagP99).state == ReadingState::kStale);
  CHECK(old.Find(signal::kRequestRate).state == ReadingState::kStale);

  PolicyNeeds behind_caddy = NeedsFor("checkout");
  behind_caddy.metrics.latency_preset = "caddy";
  behind_caddy.needs.push_back({std::string(signal::kInFlight), 0s});
  const Readings caddy = AwaitReadings(fetcher, behind_caddy, AllValues);
  CHECK(caddy.Find(signal::kErrorRate).value == Approx(0.5).epsilon(0.01));
  CHECK(caddy.Find(signal::kRequestRate).value == Approx(40).epsilon(0.2));
  CHECK(caddy.Find(signal::kLatencyP99).value == Approx(0.1 + 0.99 * 0.15).epsilon(0.001));
  CHECK(caddy.Find(signal::kInFlight).value == 7);
  CHECK(caddy.Find(signal::kEventLoopLagP99).value == Approx(0.2));
}

TEMPLATE_TEST_CASE(
    "own queries: a value, NaN, several series, a range, a syntax error with its text", "",
    Prometheus2, Prometheus3) {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(TestType::Kind(), exporter.targets());
  Fetcher fetcher(SourceAt(prometheus.url()));
  const auto own = [&](const std::string& promql) {
    return AskOne(fetcher, Own(promql)).Find("own");
  };

  CHECK(own("vector(42)").value == 42);
  CHECK(own("42").value == 42);
  CHECK(own("vector(0) / 0").state == ReadingState::kNotANumber);
  CHECK(own("nothing_of_that_name").state == ReadingState::kNoData);
  CHECK(own("label_replace(vector(1), \"a\", \"b\", \"\", \"\") or vector(2)").state ==
        ReadingState::kAmbiguous);
  CHECK(own("up[1m]").state == ReadingState::kFailed);
  const Reading broken = own("sum(");
  CHECK(broken.state == ReadingState::kFailed);
  CHECK_THAT(broken.message, Catch::Contains("parse error: unclosed left parenthesis"));

  const auto dealt = Ask(fetcher, {Own("sum("), Own("vector(7)")});
  CHECK(dealt[0].readings.Find("own").state == ReadingState::kFailed);
  CHECK(dealt[1].readings.Find("own").value == 7);
}

TEMPLATE_TEST_CASE("a hostile match value is a value: it selects nothing and breaks nothing", "",
                   Prometheus2, Prometheus3) {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(TestType::Kind(), exporter.targets());
  Fetcher fetcher(SourceAt(prometheus.url()));
  PolicyNeeds hostile = NeedsFor("checkout");
  hostile.metrics.match = {{"pod", "\"} or {namespace=\"bank\\"}};
  PolicyNeeds other = hostile;
  other.metrics.match = {{"pod", ".*|("}};
  for (const Dealt& dealt : Ask(fetcher, {hostile, other})) {
    for (const auto& [name, reading] : dealt.readings) {
      CAPTURE(name, reading.message);
      CHECK(reading.state == ReadingState::kNoData);
    }
  }
}

TEMPLATE_TEST_CASE("Prometheus restarted empty is uncovered until its window has filled, never low",
                   "", Prometheus2, Prometheus3) {
  const Exporter exporter(Pages());
  PrometheusServer prometheus(TestType::Kind(), exporter.targets());
  Fetcher fetcher(SourceAt(prometheus.url()));
  const PolicyNeeds needs = NeedsFor("checkout");
  REQUIRE(AllValues(AwaitReadings(fetcher, needs, AllValues)));

  prometheus.RestartEmpty();
  bool uncovered = false;
  const Readings filled = AwaitReadings(fetcher, needs, [&](const Readings& readings) {
    const Reading& rate = readings.Find(signal::kRequestRate);
    uncovered = uncovered || rate.state == ReadingState::kUncovered;
    return OfBothPods(readings);
  });
  CHECK(uncovered);
  CHECK(filled.Find(signal::kRequestRate).value == Approx(40).epsilon(0.2));
}

TEMPLATE_TEST_CASE(
    "a Prometheus that hangs fails by the deadline, and after the gap rates are uncovered", "",
    Prometheus2, Prometheus3) {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(TestType::Kind(), exporter.targets());
  Fetcher fetcher(SourceAt(prometheus.url()));
  const PolicyNeeds needs = NeedsFor("checkout");
  REQUIRE(AllValues(AwaitReadings(fetcher, needs, AllValues)));

  prometheus.Pause();
  const auto paused = std::chrono::steady_clock::now();
  const auto dealt = Ask(fetcher, {needs}, 300ms);
  CHECK(std::chrono::steady_clock::now() - paused < 5s);
  for (const auto& [name, reading] : dealt.front().readings) {
    CAPTURE(name, reading.message);
    CHECK(reading.state == ReadingState::kFailed);
    CHECK_THAT(reading.message, Catch::Contains("source \"default\""));
  }
  std::this_thread::sleep_until(paused + kWindow);  // the gap itself
  prometheus.Resume();

  Fetcher fresh(SourceAt(prometheus.url()));
  bool uncovered = false;
  const Readings after = AwaitReadings(fresh, needs, [&](const Readings& readings) {
    const Reading& rate = readings.Find(signal::kRequestRate);
    uncovered = uncovered || rate.state == ReadingState::kUncovered;
    return OfBothPods(readings);
  });
  CHECK(uncovered);
  CHECK(after.Find(signal::kRequestRate).value == Approx(40).epsilon(0.2));
}

TEMPLATE_TEST_CASE("a look-back is a series of the past", "", Prometheus2, Prometheus3) {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(TestType::Kind(), exporter.targets());
  Fetcher fetcher(SourceAt(prometheus.url()));
  PolicyNeeds needs = NeedsFor("checkout");
  REQUIRE(OfBothPods(AwaitReadings(fetcher, needs, OfBothPods)));
  needs.needs = {{std::string(signal::kLatencyP99), 60s},
                 {std::string(signal::kEventLoopUtilization), 60s}};
  // Its points lie on multiples of its step: the last may be of before both pods' rates were known.
  const TimePoint known = Now();
  using SeriesByName = decltype(Dealt::series);
  const auto ask = [&] { return Ask(fetcher, {needs}).front().series; };
  const auto reached = [known](const SeriesByName& all) {
    return all.size() == 2 && std::all_of(all.begin(), all.end(), [known](const auto& entry) {
             return !entry.second.empty() && entry.second.back().time >= known;
           });
  };
  const SeriesByName series = Await(ask, reached);
  REQUIRE(reached(series));
  CHECK(series.at(std::string(signal::kLatencyP99)).back().value == Approx(0.2485).epsilon(0.001));
  CHECK(series.at(std::string(signal::kEventLoopUtilization)).back().value ==
        Approx(0.5).epsilon(0.2));
}
