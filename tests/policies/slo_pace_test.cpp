// Sizes of steps where the event loops tell nothing of themselves.
#include "policies/slo_pace.hpp"

#include <chrono>

#include "support/catch.hpp"
#include "support/slo_scene.hpp"

namespace evenkeel {
namespace {

using std::chrono::seconds;
using test::ProxyOnly;
using test::Scene;

// Ten pods that have served 400 requests/s easily for some minutes; every turn is 15 s.
Scene Proven() {
  Scene scene = ProxyOnly().With(signal::kLatencyP99, 0.130).With(signal::kBadRatio, 0.0009);
  scene.target.min_replicas = 1;
  for (int turn = 0; turn < 12; ++turn) scene.With(signal::kRequestRate, 400).Live(1);
  return scene;
}

// Its latency is twice the objective, while the proxy counts so many requests/s in the last minute.
Proposal Late(Scene scene, double rate) {
  scene.With(signal::kRequestRate, rate).With(signal::kLatencyP99, 0.5);
  return scene.With(signal::kBadRatio, 0.1).Propose();
}

TEST_CASE("pace: a breach asks for the pods that the requests of now need") {
  // 15 s at 1,000/s, of the 45 s between a minute's first sample and its last.
  CHECK(Late(Proven(), 600).replicas == 25);
  CHECK(Late(Proven(), 600).reason == "LatencyAboveObjective");
}

TEST_CASE("pace: a step is at least that of the breach, and four times the pods at most") {
  CHECK(Late(Proven(), 400).replicas == 15);
  CHECK(Late(Proven(), 2000).replicas == 40);
}

TEST_CASE("pace: what behavior allowed a part of is asked for until its effect shows") {
  Scene scene = Proven();
  const Proposal first = Late(scene, 600);
  scene.memory = first.memory;
  scene.state.spec_replicas = scene.state.status_replicas = scene.state.ready = 20;
  scene.now += seconds(15);
  CHECK(Late(scene, 700).replicas == 25);
  CHECK(Late(scene, 700).reason == "AwaitingEffect");
  scene.state.spec_replicas = scene.state.status_replicas = scene.state.ready = 10;
  CHECK(Late(scene, 700).reason == "LatencyAboveObjective");  // somebody took them away
}

TEST_CASE("pace: long after the begin of a breach the whole window is of the new load") {
  Scene scene = Proven();
  scene.memory = Late(scene, 600).memory;
  scene.state.spec_replicas = scene.state.status_replicas = scene.state.ready = 20;
  scene.now += seconds(105);
  scene.memory =
      scene.With(signal::kLatencyP99, 0.3).With(signal::kRequestRate, 700).Propose().memory;
  scene.now += seconds(15);
  CHECK(Late(scene, 1000).replicas == 30);  // half as many again; 1,000/s need 25
}

TEST_CASE("pace: less load goes down to a quarter more than was proven, by half at most") {
  Scene scene = Proven();
  const auto at = [&](double rate) { return scene.With(signal::kRequestRate, rate).Propose(); };
  CHECK(at(240).replicas == 7);  // 6 pods proved enough: 7.5
  CHECK(at(240).reason == "ObjectivesMetEasily");
  CHECK(at(40).replicas == 5);
  CHECK(at(390).replicas == 9);  // by tenths from there
}

TEST_CASE("pace: a breach at a load that used to go well lowers it") {
  Scene scene = Proven();
  Scene slower = scene;
  slower.memory = Late(scene, 400).memory;
  slower.now += seconds(600);
  const auto kept = [](Scene& s) { return s.With(signal::kRequestRate, 240).Propose().replicas; };
  CHECK(kept(scene) == 7);
  CHECK(kept(slower) == 8);  // 240 / (0.9 * 40) = 6.7, and a quarter more
}

TEST_CASE("pace: only rest proves one, and only where the loops tell nothing") {
  const auto proved = [](const Scene& scene) {
    return scene.memory["lasting"].value("pace", nlohmann::json::object()).value("perPod", 0.0);
  };
  CHECK(proved(Proven()) == Approx(40));
  Scene restless = ProxyOnly().With(signal::kRequestRate, 400).With(signal::kBadRatio, 0);
  restless.memory = restless.Propose().memory;
  CHECK(proved(restless) == Approx(0));
  Scene known = Proven();
  known.memory = nullptr;
  known.With(signal::kEventLoopUtilization, 0.6).Live(12);
  CHECK(proved(known) == Approx(0));
}

}  // namespace
}  // namespace evenkeel
