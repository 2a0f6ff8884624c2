#include "controller/core/decision_format.hpp"

#include <algorithm>
#include <string>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;

constexpr TimePoint kNow{milliseconds{1795426200000}};  // 2026-11-23T09:30:00Z

ModuleProposal Reacts(std::string module, Replicas replicas) {
  ModuleProposal entry{std::move(module), {}, {}};
  entry.proposal.kind = ProposalKind::kReactive;
  entry.proposal.replicas = replicas;
  entry.proposal.reason = "LatencyAboveObjective";
  return entry;
}

// The example of the header.
Outcome Example() {
  Outcome outcome;
  Decision& decision = outcome.decision;
  decision.policy = {"shop", "checkout"};
  decision.target_ref.name = "checkout";
  decision.current = 4;
  decision.desired = 7;
  decision.reason = "LatencyAboveObjective";
  decision.message = "P99 is 412ms";
  decision.signals = {{"latencyP99", Reading::Value(0.412, kNow), 0.25},
                      {"errorRate", Reading::Value(0.002, kNow), 0.01},
                      {"eventLoopLagP99", Reading::Value(0.138, kNow), 0.1},
                      {"requestRate", Reading::Value(812, kNow), {}}};
  decision.proposals = {Reacts("slo", 9)};
  decision.steps = {{Stage::kCombine, 4, 9, "LatencyAboveObjective", ""},
                    {Stage::kStabilize, 9, 9, "", ""},
                    {Stage::kRateLimit, 9, 7, "RateLimited", "+3/60s"},
                    {Stage::kBounds, 7, 7, "", ""}};
  outcome.patch = PatchResult::kApplied;
  outcome.patch_status = 200;
  outcome.round = 48213;
  return outcome;
}

bool Contains(const std::string& line, const std::string& part) {
  return line.find(part) != std::string::npos;
}

TEST_CASE("the decision line is the one of the manual") {
  CHECK(FormatDecision(Example()) ==
        "decision policy=shop/checkout target=Deployment/checkout replicas=4→7 "
        "reason=LatencyAboveObjective p99=412ms/250ms errors=0.2%/1% lag=138ms/100ms rate=812/s "
        "slo=9 combine=9 stabilize=9 rateLimit=7(+3/60s) bounds=7 mode=Enforce patch=200 "
        "round=48213");
}

TEST_CASE("the decision line tells how a module came to its number") {
  Outcome outcome = Example();
  outcome.decision.proposals.front().proposal.working = "demand:5.31,target:60%";
  CHECK(Contains(FormatDecision(outcome), " slo=9(demand:5.31,target:60%) combine=9 "));
  outcome.decision.proposals.front().proposal.working = "x\nreplicas=1";
  CHECK(Contains(FormatDecision(outcome), R"x( slo="9(x\nreplicas=1)" combine=9 )x"));
}

TEST_CASE("signals have one order whatever the order they came in") {
  Outcome outcome = Example();
  outcome.decision.signals.push_back({"backlog", Reading::Value(3, kNow), {}});
  outcome.decision.signals.push_back({"apples", Reading::Value(5, kNow), {}});
  const std::string line = FormatDecision(outcome);
  std::reverse(outcome.decision.signals.begin(), outcome.decision.signals.end());
  CHECK(FormatDecision(outcome) == line);
  CHECK(Contains(line, " rate=812/s apples=5 backlog=3 slo=9 "));
}

TEST_CASE("an unknown signal shows its state where it matters") {
  Outcome outcome = Example();
  outcome.decision.signals = {
      {"latencyP99", Reading::Unknown(ReadingState::kNoData, "no series"), 0.25},
      {"errorRate", Reading::Unknown(ReadingState::kNoTraffic, ""), 0.01},
      {"requestRate", Reading::Unknown(ReadingState::kFailed, "timeout"), {}},
      {"queueDepth", Reading::Unknown(ReadingState::kStale, "old"), {}}};
  const std::string line = FormatDecision(outcome);
  CHECK(Contains(line, " p99=NoData/250ms errors=NoTraffic/1% queueDepth=Stale slo=9 "));
  CHECK_FALSE(Contains(line, "rate="));
}

TEST_CASE("a P99 above the largest bucket is shown as at least that") {
  Outcome outcome = Example();
  outcome.decision.signals[0].reading.at_least = true;
  CHECK(Contains(FormatDecision(outcome), " p99=≥412ms/250ms "));
}

TEST_CASE("a module without a number shows what it did instead") {
  Outcome outcome = Example();
  ModuleProposal hold{"slo", {}, {}};
  hold.proposal.kind = ProposalKind::kHold;
  ModuleProposal failed = Reacts("ratio#2", 5);
  failed.error = Error{ErrorKind::kInvalid, "boom", {}};
  outcome.decision.proposals = {hold, {"ratio", {}, {}}, failed};
  CHECK(Contains(FormatDecision(outcome), " slo=Hold ratio=NoOpinion ratio#2=Failed combine="));
}

