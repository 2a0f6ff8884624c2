// The HPA's numbers are Kubernetes' own (hpa.md § 2 has their names); that module ratio and the
// rate policies have them is the conformance suite's business, here it is that the rival does.
#include <chrono>
#include <optional>
#include <vector>

#include "controller/simulate/hpa_loop.hpp"
#include "controller/simulate/stage.hpp"
#include "support/catch.hpp"

using namespace evenkeel;

TEST_CASE("hpa-elu asks for ceil(pods times utilization by target) every 15 s") {
  Stage stage("hpa-elu");
  CHECK(stage.Made().Period() == SimSeconds{15});
  CHECK(stage.Made().Needs() == std::vector<Need>{{"eventLoopUtilization"}});
  stage.Serve(6);
  stage.Utilization(0.85);  // 6 · 0.85 / 0.6 = 8.5
  const Verdict verdict = stage.Tick(15);
  CHECK(verdict.replicas == 9);
  CHECK(verdict.reason == "AboveTarget");
}

TEST_CASE("the HPA's tolerance is 0.1, both ends included") {
  const auto replicas = [](double utilization) {
    Stage stage("hpa-elu", {{"target", 0.5}, {"window", 0}});
    stage.Serve(10);
    stage.Utilization(utilization);
    return stage.Tick(15).replicas;
  };
  CHECK(replicas(0.55) == 10);
  CHECK(replicas(0.551) == 12);
  CHECK(replicas(0.45) == 10);
  CHECK(replicas(0.449) == 9);
}

TEST_CASE("the HPA doubles, or adds four, in 15 s") {
  Stage stage("hpa-p99");
  stage.Serve(1);
  stage.Latency(25);  // a hundred times the objective
  CHECK(stage.Follow(15) == 5);
  CHECK(stage.Follow(30) == 10);
  CHECK(stage.Follow(45) == 20);
  CHECK(stage.Tick(50).replicas == 20);  // 5 s later: the period's quota is used up
  CHECK(stage.Tick(50).reason == "ScaleUpLimit");
}

TEST_CASE("the HPA shrinks to the largest proposal of the window, and a new one waits for it") {
  for (const int window : {300, 60}) {
    Stage stage("hpa-elu", {{"window", window}});
    stage.Serve(10);
    stage.Utilization(0.3);
    for (int second = 15; second < 15 + window; second += 15) {
      const Verdict verdict = stage.Tick(second);
      CHECK(verdict.replicas == 10);
      CHECK(verdict.reason == "ScaleDownStabilized");
    }
    CHECK(stage.Tick(15 + window).replicas == 5);
  }
}

TEST_CASE("P99 multiplies the ready pods, even when there are few of them") {
  Stage stage("hpa-p99", {{"window", 0}});
  stage.Serve(3);
  stage.Latency(0.75);
  CHECK(stage.Tick(15).replicas == 7);  // 9 by the ratio, 3 + 4 by the rate
  // Case 35: a ratio of 1.95 with one pod of three ready takes one away.
  Stage few("hpa-p99", {{"window", 0}});
  few.Serve(3, 1, 0, 0);
  few.Latency(0.25 * 1.95);
  CHECK(few.Tick(15).replicas == 2);
}

TEST_CASE("the target of P99 is a share of the objective") {
  Stage stage("hpa-p99", {{"target", 0.5}});
  stage.Serve(4);
  stage.Latency(0.25);
  CHECK(stage.Tick(15).replicas == 8);
}

TEST_CASE("hpa-max takes the larger proposal, and shrinks only when both metrics are there") {
  const auto tick = [](double utilization, std::optional<double> latency) {
    Stage stage("hpa-max", {{"window", 0}});
    stage.Serve(6);
    stage.Utilization(utilization);
    if (latency) {
      stage.Latency(*latency);
    } else {
      stage.Lose(signal::kLatencyP99, ReadingState::kFailed);
    }
    return stage.Tick(15);
  };
  CHECK(tick(0.85, 0.1).replicas == 9);
  CHECK(tick(0.3, 0.4).replicas == 10);  // 9.6
  CHECK(tick(0.3, 0.1).replicas == 3);
  CHECK(tick(0.85, std::nullopt).replicas == 9);
  CHECK(tick(0.3, std::nullopt).replicas == 6);
  CHECK(tick(0.3, std::nullopt).reason == "FailedGetMetric");
}

