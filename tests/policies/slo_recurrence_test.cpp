#include "policies/slo_recurrence.hpp"

#include <chrono>

#include "support/catch.hpp"
#include "support/slo_scene.hpp"

namespace evenkeel {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using test::Calm;
using test::Scene;

// A load of ten pods for ten minutes, that falls to a third and may return.
class Saw {
 public:
  Saw() { Live(minutes(10)); }
  // It fell, and came back for ten minutes.
  Saw(minutes away, minutes before) : Saw() {
    FallAndReturn(away, before);
    Live(minutes(10));
  }
  // A high load; the loops show at once what the pods' overload would.
  void High() {
    scene_.With(signal::kEventLoopUtilization, Size() < 10 ? 1.0 : 0.6);
    scene_.With(signal::kEventLoopLagP99, Size() < 10 ? 3.0 : 0.010);
    scene_.With(signal::kLatencyP99, Size() < 10 ? 5.0 : 0.080);
    Turn();
    Resize(10);
    scene_ = Keep(Calm(0.6));
  }
  void Low() { scene_ = Keep(Calm(2.0 / Size())); }
  // One turn of 15 s.
  Proposal Turn() {
    const Proposal proposal = scene_.Propose();
    scene_.memory = proposal.memory;
    scene_.now += seconds(15);
    return proposal;
  }
  void Live(minutes time) {
    for (int turn = 0; turn < 4 * time.count(); ++turn) Turn();
  }
  void Resize(Replicas replicas) {
    scene_.state.spec_replicas = scene_.state.status_replicas = scene_.state.ready = replicas;
  }
  [[nodiscard]] Replicas Size() const { return scene_.state.spec_replicas; }
  // Minutes for which pods are kept after the load has fallen; 60: all the time.
  int Kept() {
    Low();
    for (int turn = 0; turn < 240; ++turn) {
      if (Turn().replicas < Size()) return turn / 4;
    }
    return 60;
  }

 private:
  // The load fell; after so long it comes back, the scale-in having been `before` that.
  void FallAndReturn(minutes away, minutes before) {
    Low();
    Live(away - before);
    Resize(4);
    Low();
    Live(before);
    High();
  }
  Scene Keep(Scene scene) const {
    scene.memory = scene_.memory;
    scene.state = scene_.state;
    scene.now = scene_.now;
    return scene;
  }
  Scene scene_ = Calm(0.6);
};

TEST_CASE("recurrence: a load that has not come back is kept no pods for") {
  CHECK(Saw().Kept() == 0);
}

TEST_CASE("recurrence: after a scale-in that was regretted, pods for the peak are kept") {
  Saw saw(minutes(10), minutes(5));
  const int kept = saw.Kept();
  CHECK(kept >= 14);  // half as long again as it was away
  CHECK(kept <= 16);
}

TEST_CASE("recurrence: pods are kept for half an hour at most") {
  Saw saw(minutes(28), minutes(5));
  const int kept = saw.Kept();
  CHECK(kept >= 28);
  CHECK(kept <= 31);
}

TEST_CASE("recurrence: an overload long after the scale-in regrets nothing") {
  CHECK(Saw(minutes(20), minutes(11)).Kept() <= 1);
}

TEST_CASE("recurrence: after six hours without another, it is forgotten") {
  Saw saw(minutes(10), minutes(5));
  saw.Live(minutes(6 * 60 - 10));
  CHECK(saw.Kept() <= 1);
}

TEST_CASE("recurrence: the decision says what pods are kept for") {
  Saw saw(minutes(10), minutes(5));
  saw.Low();
  saw.Live(minutes(3));
  const Proposal proposal = saw.Turn();
  CHECK(proposal.reason == "PeakExpected");
  CHECK_THAT(proposal.working, Catch::Contains("kept:6"));
}

}  // namespace
}  // namespace evenkeel
