#include "controller/core/foreign_change.hpp"

#include "support/catch.hpp"
#include "tests/controller/core/life.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using test::kStart;
using test::Life;

TEST_CASE("foreign change: it is seen with who made it, and held in both directions") {
  for (const Replicas wanted : {3, 20}) {
    Life life;
    life.Decide();
    life.Set(12, "kubectl-edit");
    life.wanted = wanted;
    const Decision& decision = life.Decide();
    CHECK(decision.foreign_change_seen);
    CHECK(decision.desired == 12);
    CHECK(decision.reason == "ForeignChange");
    CHECK(decision.message ==
          "kubectl-edit set 12 replicas (from 6) at 08:00:10Z; respected until 08:05:10Z; " +
              std::to_string(wanted) + " are wanted");
    CHECK_FALSE(life.Decide().foreign_change_seen);
    CHECK(life.last.reason == "ForeignChange");
  }
}

TEST_CASE("foreign change: the decision's steps and the status show it") {
  Life life;
  life.Decide();
  life.Set(12);
  life.Decide();
  const auto& steps = life.last.steps;
  CHECK(std::ranges::count(steps, Step{Stage::kHold, 6, 12, "ForeignChange", ""}) == 1);
  CHECK(life.policy.status["externalChange"] ==
        json{{"time", "2027-01-15T08:00:10Z"}, {"from", 6}, {"to", 12}, {"manager", "kubectl"}});
}

TEST_CASE("foreign change: the hold ends when it is over, not before") {
  Life life;
  life.Decide();
  life.Set(12);  // 08:00:10
  while (life.now < kStart + seconds(310)) CHECK(life.Decide().desired == 12);
  CHECK(life.Decide().desired == 6);
  CHECK(life.last.reason == "Wanted");
}

TEST_CASE("foreign change: another one renews the hold") {
  Life life;
  life.Decide();
  life.Set(12);
  while (life.now < kStart + seconds(200)) life.Decide();
  life.Set(13);
  CHECK(life.Decide().foreign_change_seen);
  CHECK(life.last.next.foreign_change->from == 12);
  while (life.now < kStart + seconds(490)) CHECK(life.Decide().desired == 13);
  life.Decide();
  CHECK(life.Decide().desired == 6);
}

TEST_CASE("foreign change: who sets the same number again is told of the manifest") {
  Life life;
  life.wanted = 9;
  life.Decide();  // 9
  for (const bool again : {false, true}) {
    life.Set(4, "argocd-controller");
    while (life.Decide().reason == "ForeignChange") {
      CHECK((life.last.message.find("a manifest") != std::string::npos) == again);
    }
    CHECK(life.last.desired == 9);
  }
}

TEST_CASE("foreign change: the bounds hold all the same") {
  Life life;
  life.Decide();
  life.Set(50);
  CHECK(life.Decide().desired == 40);
  CHECK(life.last.reason == "AboveMaximum");
  CHECK(life.Decide().desired == 40);
  CHECK(life.last.reason == "ForeignChange");
  life.Set(1);
  CHECK(life.Decide().desired == 2);
  CHECK(life.last.reason == "BelowMinimum");
}

TEST_CASE("foreign change: a hold of zero reports and does not hold") {
  Life life;
  life.settings.foreign_change_hold = seconds(0);
  life.Decide();
  life.Set(12);
  CHECK(life.Decide().desired == 6);
  CHECK(life.last.foreign_change_seen);
}

TEST_CASE(
    "foreign change: the windows run during the hold, so nothing jumps and nothing waits twice") {
  Life life;
  life.policy.behavior.scale_down.stabilization_window = seconds(300);
  life.Decide();
  life.Set(20);
  while (life.now < kStart + seconds(310)) CHECK(life.Decide().desired == 20);
  CHECK(life.Decide().desired == 6);  // five minutes below 20
  Life busy;
  busy.policy.behavior.scale_down.stabilization_window = seconds(300);
  busy.Decide();
  busy.Set(20);
  busy.wanted = 15;
  while (busy.now < kStart + seconds(300)) CHECK(busy.Decide().desired == 20);
  busy.wanted = 6;
  busy.Decide();
  CHECK(busy.Decide().desired == 15);  // wanted within the window
}

