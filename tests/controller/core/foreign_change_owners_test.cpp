// Whose changes count: other owners, other objects, and what a new controller can know.
#include "controller/core/foreign_change.hpp"
#include "support/catch.hpp"
#include "tests/controller/core/life.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using test::kStart;
using test::Life;

TEST_CASE("foreign change: in mode Observe others' changes are daily bread") {
  Life life;
  life.policy.mode = Mode::kObserve;
  life.Decide();
  life.Set(12);
  CHECK_FALSE(life.Decide().foreign_change_seen);
  CHECK(life.last.desired == 6);
  life.policy.mode = Mode::kEnforce;
  CHECK_FALSE(life.Decide().foreign_change_seen);
}

TEST_CASE(
    "foreign change: what another autoscaler did is its own affair, and we begin at its size") {
  for (const bool restarted : {false, true}) {
    Life life;
    life.policy.behavior.scale_down.stabilization_window = seconds(60);
    life.wanted = 3;
    life.observation.target.spec_replicas = 3;
    life.Decide();
    life.observation.obstacle = Obstacle{"ConflictingOwner", "an HPA"};
    life.Set(9, "kube-controller-manager");
    CHECK_FALSE(life.Decide().foreign_change_seen);
    CHECK(life.last.desired == 9);
    life.Set(10, "kube-controller-manager");
    if (restarted) life.Restart();
    life.observation.obstacle.reset();
    CHECK_FALSE(life.Decide().foreign_change_seen);
    CHECK(life.last.reason == "Stabilized");
    const TimePoint taken_over = life.last.time;
    while (life.now < taken_over + seconds(60)) CHECK(life.Decide().desired == 10);
    CHECK(life.Decide().desired == 3);
  }
}

TEST_CASE("foreign change: what happened before another owner came is past") {
  Life life;
  life.Decide();
  life.Set(12);
  life.Decide();
  life.observation.obstacle = Obstacle{"ConflictingOwner", "an HPA"};
  life.Decide();
  life.observation.obstacle.reset();
  CHECK_FALSE(life.Decide().respected_until);
}

TEST_CASE("foreign change: a target that cannot be read for a while is compared when it can") {
  Life life;
  life.Decide();
  life.observation.obstacle = Obstacle{"TargetNotFound", "gone"};
  life.observation.target.spec_replicas = 0;
  life.Decide();
  life.observation.obstacle.reset();
  life.Set(12);
  CHECK(life.Decide().foreign_change_seen);
}

TEST_CASE("foreign change: a new object of the same name is not a change, and ends the hold") {
  Life life;
  life.Decide();
  life.Set(12);
  life.Decide();
  life.Set(4);
  life.observation.target_uid = "d-2";
  life.wanted = 9;
  CHECK_FALSE(life.Decide().foreign_change_seen);
  CHECK(life.last.desired == 9);
}

TEST_CASE("foreign change: a hold survives the controller") {
  Life life;
  life.Decide();
  life.Set(12);
  life.Decide();
  life.Restart();
  CHECK_FALSE(life.Decide().foreign_change_seen);
  CHECK(life.last.desired == 12);
  CHECK(life.last.respected_until == kStart + seconds(310));
  life.now = kStart + seconds(310);
  CHECK(life.Decide().desired == 6);
}

TEST_CASE(
    "foreign change: one that was made while no controller ran is held from when it was made") {
  Life life;
  life.Decide();
  life.Restart();
  life.now += seconds(120);
  life.Set(12);
  life.observation.writer->time = kStart + seconds(60);
  CHECK(life.Decide().foreign_change_seen);
  CHECK(life.last.respected_until == kStart + seconds(360));
}

TEST_CASE("foreign change: a controller that died between patch and status has made none") {
  Life life;
  life.Decide();
  const json before = life.policy.status;
  life.wanted = 9;
  life.Decide();  // patched to 9
  life.policy.status = before;
  life.Restart();
  CHECK_FALSE(life.Decide().foreign_change_seen);
  life.policy.status = before;
  life.Restart();
  life.observation.writer
      .reset();  // nobody tells whose it is: a status may be older than our patch
  CHECK_FALSE(life.Decide().foreign_change_seen);
}

TEST_CASE("foreign change: after a restart the last patch counts as the status tells its end") {
  for (const auto& [fate, left] :
       {std::pair{PatchResult::kApplied, 9}, {PatchResult::kFailed, 6}}) {
    Life life;
    life.wanted = 9;
    life.fate = fate;
    life.patch_status = 403;
    life.Decide();
    life.Restart();
    life.Set(12);
    CHECK(life.Decide().foreign_change_seen);
    CHECK(life.last.next.foreign_change->from == left);
  }
}

TEST_CASE(
    "foreign change: a policy's first decision knows of none, nor does one with a broken status") {
  for (const char* status : {"null", "[]", "{}", R"({"currentReplicas": "six"})",
                             R"({"conditions": [{"type": "Ready", "status": "True"}],
                                 "currentReplicas": 6, "desiredReplicas": 6,
                                 "lastDecision": [], "externalChange": [1]})"}) {
    Life life;
    life.policy.status = json::parse(status);
    life.Set(12);
    CHECK_FALSE(life.Decide().foreign_change_seen);
    CHECK_FALSE(life.last.respected_until);
  }
}

TEST_CASE("foreign change: a new controller learns from the status that the target was another's") {
  const auto status = json::parse(R"({"conditions": [
      {"type": "Ready", "status": "False", "reason": "ConflictingOwner"}]})");
  CHECK(RestoreHistory(status).other_owner);
  CHECK_FALSE(RestoreHistory(json::object()).other_owner);
}

}  // namespace
}  // namespace evenkeel
