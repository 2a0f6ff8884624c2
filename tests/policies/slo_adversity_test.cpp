// What a service meets in the long run: pods that never get ready, signals that come and go, a
// cluster that does not do what was asked for.
#include <chrono>
#include <string>
#include <vector>

#include "policies/slo_demand.hpp"
#include "support/catch.hpp"
#include "support/slo_loops.hpp"
#include "support/slo_scene.hpp"

namespace evenkeel {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Calm;
using test::Scene;
using test::SpreadOf;

// Latency above its objective, and loops that are too warm for that to be downstream's.
Scene Late() {
  Scene scene = Calm(0.68).With(signal::kLatencyP99, 0.3);
  scene.WithPods(signal::kEventLoopUtilization, {10, 0.60, 0.72, 0.68, 0.80, "a"});
  scene.target.objectives.event_loop_utilization = 0.70;
  return scene;
}

// As SpreadOf names them; the first so many are ready.
void NameTenPods(Scene& scene, int ready) {
  for (int i = 0; i < 10; ++i) {
    scene.state.pods.push_back(
        {"p" + std::to_string(i), PodPhase::kRunning, i < ready, false, false});
  }
}

TEST_CASE("adversity: a pod that never gets ready holds steps up for a while, not for good") {
  Scene scene = Late();
  scene.state.pending = 1;
  scene.Live(1);
  CHECK(scene.Propose().reason == "AwaitingEffect");
  scene.Live(20);
  CHECK(scene.Propose().reason == "LatencyAboveObjective");
  CHECK(scene.Propose().replicas == 12);
  scene.state.rollout_in_progress = true;
  CHECK(scene.Propose().reason == "AwaitingEffect");
}

TEST_CASE("adversity: pods that turned unready in an overload do not make it look small") {
  std::vector<double> busy(5, 0.97);
  busy.resize(10, 0.02);
  Scene scene = Calm(0.6);
  scene.Live(3);
  scene.With(signal::kLatencyP99, 2);
  scene.WithPods(signal::kEventLoopUtilization, SpreadOf(busy));
  scene.state.ready = scene.state.pending = 5;
  NameTenPods(scene, 5);
  const Proposal proposal = scene.Propose();
  CHECK(proposal.evidence["loop"] == "hot");
  CHECK(proposal.evidence["utilization"] == Approx(0.97));
}

TEST_CASE("adversity: pods that answer no scrape count as busy before any is taken away") {
  Scene scene = Calm(0.3);
  scene.WithPods(signal::kEventLoopUtilization, SpreadOf({0.3, 0.3, 0.3, 0.3}));
  scene.WithPods(signal::kEventLoopLagP99, SpreadOf({0.01, 0.01, 0.01, 0.01}));
  CHECK(scene.Propose().replicas == 6);
  scene.state.newest_ready = scene.now - hours(1);
  NameTenPods(scene, 10);
  CHECK(scene.Propose().replicas == 10);  // (3 + 6 * 0.7) / 0.60 = 12
}

TEST_CASE("adversity: lag that is usual is no backlog that latency steps must wait for") {
  Scene scene = Calm(0.55).With(signal::kLatencyP99, 0.3).With(signal::kEventLoopLagP99, 0.115);
  scene.target.objectives.event_loop_lag_p99.reset();
  scene.Live(7);
  scene.Follow(scene.Propose());
  CHECK(scene.state.spec_replicas == 12);
  scene.Live(20);
  CHECK(scene.Propose().reason == "LatencyAboveObjective");
}

TEST_CASE("adversity: without ELU, lag that growth does not lower ends the growth") {
  Scene scene = Calm(0).With(signal::kEventLoopLagP99, 0.35).With(signal::kRequestRate, 400);
  scene.Without(signal::kEventLoopUtilization, ReadingState::kNoData);
  Scene helped = scene;
  for (int i = 0; i < 20; ++i) {
    scene.Follow(scene.Propose());
    scene.now += minutes(3);
    helped.Follow(helped.Propose());
    helped.now += minutes(3);
    helped.With(signal::kEventLoopLagP99, i < 3 ? 0.35 : 0.25);
  }
  CHECK(scene.state.spec_replicas == 40);  // 10, 20, and not more than three times
  CHECK(scene.Propose().reason == "GrowthIneffective");
  CHECK(scene.Propose().bottleneck == "Ineffective");
  CHECK(helped.state.spec_replicas > 40);
}

TEST_CASE("adversity: a long window of the rates does not hide what fewer pods do") {
  slo::test::Loops loops(20);
  loops.target.window = minutes(5);
  loops.Steady(0.33);
  loops.state.spec_replicas = loops.state.ready = 12;
  loops.Turn(std::vector(12, 0.44), std::vector(12, 0.010));
  for (int i = 0; i < 4; ++i) {
    CHECK(loops.Turn(std::vector(12, 0.55), std::vector(12, 0.010)).now < 8.0);
  }
  CHECK(loops.Steady(0.55).now == Approx(6.6).epsilon(0.01));
}

TEST_CASE("adversity: loops that were known and are gone let nothing be taken away") {
  Scene scene = Calm(0.6);
  scene.target.objectives.event_loop_lag_p99.reset();
  scene.Live(5);
  scene.Without(signal::kEventLoopUtilization, ReadingState::kNoData);
  scene.Without(signal::kEventLoopLagP99, ReadingState::kNoData);
  scene.Live(40);
  CHECK(scene.Propose().replicas == 10);
  scene.now += hours(25);  // they are not exported any more
  CHECK(scene.Propose().replicas == 9);
}

TEST_CASE("adversity: requests in flight that cannot be read are not none") {
  Scene scene = Calm(0.02).With(signal::kRequestRate, 0);
  scene.target.min_replicas = 0;
  CHECK(scene.Propose().replicas == 0);
  CHECK(scene.Without(signal::kInFlight, ReadingState::kNoData).Propose().replicas == 0);
  CHECK(scene.Without(signal::kInFlight, ReadingState::kFailed).Propose().replicas > 0);
}

TEST_CASE("adversity: a rate or a lag that is missing once is no fall to zero") {
  Scene scene = Calm(0.6).With(signal::kRequestRate, 400);
  scene.Live(10);
  const auto before = scene.memory["model"];
  scene.Without(signal::kRequestRate, ReadingState::kFailed);
  scene.Without(signal::kEventLoopLagP99, ReadingState::kFailed);
  scene.Live(1);
  for (const char* kept : {"lastRate", "rateAt", "lag", "lastLag"}) {
    INFO(kept);
    CHECK(scene.memory["model"][kept] == before[kept]);
  }
}

TEST_CASE("adversity: where the most pods are reached, a breach is regretted once") {
  Scene scene = Late();
  scene.target.max_replicas = 10;
  scene.Live(40);
  CHECK_FALSE(scene.memory.value("lasting", nlohmann::json::object()).contains("ceiling"));
  scene.target.max_replicas = 100;
  scene.Live(4);  // observed only: nobody does what is asked for
  CHECK(scene.memory["lasting"]["ceiling"]["utilization"] == Approx(0.65));
}

TEST_CASE("adversity: rounds of minutes know what the last one saw") {
  Scene scene = Calm(0.6).With(signal::kRequestRate, 400);
  for (int i = 0; i < 4; ++i) {
    scene.Live(1);
    scene.now += seconds(225);
  }
  scene.Without(signal::kEventLoopUtilization, ReadingState::kNoData);
  const Proposal blind =
      scene.With(signal::kRequestRate, 900).With(signal::kLatencyP99, 5).Propose();
  CHECK(blind.reason == "EventLoopSaturated");
  CHECK_THAT(blind.message, Catch::StartsWith("the event loops answer no scrape in time"));
  CHECK(blind.replicas > 15);
}

TEST_CASE("adversity: a rise that goes on for long is not followed to the end of the world") {
  slo::test::Loops loops(20);
  loops.state.startup = minutes(10);
  double busy = 0.30;
  loops.Steady(busy);
  slo::Demand demand;
  for (int i = 0; i < 20; ++i) {
    busy += 0.02;
    demand = loops.Turn(std::vector(20, busy), std::vector(20, 0.010));
  }
  CHECK(demand.ahead > 1.5 * demand.now);
  CHECK(demand.ahead <= 1.8 * demand.now + 1e-9);
}

TEST_CASE("adversity: a backlog that grew for a minute is not of fifteen seconds") {
  slo::test::Loops loops(10);
  loops.Steady(0.98);  // always busy, so only the lag tells
  const slo::Demand demand =
      loops.Turn(std::vector(10, 1.0), std::vector(10, 0.010 + 60 * 0.2 / 1.1), seconds(60));
  CHECK(demand.ahead == Approx(12).epsilon(0.05));
}

}  // namespace
}  // namespace evenkeel
