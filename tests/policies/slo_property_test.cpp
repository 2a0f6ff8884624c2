// What holds for every service, of which many are made by chance.
#include <chrono>
#include <random>
#include <string>

#include "support/catch.hpp"
#include "support/slo_scene.hpp"

namespace evenkeel {
namespace {

using std::chrono::seconds;
using test::Calm;
using test::Scene;

constexpr int kServices = 400;

class Chance {
 public:
  explicit Chance(unsigned seed) : engine_(seed) {}
  double Between(double low, double high) {
    return std::uniform_real_distribution(low, high)(engine_);
  }
  bool Is(double probability) { return Between(0, 1) < probability; }

 private:
  std::mt19937 engine_;
};

void Shake(Scene& scene, Chance& chance) {
  scene.With(signal::kLatencyP99, chance.Between(0.02, 0.6));
  scene.With(signal::kErrorRate, chance.Is(0.2) ? chance.Between(0, 0.1) : 0);
  scene.With(signal::kEventLoopLagP99, chance.Between(0.005, 0.2));
  scene.With(signal::kEventLoopUtilization, chance.Between(0.02, 1));
  scene.With(signal::kRequestRate, chance.Between(0, 900));
  scene.With(signal::kBadRatio, chance.Between(0, 0.05));
  if (chance.Is(0.5)) scene.With(signal::kInFlight, chance.Between(0, 200));
}

// After some turns of an eventful life, whose pods do as they are told.
Scene AnyService(unsigned seed) {
  Chance chance(seed);
  Scene scene = Calm(0.5);
  for (int turn = 0; turn < 6; ++turn) {
    Shake(scene, chance);
    if (chance.Is(0.2)) scene.Without(signal::kEventLoopUtilization, ReadingState::kStale);
    const Proposal proposal = scene.Propose();
    if (proposal.kind == ProposalKind::kReactive && chance.Is(0.7)) scene.Follow(proposal);
    scene.memory = proposal.memory;
    scene.now += seconds(15);
  }
  Shake(scene, chance);
  return scene;
}

TEST_CASE("slo, any service: the same input gives the same answer, and memory survives its text") {
  for (unsigned seed = 0; seed < kServices; ++seed) {
    CAPTURE(seed);
    const Scene scene = AnyService(seed);
    Scene restored = scene;
    restored.memory = nlohmann::json::parse(scene.memory.dump());
    CHECK(scene.Propose() == scene.Propose());
    CHECK(scene.Propose() == restored.Propose());
  }
}

TEST_CASE("slo, any service: what cannot be read of the loops takes no pod away") {
  for (unsigned seed = 0; seed < kServices; ++seed) {
    CAPTURE(seed);
    for (const auto name : {signal::kEventLoopUtilization, signal::kEventLoopLagP99}) {
      for (const auto state : {ReadingState::kStale, ReadingState::kFailed,
                               ReadingState::kUncovered, ReadingState::kNotANumber}) {
        Scene scene = AnyService(seed).Without(name, state);
        CHECK(scene.Propose().replicas >= scene.state.spec_replicas);
      }
    }
  }
}

// Without a past: while a backlog drains, loops that are always busy say nothing of the demand.
TEST_CASE("slo, any service: busier loops never need fewer pods") {
  for (unsigned seed = 0; seed < kServices; ++seed) {
    Scene scene = AnyService(seed);
    scene.memory = nullptr;
    Replicas before = 0;
    for (int percent = 5; percent <= 100; percent += 5) {
      CAPTURE(seed, percent);
      const Replicas now =
          scene.With(signal::kEventLoopUtilization, percent / 100.0).Propose().replicas;
      CHECK(now >= before);
      before = now;
    }
  }
}

TEST_CASE("slo, any service: errors above their objective take no pod away") {
  for (unsigned seed = 0; seed < kServices; ++seed) {
    CAPTURE(seed);
    Scene scene = AnyService(seed).With(signal::kErrorRate, 0.3);
    CHECK(scene.Propose().replicas >= scene.state.spec_replicas);
  }
}

}  // namespace
}  // namespace evenkeel
