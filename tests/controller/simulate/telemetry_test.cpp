#include "controller/simulate/telemetry.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "controller/simulate/plant.hpp"
#include "controller/simulate/scrapes.hpp"
#include "support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;

namespace {

// A plant under constant load, scraped as an episode would; `now` in whole seconds.
struct World {
  Scenario scenario;
  std::vector<double> rates;
  Plant plant;
  Telemetry telemetry;
  std::vector<PodIndex> pods{};

  explicit World(double rate, Scenario of = {})
      : scenario(Filled(std::move(of))),
        rates(3600, rate),
        plant(scenario, rates, 1),
        telemetry(scenario) {}

  static Scenario Filled(Scenario scenario) {
    scenario.objectives.latency_p99 = 250ms;
    scenario.duration = SimSeconds{3600};
    scenario.metrics.in_flight = true;
    return scenario;
  }

  void AddPod() {
    pods.push_back(plant.CreatePod(1));
    plant.MakeReady(pods.back());
  }

  int now = 0;
  // All targets every 15 s, in one phase.
  void RunTo(int end) {
    for (; now < end; ++now) {
      plant.RunTo(SimSeconds{static_cast<double>(now)});
      telemetry.Collect(plant);
      if (now % 15 == 13) {
        for (const PodIndex pod : pods) telemetry.EndScrape(now - 10, pod);
      }
      if (now % 15 != 3) continue;
      telemetry.ScrapeIngress(now, plant);
      for (const PodIndex pod : pods) telemetry.ScrapePod(now, pod, plant);
    }
  }

  [[nodiscard]] Reading Read(std::string_view name) const {
    const std::vector<Need> needs = {{std::string(name)}};
    return telemetry.Answer(needs, 60s, AtSimTime(SimSeconds{static_cast<double>(now)})).Find(name);
  }
};

}  // namespace

TEST_CASE("rate() is extrapolated to the window's edges as Prometheus does") {
  // Samples at 5, 20, 35 and 50 of (0, 60]: 45 s seen, 5 s before and 10 s after belong to it.
  CHECK(*ExtrapolatedRate({5, 50, 100, 190, 4}, 0, 60) == Approx(90.0 / 45 * 60 / 60));
  // A gap beyond 1.1 intervals at the end counts half an interval.
  CHECK(*ExtrapolatedRate({5, 35, 100, 160, 3}, 0, 60) == Approx(60.0 * (30 + 5 + 7.5) / 30 / 60));
  // A counter does not reach back beyond its zero.
  CHECK(*ExtrapolatedRate({5, 50, 2, 92, 4}, 0, 60) == Approx(90.0 * (45 + 1 + 10) / 45 / 60));
  CHECK_FALSE(ExtrapolatedRate({5, 5, 1, 1, 1}, 0, 60));
}

TEST_CASE("histogram_quantile() interpolates within a bucket, and never beyond the largest") {
  const std::vector<double> bounds = {0.1, 0.2, 0.4};
  CHECK(*HistogramQuantile(0.5, std::vector{1.0, 1.0, 0.0, 0.0}, bounds) == Approx(0.1));
  CHECK(*HistogramQuantile(0.75, std::vector{1.0, 1.0, 0.0, 0.0}, bounds) == Approx(0.15));
  CHECK(*HistogramQuantile(0.99, std::vector{1.0, 0.0, 0.0, 9.0}, bounds) == Approx(0.4));
  CHECK_FALSE(HistogramQuantile(0.99, std::vector{0.0, 0.0, 0.0, 0.0}, bounds));
}

TEST_CASE("signals of a service under steady load read what the plant does") {
  World world(200);
  for (int i = 0; i < 4; ++i) world.AddPod();
  world.RunTo(600);
  CHECK(world.Read(signal::kRequestRate).value == Approx(200).epsilon(0.1));
  const Reading utilization = world.Read(signal::kEventLoopUtilization);
  REQUIRE(utilization.pods);
  CHECK(utilization.pods->pods == 4);
  CHECK(utilization.value == Approx(0.5).epsilon(0.25));
  CHECK(world.Read(signal::kErrorRate).value == 0);
  // About 0.11 s, interpolated in the bucket from 0.1 to 0.25 s.
  CHECK(world.Read(signal::kLatencyP99).value > 0.1);
  CHECK(world.Read(signal::kLatencyP99).value < 0.25);
  CHECK(world.Read(signal::kBadRatio).value < 0.01);
  CHECK(world.Read(signal::kInFlight).value == Approx(8).margin(12));
  CHECK(world.Read(signal::kEventLoopLagP99).value == Approx(0.018).epsilon(0.5));
  // The last scrape that is a second old.
  CHECK(world.Read(signal::kRequestRate).sample_time == AtSimTime(SimSeconds{588}));
}

