#include <chrono>
#include <initializer_list>

#include "policies/registry.hpp"
#include "support/catch.hpp"
#include "support/slo_scene.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Calm;
using test::kNow;
using test::ProxyOnly;
using test::Scene;

TEST_CASE("slo: a service within its objectives at its target utilization stays as it is") {
  const Proposal proposal = Calm(0.60).Propose();
  CHECK(proposal.kind == ProposalKind::kReactive);
  CHECK(proposal.replicas == 10);
}

TEST_CASE("slo: demand is the sum of the event loops, an absolute number of pods") {
  const Proposal proposal = Calm(0.84).Propose();
  CHECK(proposal.replicas == 14);  // 8.4 erlangs / 0.60
  CHECK(proposal.reason == "EventLoopDemand");
}

TEST_CASE("slo: the policy's own utilization objective is the target") {
  Scene scene = Calm(0.60);
  scene.target.objectives.event_loop_utilization = 0.40;
  CHECK(scene.Propose().replicas == 15);
}

TEST_CASE("slo: from the decision line its number can be computed by hand") {
  const Proposal grow = Calm(0.84).With(signal::kRequestRate, 420).Propose();
  CHECK(grow.working == "demand:8.4,noise:0.252,trend:0/s,horizon:50s,ahead:8.4,target:60%");
  Scene scene = Calm(0.60).With(signal::kRequestRate, 400);
  scene.Live(2);
  CHECK(scene.Propose().working.ends_with(",work:15ms"));
  CHECK(ProxyOnly().Propose().working.empty());
}

// The loops hide, and what the proxy counts tells how many they would need.
TEST_CASE("slo: in an overload that hides the loops the demand sizes the step, not the breach") {
  Scene scene = Calm(0.50);
  for (int turn = 0; turn < 5; ++turn) scene.With(signal::kRequestRate, 500).Live(1);
  for (const auto name : {signal::kEventLoopUtilization, signal::kEventLoopLagP99}) {
    scene.Without(name, ReadingState::kStale);
  }
  scene.With(signal::kLatencyP99, 3.0).With(signal::kRequestRate, 600);
  CHECK(scene.Propose().replicas == 14);  // 500 + 100 * 45 / 15 = 800/s of 10 ms, at 0.60
}

TEST_CASE("slo: a demand within the tolerance changes nothing") {
  CHECK(Calm(0.65).Propose().replicas == 10);
  CHECK(Calm(0.65).Propose().reason == "InTolerance");
}

TEST_CASE("slo: saturated event loops double the pods, once per dead time") {
  Scene scene = Calm(0.97);
  const Proposal first = scene.Propose();
  CHECK(first.replicas == 20);
  CHECK(first.reason == "EventLoopSaturated");
  CHECK_THAT(first.message, Catch::Contains("their backlogs tell"));
  scene.Follow(first).now += seconds(30);
  CHECK(scene.Propose().replicas == 20);
  CHECK(scene.Propose().reason == "AwaitingEffect");
  scene.now += seconds(35);  // start-up 35 s and half a window have passed
  CHECK(scene.Propose().replicas == 40);
}

TEST_CASE("slo: while a backlog drains the coolest quarter of the pods speaks for the demand") {
  Scene scene = Calm(0.97);
  scene.Follow(scene.Propose()).now += seconds(30);
  scene.WithPods(signal::kEventLoopUtilization, {20, 0.30, 0.50, 0.85, 1.0, "a"});
  CHECK(scene.Propose().replicas == 20);  // 0.50 · 20 / 0.60 < 20, and nothing shrinks yet
}

TEST_CASE("slo: latency above its objective with hot loops asks for a bounded step") {
  Scene scene = Calm(0.60);
  scene.WithPods(signal::kEventLoopUtilization, {10, 0.60, 0.72, 0.64, 0.80, "a"});
  for (const double latency : {0.260, 0.500, 9.0}) {
    const Proposal proposal = scene.With(signal::kLatencyP99, latency).Propose();
    CHECK(proposal.replicas == 12);
    CHECK(proposal.reason == "LatencyAboveObjective");
  }
}

TEST_CASE("slo: a step is not repeated before its effect can be seen") {
  Scene scene = Calm(0.60);
  scene.WithPods(signal::kEventLoopUtilization, {10, 0.60, 0.72, 0.62, 0.80, "a"});
  scene.With(signal::kLatencyP99, 0.5);
  scene.Follow(scene.Propose()).now += seconds(100);
  CHECK(scene.Propose().reason == "AwaitingEffect");
  scene.now += seconds(11);  // 35 s start-up + 75 s
  CHECK(scene.Propose().replicas == 15);
}

TEST_CASE("slo: a step that was not taken is asked for again at once") {
  Scene scene = Calm(0.97);
  const Proposal first = scene.Propose();
  scene.memory = first.memory;  // observed only, or the patch was refused
  scene.now += seconds(5);
  CHECK(scene.Propose().replicas == first.replicas);
  CHECK(scene.Propose().reason == first.reason);
}

