// Whose fault a breach is.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/slo_scene.hpp"

namespace evenkeel {
namespace {

using std::chrono::seconds;
using test::Calm;
using test::kNow;
using test::ProxyOnly;
using test::Scene;
using test::SpreadOf;

TEST_CASE("slo: latency above its objective with cold loops is downstream's, and adds no pod") {
  const Proposal proposal = Calm(0.20).With(signal::kLatencyP99, 3.0).Propose();
  CHECK(proposal.replicas == 10);
  CHECK(proposal.reason == "DownstreamSuspected");
  CHECK(proposal.bottleneck == "Downstream");
}

TEST_CASE("slo: after an overload, latencies that the window still holds blame nobody") {
  Scene scene = Calm(0.97);
  scene.Follow(scene.Propose()).now += seconds(60);
  scene.With(signal::kEventLoopUtilization, 0.30).With(signal::kLatencyP99, 3.0);
  CHECK(scene.Propose().reason == "AwaitingEffect");
  CHECK(scene.Propose().bottleneck.empty());
}

// An overload that hides the loops is known by its late requests and their rate.
TEST_CASE("slo: after an overload that hid the loops, its latencies blame nobody") {
  Scene scene = Calm(0.50).With(signal::kRequestRate, 500);
  for (int turn = 0; turn < 5; ++turn) scene.Follow(scene.Propose()).now += seconds(15);
  Scene blind = scene;
  for (const auto name : {signal::kEventLoopUtilization, signal::kEventLoopLagP99}) {
    blind.Without(name, ReadingState::kStale);
  }
  blind.With(signal::kLatencyP99, 3.0).With(signal::kRequestRate, 510);
  scene.memory = blind.Propose().memory;
  scene.now += seconds(60);
  CHECK(scene.With(signal::kLatencyP99, 3.0).Propose().reason == "AwaitingEffect");
}

TEST_CASE("slo: lag on one pod alone is that pod's, not overload") {
  Scene scene = Calm(0.50);
  scene.WithPods(signal::kEventLoopLagP99, SpreadOf({0.01, 0.01, 0.02, 1.4, 0.01, 0.01}));
  const Proposal proposal = scene.Propose();
  CHECK(proposal.replicas == 10);
  CHECK(proposal.bottleneck == "HotPod");
  CHECK(proposal.message.find("p3") != std::string::npos);
}

// Ten pods of which some answer no scrape, while requests are late.
Scene Silent(const std::vector<std::size_t>& silent) {
  Scene scene = Calm(0.55).With(signal::kLatencyP99, 3.0);
  PodSpread lag;
  for (std::size_t i = 0; i < 10; ++i) {
    const std::string pod = "p" + std::to_string(i);
    scene.state.pods.push_back({.name = pod, .phase = PodPhase::kRunning, .ready = true});
    if (std::ranges::find(silent, i) == silent.end()) lag.values.push_back({pod, 0.010});
  }
  lag.pods = static_cast<int>(lag.values.size());
  lag.mean = lag.max = 0.010;
  scene.WithPods(signal::kEventLoopLagP99, lag);
  scene.state.newest_ready = kNow - seconds(61);
  return scene;
}

TEST_CASE("slo: a pod that alone answers no scrape while requests are late is the hot one") {
  const Proposal proposal = Silent({3}).Propose();
  CHECK(proposal.replicas == 10);
  CHECK(proposal.bottleneck == "HotPod");
  CHECK(proposal.message.starts_with("p3 alone answers no scrape"));
}

TEST_CASE("slo: a pod's silence blames it only if nothing else explains it") {
  CHECK(Silent({}).Propose().bottleneck == "Downstream");
  CHECK(Silent({0, 1, 2}).Propose().bottleneck == "HotPod");
  CHECK(Silent({0, 1, 2, 3}).Propose().bottleneck == "Downstream");
  CHECK(Silent({3}).With(signal::kLatencyP99, 0.2).Propose().bottleneck.empty());
  Scene young = Silent({3});
  young.state.newest_ready = kNow - seconds(60);
  CHECK(young.Propose().bottleneck == "Downstream");
  Scene leaving = Silent({3});
  leaving.state.pods[3].terminating = true;
  CHECK(leaving.Propose().bottleneck == "Downstream");
  Scene warm = Silent({3});
  warm.With(signal::kEventLoopUtilization, 0.68);
  CHECK(warm.Propose().bottleneck.empty());
}

// Slices of 20 ms: the lag of every turn lies about half of its objective.
TEST_CASE("slo: the lag that a service usually has is no sign of waiting") {
  Scene scene = Calm(0.60).With(signal::kEventLoopLagP99, 0.047);
  for (int turn = 0; turn < 20; ++turn) scene.Follow(scene.Propose()).now += seconds(15);
  scene.With(signal::kLatencyP99, 3.0).With(signal::kEventLoopLagP99, 0.055);
  CHECK(scene.Propose().bottleneck == "Downstream");
  scene.WithPods(signal::kEventLoopLagP99, SpreadOf({0.06, 0.05, 0.05, 1.4, 0.06}));
  CHECK(scene.Propose().bottleneck == "HotPod");
  scene.With(signal::kEventLoopLagP99, 0.099);
  CHECK(scene.Propose().reason == "LatencyAboveObjective");
}

TEST_CASE("slo: lag above its objective is never usual") {
  Scene scene = Calm(0.60).With(signal::kEventLoopLagP99, 0.110);
  scene.Live(20);
  CHECK(scene.With(signal::kLatencyP99, 3.0).Propose().bottleneck.empty());
  scene.now += seconds(100);
  scene.With(signal::kEventLoopUtilization, 0.30);
  CHECK(scene.Propose().bottleneck != "Downstream");
}

TEST_CASE("slo: lag with mostly idle loops is blocking code, which pods do not cure") {
  const Proposal proposal = Calm(0.20).With(signal::kEventLoopLagP99, 0.300).Propose();
  CHECK(proposal.replicas == 10);
  CHECK(proposal.bottleneck == "Ineffective");
}

// A proxy's numbers alone (a rate of 0: not known), 7 pods and latency at twice its objective; then
// 21 pods.
Scene Grown(double rate = 400) {
  Scene scene = ProxyOnly().With(signal::kLatencyP99, 0.5);
  if (rate > 0) scene.With(signal::kRequestRate, rate);
  scene.state = {.spec_replicas = 7, .status_replicas = 7, .ready = 7};
  scene.memory = scene.Propose().memory;
  scene.state = {.spec_replicas = 21, .status_replicas = 21, .ready = 21};
  scene.now += seconds(300);
  return scene;
}

TEST_CASE("slo: without the loops, growth that gained nothing ends") {
  const Proposal proposal = Grown().Propose();
  CHECK(proposal.replicas == 21);
  CHECK(proposal.reason == "GrowthIneffective");
  CHECK(proposal.bottleneck == "Ineffective");
  CHECK(Grown(0).Propose().reason == "GrowthIneffective");
  Scene smaller = Grown();
  smaller.state = {.spec_replicas = 20, .status_replicas = 20, .ready = 20};
  CHECK(smaller.Propose().replicas > 20);
}

TEST_CASE("slo: growth goes on where it gained, or where an overload hides its size") {
  CHECK(Grown().With(signal::kLatencyP99, 0.42).Propose().replicas > 21);
  CHECK(Grown().With(signal::kRequestRate, 460).Propose().replicas > 21);
  CHECK(Grown().With(signal::kErrorRate, 0.02).Propose().replicas > 21);
  Scene beyond = Grown();
  beyond.readings.find(signal::kLatencyP99)->second.at_least = true;
  CHECK(beyond.Propose().replicas > 21);
  CHECK(Grown().With(signal::kEventLoopLagP99, 0.080).Propose().replicas > 21);
}

// Loops at 0.62, warm, and latency at 1.2 times its objective; then at `busy`, with so much
// latency.
Proposal Idler(double busy, double latency, double lag = 0.065) {
  Scene scene = Calm(0.62).With(signal::kLatencyP99, 0.3).With(signal::kEventLoopLagP99, 0.010);
  scene.With(signal::kRequestRate, 400);
  scene.memory = scene.Propose().memory;
  scene.now += seconds(300);
  scene.With(signal::kEventLoopUtilization, busy).With(signal::kEventLoopLagP99, lag);
  return scene.With(signal::kRequestRate, 400).With(signal::kLatencyP99, latency).Propose();
}

TEST_CASE("slo: where the loops are much idler and latency as high as before, growth was in vain") {
  CHECK(Idler(0.43, 0.3).reason == "GrowthIneffective");
  CHECK(Idler(0.43, 0.3).bottleneck == "Ineffective");
  CHECK(Idler(0.43, 0.3).replicas == 10);
  CHECK(Idler(0.45, 0.3).reason == "LatencyAboveObjective");    // not much idler yet
  CHECK(Idler(0.43, 0.254).reason == "LatencyAboveObjective");  // it helped
}

TEST_CASE("slo: fewer than three late requests are no breach of all") {
  Scene scene = Calm(0.60).With(signal::kLatencyP99, 3.0).With(signal::kEventLoopLagP99, 0.060);
  scene.With(signal::kRequestRate, 2).With(signal::kBadRatio, 2.0 / 120);
  CHECK(scene.Propose().reason == "TooFewRequests");
  CHECK(scene.Propose().replicas == 10);
  CHECK(scene.With(signal::kBadRatio, 3.01 / 120).Propose().replicas == 12);
  scene.readings.erase(std::string(signal::kBadRatio));
  CHECK(scene.Propose().replicas == 12);  // how many were late is not known
}

TEST_CASE("slo: latency that was met in between begins anew") {
  Scene scene = Grown();
  scene.With(signal::kLatencyP99, 0.2);
  scene.memory = scene.Propose().memory;
  CHECK(scene.With(signal::kLatencyP99, 0.5).Propose().replicas > 21);
}

}  // namespace
}  // namespace evenkeel
