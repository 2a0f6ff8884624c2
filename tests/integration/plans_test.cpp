// Every way to ask reads the same from a real Prometheus: by name, without names, by recording
// rules.
#include <fstream>
#include <set>

#include "controller/prometheus/census.hpp"
#include "controller/runtime/live_check.hpp"
#include "controller/runtime/print_rules.hpp"
#include "tests/integration/asking.hpp"
#include "tests/integration/pages.hpp"
#include "tests/integration/prometheus_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

// More than one batch of policies, of which two have a target.
std::vector<PolicyNeeds> MostOfTheShop() {
  std::vector<PolicyNeeds> needs = {NeedsFor("checkout"), NeedsFor("idle")};
  for (int i = 0; i < 100; ++i) needs.push_back(NeedsFor("absent" + std::to_string(i)));
  return needs;
}

struct Asked {
  Plan plan;
  std::vector<Dealt> dealt;
};

Asked AskWith(Fetcher& fetcher, const std::vector<PolicyNeeds>& needs, Census& census) {
  const TimePoint now = Now();
  Asked asked{BuildPlan(needs, now, {BuiltInPresets(), &census}), {}};
  const Fetched fetched = fetcher.Fetch(asked.plan, 5s, {});
  census.Note(fetched.answers, now);
  asked.dealt = Deal(asked.plan, fetched.answers);
  return asked;
}

std::set<std::string> Topics(const Plan& plan) {
  std::set<std::string> topics;
  for (const PlannedQuery& query : plan.queries) topics.insert(query.topic);
  return topics;
}

void CheckCheckout(const Readings& readings) {
  for (const auto& [name, reading] : readings) {
    CAPTURE(name, ToString(reading.state), reading.message);
    CHECK(reading.HasValue());
    CHECK(Now() - reading.sample_time < 20s);
  }
  CHECK(readings.Find(signal::kLatencyP99).value == Approx(0.2485).epsilon(0.001));
  CHECK(readings.Find(signal::kErrorRate).value == Approx(0.1).epsilon(0.01));
  CHECK(readings.Find(signal::kRequestRate).value == Approx(40).epsilon(0.2));
  CHECK(readings.Find(signal::kEventLoopLagP99).value == Approx(0.2));
}

}  // namespace

TEMPLATE_TEST_CASE("without names, as once most targets are asked for, all reads the same", "",
                   Prometheus2, Prometheus3) {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(TestType::Kind(), exporter.targets());
  Fetcher fetcher(SourceAt(prometheus.url()));
  REQUIRE(OfBothPods(AwaitReadings(fetcher, NeedsFor("checkout"), OfBothPods)));
  REQUIRE(Reads(signal::kErrorRate, ReadingState::kNoTraffic)(AwaitReadings(
      fetcher, NeedsFor("idle"), Reads(signal::kErrorRate, ReadingState::kNoTraffic))));
  Census census;
  const Asked first = AskWith(fetcher, MostOfTheShop(), census);
  CHECK(Topics(first.plan).contains("census"));
  const Asked second = AskWith(fetcher, MostOfTheShop(), census);
  CHECK(Topics(second.plan) ==
        std::set<std::string>{"eventLoopLagP99", "eventLoopUtilization", "latencyP99", "traffic"});
  CHECK(second.plan.queries.size() == 4);
  for (const PlannedQuery& query : second.plan.queries) CHECK(query.filter == Filter::kNone);
  CheckCheckout(second.dealt[0].readings);
  CHECK(second.dealt[1].readings.Find(signal::kErrorRate).state == ReadingState::kNoTraffic);
  CHECK(second.dealt[2].readings.Find(signal::kRequestRate).state == ReadingState::kNoData);
}

TEMPLATE_TEST_CASE("recorded series are found, and read the same", "", Prometheus2, Prometheus3) {
  const TempDir dir;
  {
    std::ofstream rules(dir.path() / "rules.yml");
    REQUIRE(PrintRules({.presets = {"prom-client"}, .window = kWindow, .interval = 1s}, rules,
                       rules) == 0);
  }
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(
      TestType::Kind(), exporter.targets(),
      "rule_files: ['" + (dir.path() / "rules.yml").string() + "']\n");
  Fetcher fetcher(SourceAt(prometheus.url()));
  REQUIRE(OfBothPods(AwaitReadings(fetcher, NeedsFor("checkout"), OfBothPods)));
  Census census;
  (void)AskWith(fetcher, {NeedsFor("checkout")}, census);
  const Asked recorded =
      Await([&] { return AskWith(fetcher, {NeedsFor("checkout")}, census); },
            [](const Asked& asked) { return OfBothPods(asked.dealt[0].readings); });
  REQUIRE(recorded.plan.queries.size() == 4);
  for (const PlannedQuery& query : recorded.plan.queries) {
    CHECK(query.recorded);
    CHECK_THAT(query.promql, Catch::Contains("evenkeel:" + query.topic));
  }
  CheckCheckout(recorded.dealt[0].readings);
}