TEST_CASE("a hold is shown with what it is for, and only when there was one") {
  Outcome outcome = Example();
  outcome.decision.steps.insert(outcome.decision.steps.begin() + 1,
                                {Stage::kHold, 2, 4, "SignalMissing", ""});
  CHECK(Contains(FormatDecision(outcome), " combine=9 hold=4(SignalMissing) stabilize=9 "));
  outcome.decision.steps[1] = {Stage::kHold, 9, 9, "", ""};
  CHECK(Contains(FormatDecision(outcome), " combine=9 stabilize=9 "));
}

TEST_CASE("the result of the patch is told apart") {
  Outcome outcome = Example();
  outcome.patch_status = 0;
  const auto [patch, text] = GENERATE(table<PatchResult, std::string>({
      {PatchResult::kNotNeeded, "none"},
      {PatchResult::kObserved, "observed"},
      {PatchResult::kApplied, "applied"},
      {PatchResult::kFailed, "failed"},
  }));
  outcome.patch = patch;
  CHECK(Contains(FormatDecision(outcome), " mode=Enforce patch=" + text + " round="));
  CHECK(DecisionToJson(outcome)["patch"] == text);
}

TEST_CASE("a refused patch says why in the line") {
  Outcome outcome = Example();
  outcome.patch = PatchResult::kFailed;
  outcome.patch_status = 403;
  outcome.patch_error = "deployments/scale is forbidden";
  CHECK(Contains(FormatDecision(outcome),
                 " patch=403 patchError=\"deployments/scale is forbidden\" round=48213"));
}

TEST_CASE("text from outside cannot forge keys or lines") {
  Outcome outcome = Example();
  outcome.decision.reason = "Evil\ndecision policy=shop/other";
  outcome.decision.signals.push_back({"a b=c\n", Reading::Value(1, kNow), {}});
  outcome.decision.signals.push_back({"patch", Reading::Value(2, kNow), {}});
  outcome.decision.proposals[0].module = "mode";
  outcome.decision.steps[2].rule = "max over 300s";
  const std::string line = FormatDecision(outcome);
  CHECK(line.find('\n') == std::string::npos);
  CHECK(Contains(line, R"( reason="Evil\ndecision policy=shop/other" )"));
  CHECK(Contains(line, " a_b_c_=1 signal.patch=2 policy.mode=9 "));
  CHECK(Contains(line, " rateLimit=\"7(max over 300s)\" "));
}

TEST_CASE("two entries that share a name have two keys") {
  Outcome outcome = Example();
  outcome.decision.signals.push_back({"slo", Reading::Value(1, kNow), {}});
  CHECK(Contains(FormatDecision(outcome), " slo=1 slo#2=9 "));
  CHECK(DecisionToJson(outcome)["slo#2"]["replicas"] == 9);
}

TEST_CASE("the JSON form has the keys of the line, and numbers as numbers") {
  Outcome outcome = Example();
  outcome.decision.proposals[0].proposal.evidence = {{"demand", 6.5}};
  const nlohmann::ordered_json json = DecisionToJson(outcome);
  CHECK(
      json.dump() ==
      R"({"policy":"shop/checkout","target":"Deployment/checkout",)"
      R"("replicas":{"current":4,"desired":7},"reason":"LatencyAboveObjective",)"
      R"("message":"P99 is 412ms",)"
      R"("p99":{"state":"Value","value":0.412,"objective":0.25,"sampleTime":"2026-11-23T09:30:00.000000Z"},)"
      R"("errors":{"state":"Value","value":0.002,"objective":0.01,"sampleTime":"2026-11-23T09:30:00.000000Z"},)"
      R"("lag":{"state":"Value","value":0.138,"objective":0.1,"sampleTime":"2026-11-23T09:30:00.000000Z"},)"
      R"("rate":{"state":"Value","value":812.0,"sampleTime":"2026-11-23T09:30:00.000000Z"},)"
      R"("slo":{"kind":"Reactive","replicas":9,"reason":"LatencyAboveObjective","evidence":{"demand":6.5}},)"
      R"("combine":{"before":4,"after":9,"reason":"LatencyAboveObjective"},)"
      R"("stabilize":{"before":9,"after":9},)"
      R"("rateLimit":{"before":9,"after":7,"reason":"RateLimited","rule":"+3/60s"},)"
      R"("bounds":{"before":7,"after":7},"mode":"Enforce","patch":200,"round":48213})");
}

TEST_CASE("the JSON form has every signal's state, and per-pod spreads") {
  Outcome outcome = Example();
  Reading lag = Reading::Value(0.138, kNow);
  lag.pods = PodSpread{2, 0.1, 0.11, 0.138, 0.2, "checkout-1"};
  outcome.decision.signals = {
      {"eventLoopLagP99", lag, 0.1},
      {"inFlight", Reading::Unknown(ReadingState::kFailed, "bad\nbytes \xff"), {}}};
  const nlohmann::ordered_json json = DecisionToJson(outcome);
  CHECK(json["lag"]["pods"]["maxPod"] == "checkout-1");
  CHECK(json["lag"]["pods"]["count"] == 2);
  CHECK(json["inFlight"]["state"] == "Failed");
  CHECK(json["inFlight"]["message"] == "bad bytes ?");
  CHECK_NOTHROW(json.dump());
}

}  // namespace
}  // namespace evenkeel
