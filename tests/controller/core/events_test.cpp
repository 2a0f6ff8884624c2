#include <string>

#include "controller/core/status.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

constexpr TimePoint kNow{std::chrono::seconds{1795426200}};

ScalingPolicy PolicyIn(Mode mode) {
  ScalingPolicy policy;
  policy.target_ref.name = "checkout";
  policy.mode = mode;
  return policy;
}

Outcome Round(Replicas current, Replicas desired, PatchResult patch) {
  Outcome outcome;
  Decision& decision = outcome.decision;
  decision.time = kNow;
  decision.current = current;
  decision.desired = desired;
  decision.reason = "LatencyAboveObjective";
  decision.message = "P99 is high";
  decision.signals = {{"latencyP99", Reading::Value(0.4, kNow), 0.25}};
  outcome.patch = patch;
  return outcome;
}

Outcome Calm() { return Round(4, 4, PatchResult::kNotNeeded); }

Outcome Blind() {
  Outcome outcome = Calm();
  outcome.decision.signals[0].reading = Reading::Unknown(ReadingState::kNoData, "no series");
  return outcome;
}

Outcome Blocked(std::string reason) {
  Outcome outcome = Calm();
  outcome.decision.obstacle = Obstacle{std::move(reason), "why"};
  return outcome;
}

Outcome Downstream() {
  Outcome outcome = Calm();
  ModuleProposal slo{"slo", {}, {}};
  slo.proposal.bottleneck = "Downstream";
  slo.proposal.message = "the database is slow";
  outcome.decision.proposals = {slo};
  return outcome;
}

// The events of a round after another, "Type Reason Action: message" each.
std::string Events(const Outcome& before, const Outcome& after, Mode mode = Mode::kEnforce) {
  const ScalingPolicy policy = PolicyIn(mode);
  const json was = BuildStatus(policy, before);
  std::string text;
  for (const EventNote& note : EventsFor(was, BuildStatus(policy, after), after)) {
    text += std::string(note.warning ? "Warning " : "Normal ") + note.reason + " " + note.action +
            ": " + note.message + "\n";
  }
  return text;
}

TEST_CASE("every scaling is an event") {
  const Outcome up = Round(4, 7, PatchResult::kApplied);
  CHECK(Events(Calm(), up) == "Normal ScaledUp Scale: 4→7: P99 is high\n");
  CHECK(Events(up, Round(7, 9, PatchResult::kApplied)) ==
        "Normal ScaledUp Scale: 7→9: P99 is high\n");
  CHECK(Events(Calm(), Round(4, 3, PatchResult::kApplied)) ==
        "Normal ScaledDown Scale: 4→3: P99 is high\n");
}

TEST_CASE("a calm round is no event") { CHECK(Events(Calm(), Calm()).empty()); }

TEST_CASE("a failed patch is an event the first time only") {
  Outcome failed = Round(4, 7, PatchResult::kFailed);
  failed.patch_error = "forbidden";
  CHECK(Events(Calm(), failed) ==
        "Warning ScaleFailed Scale: the scale could not be set from 4 to 7: forbidden\n");
  CHECK(Events(failed, failed).empty());
  CHECK(Events(failed, Calm()).empty());
}

TEST_CASE("mode Observe tells what it would do when the direction changes") {
  const Mode observe = Mode::kObserve;
  const Outcome up = Round(4, 7, PatchResult::kObserved);
  CHECK(Events(Calm(), up, observe) == "Normal WouldScale Observe: 4→7: P99 is high\n");
  CHECK(Events(up, up, observe).empty());
  CHECK(Events(up, Round(4, 8, PatchResult::kObserved), observe).empty());
  CHECK(Events(up, Round(4, 3, PatchResult::kObserved), observe) ==
        "Normal WouldScale Observe: 4→3: P99 is high\n");
  CHECK(Events(up, Calm(), observe).empty());
}

TEST_CASE("signals that are lost and found again are events") {
  CHECK(Events(Calm(), Blind()) ==
        "Warning SignalsUnhealthy Evaluate: 1 of 1 signals unknown, so replicas are not lowered: "
        "latencyP99 is NoData (no series)\n");
  CHECK(Events(Blind(), Blind()).empty());
  CHECK(Events(Blind(), Calm()) ==
        "Normal SignalsRecovered Evaluate: every signal that the policy rests on is known\n");
}

TEST_CASE("an obstacle is an event when it appears and when it changes") {
  CHECK(Events(Calm(), Blocked("ConflictingOwner")) == "Warning ConflictingOwner Evaluate: why\n");
  CHECK(Events(Blocked("ConflictingOwner"), Blocked("ConflictingOwner")).empty());
  CHECK(Events(Blocked("ConflictingOwner"), Blocked("TargetNotFound")) ==
        "Warning TargetNotFound Evaluate: why\n");
  CHECK(Events(Blocked("TargetNotFound"), Calm()).empty());
}

TEST_CASE("a bottleneck is an event when it is found") {
  CHECK(Events(Calm(), Downstream()) ==
        "Warning Bottleneck Evaluate: Downstream: the database is slow\n");
  CHECK(Events(Downstream(), Downstream()).empty());
  CHECK(Events(Downstream(), Calm()).empty());
}

TEST_CASE("a policy that is seen first tells only what is wrong") {
  const Outcome blind = Blind();
  const json after = BuildStatus(PolicyIn(Mode::kEnforce), blind);
  const auto notes = EventsFor({}, after, blind);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].reason == "SignalsUnhealthy");
  CHECK(EventsFor({}, BuildStatus(PolicyIn(Mode::kEnforce), Calm()), Calm()).empty());
}

TEST_CASE("an invalid spec is an event once") {
  const json invalid = BuildInvalidStatus({}, {{"spec.mode", "is wrong"}}, kNow);
  const auto notes = ConditionEvents({}, invalid);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0] == EventNote{true, "InvalidSpec", "Evaluate", "spec.mode: is wrong"});
  CHECK(ConditionEvents(invalid, invalid).empty());
}

TEST_CASE("an event's message is bounded") {
  Outcome up = Round(4, 7, PatchResult::kApplied);
  up.decision.message = std::string(5000, 'x');
  const auto notes = EventsFor({}, {}, up);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].message.size() <= 1024);
}

}  // namespace
}  // namespace evenkeel