TEST_CASE("P99 without requests reads as 0") {
  Stage stage("hpa-p99", {{"window", 0}});
  stage.Serve(6);
  stage.Lose(signal::kLatencyP99, ReadingState::kNoTraffic);
  CHECK(stage.Tick(15).replicas == 1);
}

TEST_CASE("the HPA does not wait for other signals, for a rollout, or after an outage") {
  Stage stage("hpa-elu", {{"window", 0}});
  stage.Serve(10);
  stage.state.rollout_in_progress = true;
  stage.Lose(signal::kEventLoopUtilization, ReadingState::kNoData);
  stage.Lose(signal::kLatencyP99, ReadingState::kFailed);
  CHECK(stage.Tick(15).replicas == 10);
  stage.Utilization(0.3);
  CHECK(stage.Tick(30).replicas == 5);
}

TEST_CASE("a restarted HPA begins with the present size") {
  Stage stage("hpa-elu");
  stage.Serve(10);
  stage.Utilization(0.3);
  for (int second = 15; second < 300; second += 15) (void)stage.Tick(second);
  stage.Restart();
  CHECK(stage.Tick(300).replicas == 10);
  for (int second = 315; second < 600; second += 15) CHECK(stage.Tick(second).replicas == 10);
  CHECK(stage.Tick(600).replicas == 5);
}

TEST_CASE("sizes out of bounds are brought back at once, and zero is a pause") {
  Stage stage("hpa-elu");
  stage.scenario.min_replicas = 3;
  stage.scenario.max_replicas = 5;
  stage.Serve(10);
  CHECK(stage.Tick(15).replicas == 5);
  stage.Serve(2);
  CHECK(stage.Tick(30).replicas == 3);
  stage.Serve(0);
  CHECK(stage.Tick(45).replicas == 0);
}

TEST_CASE("the HPA's stabilization has the numbers of KEP-853") {
  // Story 5 with a window of 600 s and a proposal a minute.
  HpaLoop loop({1, 100}, HpaBehavior(std::chrono::seconds(600)));
  TargetState state;
  state.spec_replicas = 10;
  TimePoint now = kSimulationBegin;
  const auto propose = [&](Replicas replicas) {
    now += std::chrono::seconds(60);
    const std::vector<Result<Replicas>> proposals{replicas};
    return loop.Reconcile(state, now, proposals).replicas;
  };
  for (const Replicas replicas : {10, 9, 8, 9, 9, 8, 9, 8, 9}) CHECK(propose(replicas) == 10);
  CHECK(propose(8) == 10);
  CHECK(propose(7) == 9);
}

TEST_CASE("keda-p99 divides P99 by its threshold, whatever serves now") {
  const auto replicas = [](Replicas present, double latency, double target = 1) {
    Stage stage("keda-p99", {{"target", target}, {"window", 0}});
    stage.Serve(present);
    stage.Latency(latency);
    return stage.Tick(30).replicas;
  };
  CHECK(replicas(6, 0.24) == 1);
  CHECK(replicas(6, 0.51) == 3);
  CHECK(replicas(20, 0.51) == 3);
  CHECK(replicas(6, 0.24, 0.1) == 10);
  CHECK(replicas(6, 0.1495, 0.1) == 6);   // 5.98 per 6 is in tolerance
  CHECK(replicas(5, 0.15049, 0.1) == 6);  // thousandths: exactly it would be 6.02 of 25 ms
}

TEST_CASE("keda-p99 holds a polled number for 30 s, or asks every time") {
  for (const int polling : {30, 0}) {
    Stage stage("keda-p99", {{"target", 0.1}, {"window", 0}, {"polling", polling}});
    stage.Serve(6);
    stage.Latency(0.2);
    CHECK(stage.Tick(30).replicas == 8);
    stage.Latency(0.25);
    CHECK(stage.Tick(45).replicas == (polling == 30 ? 8 : 10));
    CHECK(stage.Tick(60).replicas == 10);
  }
}

TEST_CASE("keda-p99 takes an empty answer for 0, and a failed one for an error") {
  const auto replicas = [](ReadingState state) {
    Stage stage("keda-p99", {{"window", 0}});
    stage.Serve(6);
    stage.Lose(signal::kLatencyP99, state);
    return stage.Tick(30).replicas;
  };
  CHECK(replicas(ReadingState::kNoData) == 1);
  CHECK(replicas(ReadingState::kNoTraffic) == 1);
  CHECK(replicas(ReadingState::kNotANumber) == 1);
  CHECK(replicas(ReadingState::kFailed) == 6);
  CHECK(replicas(ReadingState::kStale) == 6);
}
