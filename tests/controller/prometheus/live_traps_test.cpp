#include "controller/prometheus/live_traps.hpp"

#include "tests/controller/prometheus/needs.hpp"
#include "tests/support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

// A policy with a P99 of 250 ms, and a service that is well.
struct Scene {
  ScalingPolicy policy;
  LiveFacts facts;

  Scene() {
    policy.target.objectives.latency_p99 = 250ms;
    facts.scrape_interval = 15s;
    facts.buckets = {0.005, 0.1, 0.25, 10};
    Set(signal::kLatencyP99, 0.1);
    Set(signal::kEventLoopLagP99, 0.002);
    Set(signal::kEventLoopUtilization, 0.3);
  }
  void Set(std::string_view signal, double value) {
    facts.readings.insert_or_assign(std::string(signal), Reading::Value(value, kNow));
  }
  void Lose(std::string_view signal) {
    facts.readings.insert_or_assign(std::string(signal),
                                    Reading::Unknown(ReadingState::kNoData, "no series of x"));
  }
  [[nodiscard]] std::vector<std::string> Traps() const {
    std::vector<std::string> traps;
    for (const FieldError& trap : FindLiveTraps(policy, facts, BuiltInPresets())) {
      traps.push_back(trap.ToString());
    }
    return traps;
  }
};

void CheckOnly(const Scene& scene, const std::string& text) {
  const auto traps = scene.Traps();
  REQUIRE(traps.size() == 1);
  CHECK_THAT(traps.front(), Catch::Contains(text));
}

}  // namespace

TEST_CASE("a service that is well has no trap") { CHECK(Scene().Traps().empty()); }

TEST_CASE("a window shorter than two scrapes has no rate, one shorter than four is thin") {
  Scene scene;
  scene.facts.scrape_interval = 30s;
  CheckOnly(scene, "spec.metrics.window: 1m for a target that is scraped every 30s: one lost");
  scene.facts.scrape_interval = 31s;
  CheckOnly(scene, "a rate needs two samples");
  scene.facts.scrape_interval.reset();
  CHECK(scene.Traps().empty());
}

TEST_CASE("an objective outside of the histogram's buckets cannot be judged") {
  Scene scene;
  scene.policy.target.objectives.latency_p99 = 4ms;
  scene.Set(signal::kLatencyP99, 0.003);
  CheckOnly(scene, "below the smallest bucket of the histogram (5ms)");
  scene.policy.target.objectives.latency_p99 = 11s;
  CheckOnly(scene, "above the largest bucket of the histogram (10s)");
  scene.policy.metrics.queries["latencyP99"] = "mine";
  CHECK(scene.Traps().empty());
}

TEST_CASE("a latency taken inside the process is blind without the ELU") {
  Scene scene;
  scene.Lose(signal::kEventLoopUtilization);
  CheckOnly(scene, "no eventLoopUtilization is exported");
  scene.policy.metrics.latency_preset = "ingress-nginx";
  CHECK(scene.Traps().empty());
}

TEST_CASE("a lag without load, and a P99 without load, are not cured by replicas") {
  Scene starved;
  starved.Set(signal::kEventLoopLagP99, 0.2);
  CheckOnly(starved, "the lag is 200ms while the event loops are busy 30%");
  Scene hopeless;
  hopeless.Set(signal::kLatencyP99, 3);
  CheckOnly(hopeless, "no number of replicas will meet the objective");
  hopeless.Set(signal::kEventLoopUtilization, 0.9);
  CHECK(hopeless.Traps().empty());
}

TEST_CASE("a metric that is nowhere, and one that is elsewhere, are told apart") {
  Scene scene;
  scene.Lose(signal::kLatencyP99);
  scene.facts.found_in = {{"latencyP99", ""}};
  CheckOnly(scene, "the source has no such metric at all (no series of x)");
  scene.facts.found_in = {{"latencyP99", "namespace=\"bank\""}};
  CheckOnly(scene, "spec.metrics.match: latencyP99: the metric exists, in namespace=\"bank\"");
}