TEST_CASE("the share of slow requests is exact on a bucket, and unknown beside one") {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(Prometheus3::Kind(), exporter.targets());
  Fetcher fetcher(SourceAt(prometheus.url()));
  const auto bad = [](const std::string& name, std::chrono::milliseconds objective) {
    PolicyNeeds needs = NeedsFor(name);
    needs.needs = {{std::string(signal::kBadRatio), 0s}};
    needs.latency_objective = objective;
    return needs;
  };
  const auto read = [&](const PolicyNeeds& needs) {
    return AwaitReadings(fetcher, needs, AllValues).Find(signal::kBadRatio);
  };
  CHECK(read(bad("checkout", 250ms)).value == Approx(0));
  CHECK(read(bad("checkout", 100ms)).value == Approx(1));
  CHECK(read(bad("slow", 10s)).value == Approx(1));
  CHECK(AskOne(fetcher, bad("checkout", 200ms)).Find(signal::kBadRatio).state ==
        ReadingState::kNoData);
}

TEST_CASE("a live check shows each signal with its query, and the traps in the answers") {
  const Exporter exporter(Pages());
  const PrometheusServer prometheus(Prometheus2::Kind(), exporter.targets());
  Fetcher fetcher(SourceAt(prometheus.url()));
  REQUIRE(OfBothPods(AwaitReadings(fetcher, NeedsFor("checkout"), OfBothPods)));
  ScalingPolicy policy;
  policy.key = {"shop", "checkout"};
  policy.target_ref.name = "checkout";
  policy.metrics.window = 3s;
  policy.target.objectives.latency_p99 = 50ms;
  LiveCheck check(fetcher, BuiltInPresets(), {});
  const LiveReport report = check.Look(policy, Now());
  REQUIRE(report.signals.size() == 2);
  CHECK(report.signals[0].name == "latencyP99");
  CHECK(report.signals[0].objective == "50ms");
  CHECK(report.signals[0].queries.size() == 2);
  std::string traps;
  for (const FieldError& trap : report.traps) traps += trap.ToString() + "\n";
  CHECK_THAT(traps,
             Catch::Contains("spec.metrics.window: 3s for a target that is scraped every 1s"));
  CHECK_THAT(traps, Catch::Contains("below the smallest bucket of the histogram (100ms)"));

  policy.key.namespace_name = "elsewhere";
  std::string missing;
  for (const FieldError& trap : check.Look(policy, Now()).traps) missing += trap.ToString() + "\n";
  CHECK_THAT(missing, Catch::Contains("latencyP99: the metric exists, in namespace=\""));
}

TEST_CASE("a counter that starts anew, as after a crash, keeps its rate") {
  constexpr Elapsed kCrash{25};
  const auto crashing = [&](Elapsed since) {
    return Pod{.rate = 40, .errors = 0.1, .first = "0"}(since < kCrash ? since : since - kCrash);
  };
  const Exporter exporter({{"/shop/checkout-7d9f8c6b5-b2c4d", crashing}});
  const auto started = std::chrono::steady_clock::now();
  const PrometheusServer prometheus(Prometheus3::Kind(), exporter.targets());
  Fetcher fetcher(SourceAt(prometheus.url()));
  REQUIRE(AllValues(AwaitReadings(fetcher, NeedsFor("checkout"), AllValues)));
  REQUIRE(std::chrono::steady_clock::now() - started < kCrash);
  double low = 40;
  const auto lowest = Await(
      [&] {
        const Reading rate = AskOne(fetcher, NeedsFor("checkout")).Find(signal::kRequestRate);
        return low = std::min(low, rate.HasValue() ? rate.value : 0);
      },
      [&](double) { return std::chrono::steady_clock::now() - started > kCrash + kWindow; });
  CHECK(lowest > 30);
}
