#include "controller/core/status.hpp"

#include <cmath>
#include <string>

#include "controller/core/conditions.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kNow{seconds{1795426200}};  // 2026-11-23T09:30:00Z

ScalingPolicy Policy() {
  ScalingPolicy policy;
  policy.key = {"shop", "checkout"};
  policy.generation = 3;
  policy.target_ref.name = "checkout";
  return policy;
}

Outcome Calm(TimePoint now = kNow) {
  Outcome outcome;
  Decision& decision = outcome.decision;
  decision.time = now;
  decision.target_ref.name = "checkout";
  decision.current = decision.desired = 4;
  decision.reason = "WithinObjectives";
  decision.message = "all is well";
  decision.signals = {{"latencyP99", Reading::Value(0.1234, now), 0.25}};
  outcome.round = 12;
  return outcome;
}

Outcome ScaledUp() {
  Outcome outcome = Calm();
  outcome.decision.desired = 7;
  outcome.decision.reason = "LatencyAboveObjective";
  outcome.patch = PatchResult::kApplied;
  return outcome;
}

TEST_CASE("the status says what was seen and decided") {
  Outcome outcome = Calm();
  outcome.decision.signals.push_back(
      {"errorRate", Reading::Unknown(ReadingState::kFailed, "timeout"), 0.01});
  outcome.decision.steps = {{Stage::kRateLimit, 9, 7, "RateLimited", "+3/60s"},
                            {Stage::kBounds, 7, 7, "", ""}};
  ModuleProposal hold{"slo", {}, {}};
  hold.proposal.kind = ProposalKind::kHold;
  hold.proposal.direction = Direction::kDown;
  hold.proposal.reason = "Stepped";
  hold.proposal.evidence = {{"signal", "x"}, {"demand", 6.1234}, {"pods", 4}};
  ModuleProposal failed{"ratio", {}, Error{ErrorKind::kInvalid, "boom", {}}};
  outcome.decision.proposals = {hold, failed};
  outcome.decision.next.scale_events = {{kNow - milliseconds{60'001}, 2, 4}};
  outcome.decision.next.memory = {{"slo", {{"step", 1}}}};
  json status = BuildStatus(Policy(), outcome);
  REQUIRE(status["conditions"].size() == 6);
  status.erase("conditions");
  CHECK(status == json::parse(R"({
    "observedGeneration": 3, "currentReplicas": 4, "desiredReplicas": 4,
    "signals": [
      {"name": "latencyP99", "state": "Value", "value": "120ms", "objective": "250ms",
       "sampleTime": "2026-11-23T09:30:00Z"},
      {"name": "errorRate", "state": "Failed", "objective": "1%", "message": "timeout"}],
    "lastDecision": {
      "time": "2026-11-23T09:30:00Z", "round": 12, "reason": "WithinObjectives",
      "message": "all is well", "current": 4, "desired": 4,
      "steps": [{"stage": "rateLimit", "before": 9, "after": 7, "reason": "RateLimited",
                 "rule": "+3/60s"},
                {"stage": "bounds", "before": 7, "after": 7}],
      "proposals": [{"policy": "slo", "kind": "Hold", "direction": "Down", "reason": "Stepped",
                     "evidence": {"demand": 6.1, "pods": 4}},
                    {"policy": "ratio", "kind": "Failed", "message": "boom"}]},
    "lastScaleTime": "2026-11-23T09:28:59Z",
    "scaleEvents": [{"time": "2026-11-23T09:28:59.999000Z", "from": 2, "to": 4}],
    "memory": {"slo": {"step": 1}}})"));
}

TEST_CASE("a patch that was applied is in the status once") {
  Outcome outcome = ScaledUp();
  const json event = {{"time", "2026-11-23T09:30:00.000000Z"}, {"from", 4}, {"to", 7}};
  const json status = BuildStatus(Policy(), outcome);
  CHECK(status["lastScaleTime"] == "2026-11-23T09:30:00Z");
  CHECK(status["scaleEvents"] == json::array({event}));
  outcome.decision.next.scale_events = {{kNow, 4, 7}};
  CHECK(BuildStatus(Policy(), outcome)["scaleEvents"] == json::array({event}));
}

TEST_CASE("the time of the last scaling stays until the next one") {
  ScalingPolicy policy = Policy();
  CHECK_FALSE(BuildStatus(policy, Calm()).contains("lastScaleTime"));
  policy.status = {{"lastScaleTime", "2026-01-01T00:00:00Z"}};
  CHECK(BuildStatus(policy, Calm())["lastScaleTime"] == "2026-01-01T00:00:00Z");
  CHECK(BuildStatus(policy, ScaledUp())["lastScaleTime"] == "2026-11-23T09:30:00Z");
}

TEST_CASE("a restart finds the scale events that were written") {
  const json status = BuildStatus(Policy(), ScaledUp());
  const History history = RestoreHistory(status);
  CHECK(history.scale_events == std::vector<ScaleEvent>{{kNow, 4, 7}});
}

TEST_CASE("a status never outgrows what the API server takes") {
  Outcome outcome = Calm();
  Decision& decision = outcome.decision;
  decision.message = std::string(5000, 'm');
  for (int i = 0; i < 300; ++i) {
    decision.signals.push_back({"s" + std::to_string(i),
                                Reading::Unknown(ReadingState::kFailed, std::string(5000, 'x')),
                                {}});
    decision.steps.push_back({Stage::kBounds, i, i, std::string(500, 'r'), std::string(500, 'r')});
    ModuleProposal proposal{"m" + std::to_string(i), {}, {}};
    for (int j = 0; j < 50; ++j) proposal.proposal.evidence["n" + std::to_string(j)] = j;
    decision.proposals.push_back(proposal);
    decision.next.scale_events.push_back({kNow - seconds{300 - i}, i, i + 1});
  }
  const json status = BuildStatus(Policy(), outcome);
  CHECK(status["signals"].size() == 64);
  CHECK(status["signals"][5]["message"].get<std::string>().size() <= 1024);
  CHECK(status["lastDecision"]["message"].get<std::string>().size() <= 1024);
  CHECK(status["lastDecision"]["steps"].size() == 32);
  CHECK(status["lastDecision"]["steps"][0]["rule"].get<std::string>().size() <= 63);
  CHECK(status["lastDecision"]["proposals"].size() == 32);
  CHECK(status["lastDecision"]["proposals"][0]["evidence"].size() == 32);
  REQUIRE(status["scaleEvents"].size() == 256);
  CHECK(status["scaleEvents"].back()["to"] == 300);
}

TEST_CASE("bytes that are not UTF-8 cannot make a status that cannot be sent") {
  Outcome outcome = Calm();
  outcome.decision.message = "\xff\xfe";
  outcome.decision.signals[0].reading = Reading::Unknown(ReadingState::kFailed, "\xff");
  CHECK_NOTHROW(BuildStatus(Policy(), outcome).dump());
}

TEST_CASE("an invalid spec is said with every fault, and what was known is kept") {
  const json object = {
      {"metadata", {{"generation", 9}}},
      {"status",
       {{"currentReplicas", 3}, {"scaleEvents", json::array({1})}, {"memory", {{"slo", 1}}}}}};
  const json status =
      BuildInvalidStatus(object, {{"spec.mode", "is wrong"}, {"spec.window", "is too"}}, kNow);
  CHECK(status["observedGeneration"] == 9);
  CHECK(status["currentReplicas"] == 3);
  CHECK(status["memory"] == json{{"slo", 1}});
  CHECK(status["scaleEvents"] == json::array({1}));
  CHECK(status["lastDecision"] == json{{"time", "2026-11-23T09:30:00Z"},
                                       {"reason", "InvalidSpec"},
                                       {"message", "spec.mode: is wrong; spec.window: is too"}});
  const json* ready = FindCondition(status, "Ready");
  REQUIRE(ready != nullptr);
  CHECK((*ready)["reason"] == "InvalidSpec");
  CHECK((*ready)["message"] == "spec.mode: is wrong; spec.window: is too");
  CHECK(status["conditions"].size() == 6);
  CHECK(BuildInvalidStatus({}, {}, kNow)["observedGeneration"] == 0);
}

// Before is what `outcome` would have written at kNow; is the same world later worth a write?
bool Worth(const Outcome& before, const Outcome& after, seconds later) {
  ScalingPolicy policy = Policy();
  policy.status = BuildStatus(policy, before);
  Outcome shifted = after;
  shifted.decision.time = kNow + later;
  return WorthWriting(policy.status, BuildStatus(policy, shifted), shifted.decision.time);
}

TEST_CASE("an unchanged world costs no write, however long") {
  Outcome next = Calm(kNow + seconds{15});
  next.round = 13;
  CHECK_FALSE(Worth(Calm(), next, seconds{15}));
  CHECK_FALSE(Worth(Calm(), next, seconds{86'400}));
}

TEST_CASE("a signal that trembles below two digits costs no write") {
  Outcome next = Calm();
  next.decision.signals[0].reading.value = 0.1249;
  CHECK_FALSE(Worth(Calm(), next, seconds{86'400}));
}

TEST_CASE("values of signals are written at most once a minute") {
  Outcome next = Calm();
  next.decision.signals[0].reading.value = 0.2;
  next.decision.next.memory = {{"slo", 1}};
  CHECK_FALSE(Worth(Calm(), next, seconds{15}));
  CHECK_FALSE(Worth(Calm(), next, seconds{59}));
  CHECK(Worth(Calm(), next, seconds{60}));
  CHECK(Worth(Calm(), next, seconds{-5}));
}

TEST_CASE("what a person or an alert waits for is written at once") {
  Outcome next = Calm();
  SECTION("a scaling") { next = ScaledUp(); }
  SECTION("a decision to scale") { next.decision.desired = 5; }
  SECTION("a change made by someone else") { next.decision.current = next.decision.desired = 3; }
  SECTION("another reason") { next.decision.reason = "Stabilized"; }
  SECTION("a condition") {
    next.decision.signals[0].reading = Reading::Unknown(ReadingState::kNoData, "");
  }
  SECTION("a condition's reason") {
    next.decision.steps = {{Stage::kRateLimit, 9, 9, "", ""}, {Stage::kBounds, 9, 4, "", ""}};
  }
  CHECK(Worth(Calm(), next, seconds{1}));
}

TEST_CASE("a new generation and a first status are written at once") {
  ScalingPolicy policy = Policy();
  const json status = BuildStatus(policy, Calm());
  CHECK(WorthWriting({}, status, kNow));
  CHECK(WorthWriting(json(5), status, kNow));
  policy.generation = 4;
  CHECK(WorthWriting(status, BuildStatus(policy, Calm()), kNow));
}

}  // namespace
}  // namespace evenkeel
