#include "controller/core/decide.hpp"

#include <memory>
#include <random>

#include "support/catch.hpp"
#include "tests/controller/core/scene.hpp"

namespace evenkeel {
namespace {

using namespace test;

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("decide: the largest proposal wins, and its reason is the decision's") {
  const Decision decision =
      Scene({Module("a", Reactive(11)), Module("b", Reactive(13, "Most")), Module("c", Floor(12))})
          .Run();
  CHECK(decision.desired == 13);
  CHECK(decision.reason == "Most");
}

TEST_CASE("decide: a floor raises and never lowers") {
  CHECK(Scene({Module("a", Floor(12))}).Run().desired == 12);
  CHECK(Scene({Module("a", Floor(3))}).Run().desired == 10);
  CHECK(Scene({Module("a", Floor(6)), Module("b", Reactive(4))}).Run().desired == 6);
}

TEST_CASE("decide: no opinion is not zero") {
  CHECK(Scene({Module("a", Proposal{})}).Run().desired == 10);
  CHECK(Scene({}).Run().desired == 10);
}

TEST_CASE("decide: no unknown objective lets anything be taken away") {
  for (const ReadingState state : kUnknowns) {
    const Decision decision = Scene({Module("a", Reactive(4))}).Latency(state).Run();
    CHECK(decision.desired == 10);
    CHECK(decision.reason == reason::kSignalMissing);
    CHECK(decision.message.find("latencyP99 is " + std::string(ToString(state))) == 0);
  }
}

TEST_CASE("decide: after an unknown signal, scale-in waits for the second decision that knows it") {
  Scene scene({Module("a", Reactive(4))});
  scene.history = Scene(scene).Latency(ReadingState::kUncovered).Run().next;
  const Decision first = scene.Run();
  CHECK(first.desired == 10);
  CHECK(first.reason == reason::kRecovering);
  scene.history = first.next;
  CHECK(scene.Run().desired == 4);
}

TEST_CASE("decide: scale-out does not wait for a signal's second value") {
  Scene scene({Module("a", Reactive(14))});
  scene.history = Scene(scene).Latency(ReadingState::kFailed).Run().next;
  CHECK(scene.Run().desired == 14);
}

TEST_CASE("decide: no traffic is knowledge, and scale-in may rest on it") {
  CHECK(Scene({Module("a", Reactive(4))}).Latency(ReadingState::kNoTraffic).Run().desired == 4);
}

TEST_CASE("decide: a policy's own query counts like an objective") {
  Scene scene({Module("a", Reactive(4))});
  scene.policy.metrics.queries["depth"] = "sum(depth)";
  scene.observation.readings.insert_or_assign("depth",
                                              Reading::Unknown(ReadingState::kFailed, "x"));
  CHECK(scene.Run().desired == 10);
}

TEST_CASE("decide: one fresh signal is enough to scale out, none is not") {
  Scene scene({Module("a", Reactive(14))});
  scene.policy.target.objectives.error_rate = 0.01;
  scene.observation.readings.insert_or_assign("errorRate",
                                              Reading::Unknown(ReadingState::kFailed, "x"));
  CHECK(scene.Run().desired == 14);
  CHECK(scene.Latency(ReadingState::kStale).Run().desired == 10);
  CHECK(scene.Run().reason == reason::kSignalMissing);
}

TEST_CASE("decide: a schedule's floor needs no signal") {
  CHECK(Scene({Module("a", Floor(12))}).Latency(ReadingState::kFailed).Run().desired == 12);
}

TEST_CASE("decide: a failing module forbids scale-in, and another one may still scale out") {
  const Error broken{ErrorKind::kInvalid, "broken", {}};
  const Decision in = Scene({Module("a", broken), Module("b", Reactive(4))}).Run();
  CHECK(in.desired == 10);
  CHECK(in.reason == reason::kModuleError);
  CHECK(Scene({Module("a", broken), Module("b", Reactive(12))}).Run().desired == 12);
  CHECK(Scene({Module("a", broken)}).Run().reason == reason::kModuleError);
}

TEST_CASE("decide: a rollout holds scale-in and lets scale-out through") {
  Scene in({Module("a", Reactive(4))});
  in.observation.target.rollout_in_progress = true;
  CHECK(in.Run().reason == reason::kRolloutInProgress);
  CHECK(in.Run().desired == 10);
  Scene out({Module("a", Reactive(14))});
  out.observation.target.rollout_in_progress = true;
  CHECK(out.Run().desired == 14);
}

TEST_CASE("decide: a hold blocks its direction only") {
  const auto run = [](Direction direction, Replicas wanted) {
    return Scene({Module("a", Hold(direction)), Module("b", Reactive(wanted))}).Run().desired;
  };
  CHECK(run(Direction::kUp, 14) == 10);
  CHECK(run(Direction::kUp, 6) == 6);
  CHECK(run(Direction::kDown, 14) == 14);
  CHECK(run(Direction::kDown, 6) == 10);
  CHECK(run(Direction::kBoth, 14) == 10);
  CHECK(run(Direction::kBoth, 6) == 10);
}

TEST_CASE("decide: stabilization, then rate limit, then bounds, each step on record") {
  Scene scene({Module("a", Reactive(100, "Flood"))});
  scene.policy.behavior.scale_up.policies = {{RateType::kPods, 35, seconds(60)}};
  const Decision decision = scene.Run();
  CHECK(decision.desired == 40);
  CHECK(decision.reason == "Flood");
  REQUIRE(decision.steps.size() == 4);
  CHECK(decision.steps[0] == Step{Stage::kCombine, 10, 100, "Flood", ""});
  CHECK(decision.steps[1] == Step{Stage::kStabilize, 100, 100, "", ""});
  CHECK(decision.steps[2] == Step{Stage::kRateLimit, 100, 45, "RateLimited", "+35/60s"});
  CHECK(decision.steps[3] == Step{Stage::kBounds, 45, 40, "AtMaximum", ""});
}

TEST_CASE("decide: no change names what prevented it") {
  Scene stabilized({Module("a", Reactive(4))});
  stabilized.policy.behavior.scale_down.stabilization_window = seconds(300);
  stabilized.history.recommendations = {{kNow - seconds(100), 12}};
  CHECK(stabilized.Run().reason == reason::kStabilized);

  Scene limited({Module("a", Reactive(14))});
  limited.policy.behavior.scale_up.select_policy = SelectPolicy::kDisabled;
  CHECK(limited.Run().reason == reason::kRateLimited);

  Scene maximum({Module("a", Reactive(50))});
  maximum.policy.target.max_replicas = 10;
  CHECK(maximum.Run().reason == reason::kAtMaximum);

  Scene minimum({Module("a", Reactive(1))});
  minimum.policy.target.min_replicas = 10;
  CHECK(minimum.Run().reason == reason::kAtMinimum);
}

TEST_CASE("decide: a size outside the bounds is brought back, signals or not") {
  Scene scene({Module("a", Reactive(10))});
  scene.Latency(ReadingState::kFailed);
  scene.policy.target.max_replicas = 6;
  CHECK(scene.Run().desired == 6);
  CHECK(scene.Run().reason == reason::kAboveMaximum);
  scene.policy.target.max_replicas = 40;
  scene.policy.target.min_replicas = 20;
  CHECK(scene.Run().desired == 20);
  CHECK(scene.Run().reason == reason::kBelowMinimum);
}

TEST_CASE("decide: spec.replicas 0 is a pause, whatever the modules say") {
  Scene scene({Module("a", Reactive(14))});
  scene.observation.target.spec_replicas = 0;
  CHECK(scene.Run().desired == 0);
  CHECK(scene.Run().reason == reason::kPaused);
}

TEST_CASE("decide: the last replica is taken only where minReplicas is 0, and on known signals") {
  Scene scene({Module("a", Reactive(0))});
  CHECK(scene.Run().desired == 2);
  scene.policy.target.min_replicas = 0;
  CHECK(scene.Run().desired == 0);
  CHECK(scene.Latency(ReadingState::kFailed).Run().desired == 10);
}

// Asleep: we took the last replica away.
Scene Asleep(Replicas wanted) {
  Scene scene({Module("a", Reactive(wanted))});
  scene.policy.target.min_replicas = 0;
  scene.observation.target = {};
  scene.history.scaled_to_zero = true;
  return scene;
}

TEST_CASE("decide: a zero of our own is left again as soon as a signal asks") {
  CHECK(Asleep(0).Run().desired == 0);
  CHECK(Asleep(0).Run().next.scaled_to_zero);
  CHECK(Asleep(1).Run().desired == 1);
  CHECK(Asleep(1).Latency(ReadingState::kFailed).Run().desired == 0);
}

TEST_CASE("decide: a zero of our own ends when minReplicas is raised (HPA: ScaledToZero)") {
  Scene scene = Asleep(1);
  scene.policy.target.min_replicas = 2;
  CHECK(scene.Run().desired == 2);
}

TEST_CASE("decide: a zero that the managed fields call ours is ours, also without a history") {
  Scene scene = Asleep(1);
  scene.history.scaled_to_zero = false;
  CHECK(scene.Run().reason == reason::kPaused);
  scene.observation.writer.emplace();
  CHECK(scene.Run().reason == reason::kPaused);
  scene.observation.writer->ours = true;
  CHECK(scene.Run().desired == 1);
}

TEST_CASE("decide: a target that was woken by hand and set to 0 again is paused") {
  Scene scene = Asleep(1);
  scene.observation.target.spec_replicas = 3;
  scene.history = scene.Run().next;
  CHECK_FALSE(scene.history.scaled_to_zero);
  scene.observation.target.spec_replicas = 0;
  CHECK(scene.Run().reason == reason::kPaused);
}

TEST_CASE("decide: an obstacle changes nothing and is the reason") {
  Scene scene({Module("a", Reactive(14))});
  scene.observation.obstacle = Obstacle{"ConflictingOwner", "HPA shop/checkout"};
  const Decision decision = scene.Run();
  CHECK(decision.desired == 10);
  CHECK(decision.reason == "ConflictingOwner");
  CHECK(decision.steps.empty());
}

TEST_CASE("decide: the fallback is a floor once nothing has been known for its time") {
  Scene scene({Module("a", Proposal{})});
  scene.Latency(ReadingState::kFailed);
  scene.policy.fallback = Fallback{seconds(180), 16};
  CHECK(scene.Run().desired == 10);
  scene.history = scene.Run().next;
  scene.now += seconds(179);
  CHECK(scene.Run().desired == 10);
  scene.now += seconds(1);
  CHECK(scene.Run().reason == reason::kFallback);
  CHECK(scene.Run().desired == 16);
  scene.policy.fallback->replicas = 3;
  CHECK(scene.Run().desired == 10);  // never takes away
}

TEST_CASE("decide: a signal that comes back ends the wait for the fallback") {
  Scene scene({Module("a", Proposal{})});
  scene.policy.fallback = Fallback{seconds(180), 16};
  scene.history = scene.Run().next;
  scene.now += seconds(100);
  scene.history = scene.Run().next;
  scene.Latency(ReadingState::kFailed);
  scene.now += seconds(100);
  CHECK(scene.Run().desired == 10);
}

TEST_CASE("decide: raw proposals are remembered, unclamped, for as long as a window asks") {
  Scene scene({Module("a", Reactive(100))});
  scene.policy.behavior.scale_down.stabilization_window = seconds(300);
  const Decision first = scene.Run();
  CHECK(first.next.recommendations == std::vector<Recommendation>{{kNow, 100}});
  scene.history = first.next;
  scene.now += seconds(300);
  CHECK(scene.Run().next.recommendations.size() == 1);
}

TEST_CASE("decide: a module's memory is handed on, and kept when it fails") {
  Proposal remembers = Reactive(10);
  remembers.memory = {{"n", 1}};
  Scene scene({Module("a", remembers)});
  scene.history = scene.Run().next;
  CHECK(scene.history.memory.at("a") == nlohmann::json{{"n", 1}});
  scene.policy.policies = {Module("a", Error{ErrorKind::kInvalid, "broken", {}})};
  CHECK(scene.Run().next.memory.at("a") == nlohmann::json{{"n", 1}});
}

// --- properties over random scenes ---

Proposal RandomProposal(std::mt19937_64& random) {
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution(low, high)(random);
  };
  switch (pick(0, 3)) {
    case 0:
      return Reactive(pick(0, 1) == 0 ? pick(0, 60) : std::numeric_limits<int>::max());
    case 1:
      return Floor(pick(0, 60));
    case 2:
      return Hold(static_cast<Direction>(pick(0, 2)));
    default:
      return {};
  }
}

Scene RandomScene(std::mt19937_64& random) {
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution(low, high)(random);
  };
  Scene scene({Module("a", RandomProposal(random)), Module("b", RandomProposal(random))});
  scene.policy.target.min_replicas = pick(0, 10);
  scene.policy.target.max_replicas = scene.policy.target.min_replicas + pick(1, 40);
  scene.observation.target.spec_replicas = pick(0, 70);
  scene.observation.target.ready = pick(0, 70);
  scene.observation.target.rollout_in_progress = pick(0, 4) == 0;
  scene.policy.behavior.scale_up.stabilization_window = seconds(pick(0, 300));
  scene.policy.behavior.scale_down.stabilization_window = seconds(pick(0, 300));
  for (int i = pick(0, 5); i > 0; --i) {
    scene.history.recommendations.push_back({kNow + seconds(pick(-400, 100)), pick(0, 60)});
    scene.history.scale_events.push_back({kNow + seconds(pick(-40, 10)), pick(0, 60), pick(0, 60)});
  }
  if (pick(0, 2) == 0) scene.Latency(kUnknowns[static_cast<std::size_t>(pick(0, 5))]);
  return scene;
}

TEST_CASE("decide: over random scenes the safety rules hold") {
  std::mt19937_64 random(20261123);
  for (int i = 0; i < 20'000; ++i) {
    const Scene scene = RandomScene(random);
    const Decision decision = scene.Run();
    const TargetSpec& bounds = scene.policy.target;
    const bool unknown = !scene.observation.readings.Find("latencyP99").AllowsScaleIn();
    CAPTURE(i, decision.current, decision.desired, decision.reason);
    if (decision.Changes()) {
      REQUIRE(decision.desired >= std::max(1, bounds.min_replicas));
      REQUIRE(decision.desired <= bounds.max_replicas);
    }
    if (unknown || scene.observation.target.rollout_in_progress) {
      REQUIRE(decision.desired >= std::min(decision.current, bounds.max_replicas));
    }
    REQUIRE_FALSE(decision.reason.empty());
    REQUIRE_FALSE(decision.message.empty());
    const Decision again = scene.Run();
    REQUIRE(again.desired == decision.desired);
    REQUIRE(again.next == decision.next);
  }
}

}  // namespace
}  // namespace evenkeel