TEST_CASE("slo: demand goes on scaling out while latency is downstream's") {
  Scene scene = Calm(0.20).With(signal::kLatencyP99, 3.0);
  scene.state = {.spec_replicas = 2, .status_replicas = 2, .ready = 2};
  scene.target.objectives.event_loop_utilization = 0.60;
  scene.With(signal::kEventLoopUtilization, 0.84).With(signal::kEventLoopLagP99, 0.030);
  CHECK(scene.Propose().replicas >= 3);
}

TEST_CASE("slo: lag above its objective asks for more pods") {
  const Proposal proposal = Calm(0.60).With(signal::kEventLoopLagP99, 0.120).Propose();
  CHECK(proposal.replicas == 12);
  CHECK(proposal.reason == "LagAboveObjective");
}

TEST_CASE("slo: errors alone never add pods, and forbid taking any away") {
  const Proposal proposal = Calm(0.10).With(signal::kErrorRate, 0.5).Propose();
  CHECK(proposal.replicas == 10);
  CHECK(proposal.reason == "ErrorsAboveObjective");
}

TEST_CASE("slo: errors under overload ask for a step") {
  Scene scene = Calm(0.60).With(signal::kErrorRate, 0.05);
  scene.WithPods(signal::kEventLoopUtilization, {10, 0.60, 0.72, 0.64, 0.80, "a"});
  CHECK(scene.Propose().replicas == 15);
  CHECK(scene.Propose().reason == "ErrorsUnderOverload");
}

TEST_CASE("slo: scale-in goes to the demand, with a margin, and never below one") {
  CHECK(Calm(0.50).Propose().replicas == 9);  // 5.0 / (0.95 · 0.60) = 8.8
  CHECK(Calm(0.22).Propose().replicas == 4);
  CHECK(Calm(0.22).Propose().reason == "DemandFell");
  CHECK(Calm(0.00).Propose().replicas == 1);
}

TEST_CASE("slo: nothing is taken away while something speaks against it") {
  SECTION("a pod is starting") {
    Scene scene = Calm(0.05);
    scene.state.pending = 1;
    CHECK(scene.Propose().replicas == 10);
  }
  SECTION("pods are missing") {
    Scene scene = Calm(0.05);
    scene.state.ready = 8;
    CHECK(scene.Propose().replicas == 10);
  }
  SECTION("latency is met without a margin") {
    CHECK(Calm(0.40)
              .With(signal::kLatencyP99, 0.240)
              .With(signal::kEventLoopLagP99, 0.060)
              .Propose()
              .replicas == 10);
    CHECK(Calm(0.40).With(signal::kLatencyP99, 0.240).Propose().replicas == 7);  // cold loops
  }
  SECTION("a step was just taken") {
    Scene scene = Calm(0.05);
    scene.memory = {
        {"step", {{"at", (kNow - seconds(10)).time_since_epoch().count()}, {"from", 9}}}};
    CHECK(scene.Propose().replicas == 10);
  }
  SECTION("the utilization is exported but cannot be read") {
    for (const ReadingState state : {ReadingState::kStale, ReadingState::kUncovered,
                                     ReadingState::kFailed, ReadingState::kNotANumber}) {
      Scene scene = Calm(0.05).Without(signal::kEventLoopUtilization, state);
      CHECK(scene.Propose().replicas == 10);
    }
  }
}

TEST_CASE("slo: without any signal it has no opinion, which is not zero") {
  Scene scene;
  CHECK(scene.Propose().kind == ProposalKind::kNoOpinion);
}

TEST_CASE("slo: without ELU lag judges the heat, and scale-in feels its way by tenths") {
  Scene scene = Calm(0).Without(signal::kEventLoopUtilization, ReadingState::kNoData);
  const Proposal first = scene.Propose();
  CHECK(first.replicas == 9);
  CHECK(first.reason == "ObjectivesMetEasily");
  scene.Follow(first).now += seconds(60);
  CHECK(scene.Propose().replicas == 9);
  scene.With(signal::kLatencyP99, 0.400).With(signal::kEventLoopLagP99, 0.200);
  CHECK(scene.Propose().replicas == 14);  // a shrink does not delay the way out
}

TEST_CASE("slo: without the loops, requests that are easily met let it feel its way by tenths") {
  CHECK(ProxyOnly().Propose().replicas == 9);
  CHECK(ProxyOnly().Follow(ProxyOnly().Propose()).Propose().replicas == 9);
  CHECK(ProxyOnly().With(signal::kLatencyP99, 0.130).Propose().replicas == 10);
  // The P99 is interpolated within a wide bucket: what was late is known better.
  CHECK(ProxyOnly()
            .With(signal::kLatencyP99, 0.200)
            .With(signal::kBadRatio, 0.0009)
            .Propose()
            .replicas == 9);
  CHECK(ProxyOnly()
            .With(signal::kLatencyP99, 0.080)
            .With(signal::kBadRatio, 0.0011)
            .Propose()
            .replicas == 10);
}

TEST_CASE("slo: without the loops, silence of the proxy takes nothing away, but no traffic does") {
  Scene scene = ProxyOnly().Without(signal::kLatencyP99, ReadingState::kNoTraffic);
  CHECK(scene.Propose().replicas == 10);
  CHECK(scene.With(signal::kRequestRate, 0).Propose().replicas == 9);
}

