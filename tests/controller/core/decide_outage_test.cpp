// What a decision makes of a time in which nothing, or nothing new, is known.
#include "support/catch.hpp"
#include "tests/controller/core/scene.hpp"

namespace evenkeel {
namespace {

using namespace test;
using std::chrono::seconds;

constexpr seconds kTurn{15};

// Everything unknown for so long, a decision each turn.
void Outage(Scene& scene, seconds duration) {
  Scene silent = scene;
  silent.policy.policies = {Module("a", Proposal{})};
  silent.Latency(ReadingState::kFailed);
  for (const TimePoint end = silent.now + duration; silent.now < end; silent.now += kTurn) {
    silent.history = silent.Run().next;
  }
  scene.history = silent.history;
  scene.now = silent.now;
}

TEST_CASE("decide: after an outage as long as the window of scale-in, the window begins anew") {
  Scene scene({Module("a", Reactive(4))});
  scene.policy.behavior.scale_down.stabilization_window = seconds(300);
  Outage(scene, seconds(600));
  seconds held{0};
  for (; scene.Run().desired == 10 && held < seconds(900); held += kTurn) {
    scene.history = scene.Run().next;
    scene.now += kTurn;
  }
  CHECK(held >= seconds(285));
  CHECK(held <= seconds(300));
}

TEST_CASE("decide: the window of scale-in begins anew whatever that of scale-out remembers") {
  Scene scene({Module("a", Reactive(4))});
  scene.policy.behavior.scale_down.stabilization_window = seconds(300);
  scene.policy.behavior.scale_up.stabilization_window = seconds(1800);
  scene.history.recommendations = {{scene.now - kTurn, 4}};
  Outage(scene, seconds(600));
  scene.history = scene.Run().next;  // the first answer is not acted on
  scene.now += kTurn;
  CHECK(scene.Run().desired == 10);
}

TEST_CASE("decide: an obstacle that outlasts the window of scale-in begins it anew") {
  for (const seconds duration : {seconds(30), seconds(600)}) {
    Scene scene({Module("a", Reactive(4))});
    scene.policy.behavior.scale_down.stabilization_window = seconds(300);
    scene.history.recommendations = {{scene.now - seconds(120), 4}};
    Scene stopped = scene;
    stopped.observation.obstacle = Obstacle{"TargetNotFound", "no answer within 10 s"};
    for (; stopped.now < scene.now + duration; stopped.now += kTurn) {
      stopped.history = stopped.Run().next;
    }
    scene.history = stopped.history;
    scene.now = stopped.now;
    const bool forgotten = duration > seconds(300);
    CHECK(scene.Run().desired == (forgotten ? 10 : 4));
    scene.history = scene.Run().next;
    scene.now += seconds(299);
    CHECK(scene.Run().desired == (forgotten ? 10 : 4));
    scene.now += seconds(1);
    CHECK(scene.Run().desired == 4);
  }
}

TEST_CASE("decide: a short outage does not begin the window of scale-in anew") {
  Scene scene({Module("a", Reactive(4))});
  scene.policy.behavior.scale_down.stabilization_window = seconds(300);
  scene.history.recommendations = {{scene.now - seconds(240), 10}, {scene.now - kTurn, 4}};
  Outage(scene, seconds(60));
  scene.history = scene.Run().next;  // the first answer is not acted on
  scene.now += kTurn;
  CHECK(scene.Run().desired == 4);
}

TEST_CASE("decide: an outage holds no scale-out back, whatever its window") {
  Scene scene({Module("a", Reactive(14))});
  scene.policy.behavior.scale_up.stabilization_window = seconds(300);
  Outage(scene, seconds(600));
  CHECK(scene.Run().desired == 14);
}

TEST_CASE("decide: an old picture of the cluster holds scale-in and lets scale-out through") {
  Scene in({Module("a", Reactive(4))});
  in.observation.distrust = "the watch of pods has been interrupted for 3m";
  const Decision held = in.Run();
  CHECK(held.desired == 10);
  CHECK(held.reason == reason::kClusterUnseen);
  CHECK_THAT(held.message, Catch::StartsWith("the watch of pods has been interrupted for 3m: "));
  Scene out({Module("a", Reactive(14))});
  out.observation.distrust = in.observation.distrust;
  CHECK(out.Run().desired == 14);
}

}  // namespace
}  // namespace evenkeel
