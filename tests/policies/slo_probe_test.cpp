// Whether late requests over cold event loops wait for something of each pod's own.
#include "policies/slo_probe.hpp"

#include <chrono>

#include "support/catch.hpp"
#include "support/slo_scene.hpp"

namespace evenkeel {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using test::Calm;
using test::kNow;
using test::Scene;

// Cold loops and requests that are late, in turns a minute apart.
class Slow {
 public:
  explicit Slow(Replicas replicas = 10) { Resize(replicas); }
  void Resize(Replicas replicas) {
    scene_.state.spec_replicas = scene_.state.status_replicas = scene_.state.ready = replicas;
    scene_.With(signal::kEventLoopUtilization, 5.5 / replicas);  // the demand is what it was
  }
  Proposal Turn(double latency, seconds after = minutes(1)) {
    scene_.now += after;
    scene_.With(signal::kLatencyP99, latency);
    const Proposal proposal = scene_.Propose();
    scene_.memory = proposal.memory;
    return proposal;
  }
  void Rate(double rate) { scene_.With(signal::kRequestRate, rate); }
  // Minutes until something else than staying is proposed; it is done.
  int Wait(double latency) {
    for (int minute = 1; minute < 200; ++minute) {
      const Proposal proposal = Turn(latency);
      if (proposal.replicas == scene_.state.spec_replicas) continue;
      last = proposal;
      Resize(proposal.replicas);
      return minute;
    }
    return 0;
  }
  Scene& Now() { return scene_; }
  Proposal last;

 private:
  Scene scene_ = Calm(0.55);
};

TEST_CASE("probe: after ten minutes a tenth more pods are tried, and given back if in vain") {
  Slow service;
  CHECK(service.Wait(1.0) == 11);  // the first turn is when latency went up
  CHECK(service.last.replicas == 11);
  CHECK(service.last.reason == "DownstreamProbe");
  CHECK(service.last.bottleneck == "Downstream");
  CHECK(service.Wait(0.9) == 2);  // start-up and 1.25 windows: 110 s
  CHECK(service.last.replicas == 10);
  CHECK(service.last.reason == "ProbeInVain");
}

TEST_CASE("probe: each one in vain doubles the wait, up to two hours") {
  Slow service;
  service.Wait(1.0);
  service.Wait(1.0);
  for (const int wait : {20, 40, 80, 120, 120}) {
    CHECK(service.Wait(1.0) == wait);
    CHECK(service.last.reason == "DownstreamProbe");
    service.Wait(1.0);
  }
}

TEST_CASE("probe: where it helped, a fifth more follow, as long as they help") {
  Slow service;
  service.Wait(1.0);
  CHECK(service.Wait(0.84) == 2);
  CHECK(service.last.replicas == 14);
  CHECK(service.last.reason == "ProbeHelped");
  CHECK(service.last.bottleneck.empty());
  service.Wait(0.6);
  CHECK(service.last.replicas == 17);
  service.Wait(0.6);
  CHECK(service.last.replicas == 14);  // that step helped no more
}

TEST_CASE("probe: where it helped, pods are given less than what was too much for them") {
  Slow service;
  service.Rate(1000);
  service.Wait(1.0);   // 10 pods, 100/s each
  service.Wait(0.84);  // helped: 14 pods
  service.Rate(1000);
  CHECK(service.Turn(0.2).replicas == 12);  // 1000 / (0.9 * 100) = 11.1; its loops need 10
  CHECK(service.last.reason == "ProbeHelped");
  service.Resize(12);
  service.Rate(1200);
  const Proposal more = service.Turn(0.2);
  CHECK(more.replicas == 14);  // 13.3
  CHECK(more.reason == "PodLimit");
  CHECK(more.working.ends_with(",limit:100/s"));
  CHECK(service.Turn(0.2, std::chrono::hours(25)).reason != "PodLimit");
}

TEST_CASE("probe: one that was not taken is asked for again, and judges nothing") {
  Slow service;
  service.Wait(1.0);
  service.Resize(10);
  CHECK(service.Turn(0.5, seconds(300)).reason == "DownstreamProbe");
}

TEST_CASE("probe: pods that were tried in vain are given back until they are gone") {
  Slow service;
  service.Wait(1.0);
  service.Turn(1.0);
  for (int minute = 0; minute < 5; ++minute) {  // behavior's window for scale-in
    const Proposal proposal = service.Turn(1.0);
    CHECK(proposal.replicas == 10);
    CHECK(proposal.reason == "ProbeInVain");
  }
  service.Resize(10);
  CHECK(service.Turn(1.0).reason == "DownstreamSuspected");
  CHECK(service.Wait(1.0) == 15);  // 20 min after it was first seen to be in vain
}

TEST_CASE("probe: no more is given back than was tried") {
  Slow service;
  service.Wait(1.0);
  service.Resize(16);  // for another reason
  service.Turn(1.0);
  CHECK(service.Turn(1.0).replicas == 15);
}

TEST_CASE("probe: that fewer requests are faster shows no limit of the pods") {
  Slow service;
  service.Rate(500);
  service.Wait(1.0);
  service.Rate(100);
  CHECK(service.Wait(0.7) == 2);
  CHECK(service.last.reason == "ProbeInVain");
  CHECK_FALSE(service.Now().memory.value("lasting", nlohmann::json::object()).contains("limit"));
}

TEST_CASE("probe: the limit is of the requests that were too many") {
  Slow service;
  service.Rate(1000);
  service.Wait(1.0);
  service.Rate(950);
  service.Wait(0.84);
  CHECK(service.Now().memory["lasting"]["limit"]["perPod"] == 100);
}

TEST_CASE("probe: while the requests are not known, a limit takes no pod away") {
  Slow service;
  service.Rate(1000);
  service.Wait(1.0);
  service.Wait(0.84);
  service.Now().Without(signal::kRequestRate, ReadingState::kFailed);
  CHECK(service.Turn(0.2).replicas == 14);
}

TEST_CASE("probe: hot loops end the trying") {
  Slow service;
  service.Wait(1.0);
  service.Now().With(signal::kEventLoopUtilization, 0.97);
  service.Turn(1.0);
  CHECK_FALSE(service.Now().memory.contains("probe"));
}

TEST_CASE("probe: a breach that ended begins anew") {
  Slow service;
  service.Wait(1.0);
  service.Turn(0.1);
  service.Resize(10);
  CHECK(service.Wait(1.0) == 11);
}

TEST_CASE("probe: errors keep the pods that were tried, and hot loops grow as ever") {
  Slow service;
  service.Wait(1.0);
  service.Turn(1.0);
  Slow failing = service;
  failing.Now().With(signal::kErrorRate, 0.3);
  CHECK(failing.Turn(1.0).replicas == 11);
  service.Now().With(signal::kEventLoopUtilization, 0.97);
  CHECK(service.Turn(1.0).replicas > 17);
}

}  // namespace
}  // namespace evenkeel