TEST_CASE("foreign change: unknown signals teach the windows nothing during the hold") {
  Life life;
  life.policy.behavior.scale_down.stabilization_window = seconds(300);
  life.Decide();
  life.Set(20);
  life.observation.readings.insert_or_assign("latencyP99",
                                             Reading::Unknown(ReadingState::kStale, "old"));
  while (life.now < kStart + seconds(330)) CHECK(life.Decide().desired == 20);
  life.observation.readings.insert_or_assign("latencyP99", Reading::Value(0.1, life.now));
  CHECK(life.Decide().desired == 20);
  CHECK(life.last.reason == "Stabilized");
}

TEST_CASE("foreign change: our own writes are none") {
  Life life;
  for (const Replicas wanted : {6, 9, 4, 4}) {
    life.wanted = wanted;
    CHECK_FALSE(life.Decide().foreign_change_seen);
  }
}

TEST_CASE("foreign change: a patch whose answer was lost may have been applied") {
  for (const int status : {0, 500}) {
    Life life;
    life.wanted = 9;
    life.fate = PatchResult::kFailed;
    life.patch_status = status;
    life.Decide();
    life.observation.target.spec_replicas = 9;
    CHECK_FALSE(life.Decide().foreign_change_seen);
  }
}

TEST_CASE("foreign change: after a conflict the number that was sent may be another's as well") {
  Life life;
  life.wanted = 9;
  life.fate = PatchResult::kFailed;
  life.patch_status = 409;
  life.Decide();
  life.Set(9);
  CHECK(life.Decide().foreign_change_seen);
}

TEST_CASE("foreign change: a number that the managed fields call ours is ours") {
  Life life;
  life.Decide();
  life.observation.target.spec_replicas = 5;
  life.observation.writer = ReplicasWriter{"evenkeel", true, life.now};
  CHECK_FALSE(life.Decide().foreign_change_seen);
}

TEST_CASE("foreign change: without managed fields the writer has no name") {
  Life life;
  life.Decide();
  life.observation.target.spec_replicas = 12;
  const Decision& decision = life.Decide();
  CHECK(decision.foreign_change_seen);
  CHECK(decision.message.find("another writer set 12 replicas (from 6) at 08:00:15Z") == 0);
  CHECK_FALSE(life.policy.status["externalChange"].contains("manager"));
}

TEST_CASE("foreign change: its time lies between the two decisions, whatever another clock says") {
  for (const auto& [skew, time] : {std::pair{seconds(-3600), "08:00:00Z"},
                                   {seconds(-5), "08:00:10Z"},
                                   {seconds(3600), "08:00:15Z"}}) {
    Life life;
    life.Decide();
    life.Set(12);
    life.observation.writer->time = life.now + skew;
    CHECK(life.Decide().message.find(std::string("at ") + time) != std::string::npos);
  }
}

TEST_CASE("foreign change: a clock that is set back does not prolong the hold by its jump") {
  Life life;
  life.Decide();
  life.Set(12);
  life.Decide();
  life.now -= seconds(7200);
  life.Decide();
  CHECK(life.last.respected_until == life.last.time + seconds(300));
}

TEST_CASE("foreign change: zero by hand is a pause, and whoever ends it is not held up") {
  Life life;
  life.Decide();
  life.Set(0);
  CHECK(life.Decide().foreign_change_seen);
  CHECK(life.last.reason == "Paused");
  CHECK(life.last.desired == 0);
  life.Set(3);
  CHECK(life.Decide().foreign_change_seen);
  CHECK(life.last.desired == 6);
}

TEST_CASE("foreign change: who carries out nothing sees none") {
  Life life;
  Decision decision = Decide(life.policy, life.observation, History{}, life.now);
  life.observation.target.spec_replicas = 12;  // a simulation applies it and remembers nothing
  decision = Decide(life.policy, life.observation, decision.next, life.now + seconds(15));
  CHECK_FALSE(decision.foreign_change_seen);
}

TEST_CASE("foreign change: there is one event for each") {
  Life life;
  life.Decide();
  life.Set(12);
  const json before = life.policy.status;
  Outcome outcome{.decision = life.Decide()};
  const auto notes = EventsFor(before, life.policy.status, outcome);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0] ==
        EventNote{false, "ForeignChange", "Evaluate",
                  "kubectl set 12 replicas (from 6) at 08:00:10Z; respected until 08:05:10Z"});
  outcome.decision = life.Decide();
  CHECK(EventsFor(before, life.policy.status, outcome).empty());
}

}  // namespace
}  // namespace evenkeel