TEST_CASE("slo: no ready pod is not zero load") {
  Scene scene = Calm(0.95);
  scene.state = {.spec_replicas = 10, .status_replicas = 10, .ready = 0, .pending = 10};
  CHECK(scene.Propose().replicas >= 10);
}

TEST_CASE("slo: a clock set back does not lengthen the dead time") {
  Scene scene = Calm(0.97);
  scene.Follow(scene.Propose()).now -= seconds(3600);
  const Proposal held = scene.Propose();
  CHECK(held.reason == "AwaitingEffect");
  scene.memory = held.memory;
  scene.now += seconds(66);
  CHECK(scene.Propose().replicas == 40);
}

TEST_CASE("slo: params are refused, for it has none") {
  const auto module = MakePolicy("slo", {{"speed", "fast"}});
  REQUIRE_FALSE(module);
  CHECK(module.error().message.find("speed") != std::string::npos);
}

// Behind a proxy, with minReplicas 0 and nobody there.
Scene Deserted() {
  Scene scene = Calm(0.02);
  scene.target.min_replicas = 0;
  return scene.Without(signal::kLatencyP99, ReadingState::kNoTraffic)
      .Without(signal::kErrorRate, ReadingState::kNoTraffic)
      .With(signal::kRequestRate, 0);
}

TEST_CASE("slo: without requests and with minReplicas 0 no replica is needed") {
  const Proposal proposal = Deserted().Propose();
  CHECK(proposal.kind == ProposalKind::kReactive);
  CHECK(proposal.replicas == 0);
  CHECK(proposal.reason == "NoTraffic");
}

TEST_CASE("slo: with minReplicas 1 a service without requests keeps a replica") {
  Scene scene = Deserted();
  scene.target.min_replicas = 1;
  CHECK(scene.Propose().replicas == 1);
}

TEST_CASE("slo: a service that works without requests is not asleep") {
  CHECK(Deserted().With(signal::kEventLoopUtilization, 0.3).Propose().replicas > 0);
  CHECK(Deserted().With(signal::kInFlight, 3).Propose().replicas > 0);
}

TEST_CASE("slo: that the request rate is unknown is not zero requests") {
  for (const ReadingState state : {ReadingState::kNoData, ReadingState::kFailed,
                                   ReadingState::kStale, ReadingState::kUncovered}) {
    CHECK(Deserted().Without(signal::kRequestRate, state).Propose().replicas > 0);
  }
}

TEST_CASE("slo: from zero the first requests bring a replica, and nothing else does") {
  Scene scene = Deserted();
  scene.state = {};
  CHECK(scene.Propose().replicas == 0);
  const Proposal woken = scene.With(signal::kRequestRate, 0.03).Propose();
  CHECK(woken.replicas == 1);
  CHECK(woken.reason == "TrafficArrived");
  scene.Without(signal::kRequestRate, ReadingState::kFailed);
  CHECK(scene.Propose().kind == ProposalKind::kNoOpinion);
}

double TargetOf(const Scene& scene) {
  return scene.Propose().evidence["targetUtilization"].get<double>();
}

TEST_CASE("slo: a service whose requests are never late learns to do with fewer pods") {
  Scene scene = Calm(0.55).With(signal::kRequestRate, 500).With(signal::kBadRatio, 0);
  scene.Live(40);
  CHECK(TargetOf(scene) == Approx(0.60));
  scene.Live(20);
  CHECK(TargetOf(scene) == Approx(0.70));
  CHECK(scene.Propose().replicas == 8);  // 5.5 / 0.70 = 7.9
  Scene stated = scene;
  stated.target.objectives.event_loop_utilization = 0.60;
  CHECK(stated.Propose().replicas == 10);
}

TEST_CASE("slo: an overload, and latency of the loops' own making, teach to keep more room") {
  Scene scene = Calm(0.55).With(signal::kRequestRate, 500).With(signal::kBadRatio, 0);
  scene.Live(60);
  Scene overload = scene;
  overload.With(signal::kEventLoopUtilization, 0.98);
  overload.Live(3);  // one overload, however long
  CHECK(TargetOf(overload) == Approx(0.65).epsilon(0.001));
  Scene late = scene;
  late.WithPods(signal::kEventLoopUtilization, {10, 0.60, 0.72, 0.66, 0.80, "a"});
  late.With(signal::kLatencyP99, 0.3).With(signal::kBadRatio, 0.0005).Live(1);
  CHECK(TargetOf(late) == Approx(0.65).epsilon(0.001));
}

TEST_CASE("slo: scale-in leaves what the demand usually strays by") {
  Scene scene = Calm(0.53);
  for (int turn = 0; turn < 41; ++turn) {
    scene.With(signal::kEventLoopUtilization, turn % 2 == 0 ? 0.50 : 0.56);
    scene.Live(1);
  }
  Scene steady = Calm(0.53);
  steady.Live(40);
  CHECK(steady.Propose().replicas == 9);  // 5.3 / 0.60 = 8.8
  CHECK(scene.Propose().replicas == 10);
}

}  // namespace
}  // namespace evenkeel