TEST_CASE("a rate is uncovered until scrapes fill its window, and a pod's ELU with it") {
  World world(50);
  world.AddPod();
  world.RunTo(60);
  CHECK(world.Read(signal::kRequestRate).state == ReadingState::kUncovered);
  world.RunTo(120);
  CHECK(world.Read(signal::kRequestRate).HasValue());
  world.AddPod();
  world.RunTo(150);
  CHECK(world.Read(signal::kEventLoopUtilization).pods->pods == 1);
  world.RunTo(240);
  CHECK(world.Read(signal::kEventLoopUtilization).pods->pods == 2);
}

TEST_CASE("targets that cannot be scraped leave no data, and rates uncovered after it") {
  World world(50);
  world.AddPod();
  world.RunTo(300);
  world.telemetry.SetReachable(false);
  world.RunTo(330);
  CHECK(world.Read(signal::kRequestRate).state == ReadingState::kNoData);
  CHECK(world.Read(signal::kEventLoopUtilization).state == ReadingState::kNoData);
  world.telemetry.SetReachable(true);
  world.RunTo(390);
  CHECK(world.Read(signal::kRequestRate).state == ReadingState::kUncovered);
  world.RunTo(510);
  CHECK(world.Read(signal::kRequestRate).HasValue());
}

TEST_CASE("a pod that does not answer a scrape in time has no data from then on") {
  World world(50);
  world.AddPod();
  world.RunTo(300);
  CHECK(world.Read(signal::kEventLoopUtilization).HasValue());
  world.plant.SetPodFactor(0, 10);
  world.RunTo(360);
  CHECK(world.Read(signal::kEventLoopUtilization).state == ReadingState::kNoData);
  CHECK(world.Read(signal::kEventLoopLagP99).state == ReadingState::kNoData);
  CHECK(world.Read(signal::kRequestRate).HasValue());  // which the ingress counts
}

TEST_CASE("a Prometheus that is down fails every query, and the gap it leaves shows") {
  World world(50);
  world.AddPod();
  world.RunTo(300);
  world.telemetry.SetDown(true);
  world.RunTo(340);
  CHECK(world.Read(signal::kRequestRate).state == ReadingState::kFailed);
  world.telemetry.SetDown(false);
  world.RunTo(360);
  CHECK(world.Read(signal::kRequestRate).state == ReadingState::kUncovered);
}

TEST_CASE("without traffic a quantile has no meaning") {
  World world(0);
  world.AddPod();
  world.RunTo(300);
  CHECK(world.Read(signal::kRequestRate).value == 0);
  CHECK(world.Read(signal::kLatencyP99).state == ReadingState::kNoTraffic);
  CHECK(world.Read(signal::kErrorRate).state == ReadingState::kNoTraffic);
  // But for scrapes themselves.
  CHECK(world.Read(signal::kEventLoopUtilization).value == Approx(0).margin(0.001));
}

TEST_CASE("latency from inside the pod hides the queue") {
  Scenario of;
  of.metrics.latency_from = LatencySource::kPod;
  World inside(95, of);
  inside.AddPod();
  inside.RunTo(600);
  World outside(95);
  outside.AddPod();
  outside.RunTo(600);
  CHECK(inside.Read(signal::kLatencyP99).value < outside.Read(signal::kLatencyP99).value);
}

TEST_CASE("signals that a scenario leaves out, or nobody exports, have no data") {
  Scenario of;
  of.metrics.missing = {"eventLoopUtilization"};
  World world(50, of);
  world.AddPod();
  world.RunTo(300);
  CHECK(world.Read(signal::kEventLoopUtilization).state == ReadingState::kNoData);
  CHECK(world.Read("queueDepth").state == ReadingState::kNoData);
  CHECK(world.Read(signal::kEventLoopLagP99).HasValue());
}
