#include "controller/core/conditions.hpp"

#include <string>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

constexpr TimePoint kNow{std::chrono::seconds{1795426200}};  // 2026-11-23T09:30:00Z

SignalView Known(std::string name) { return {std::move(name), Reading::Value(0.1, kNow), 0.25}; }

SignalView Unknown(std::string name, ReadingState state = ReadingState::kNoData) {
  return {std::move(name), Reading::Unknown(state, "why"), 0.25};
}

// A calm round: everything known, nothing limited.
Outcome Calm() {
  Outcome outcome;
  Decision& decision = outcome.decision;
  decision.target_ref.name = "checkout";
  decision.current = decision.desired = 4;
  decision.reason = "WithinObjectives";
  decision.signals = {Known("latencyP99"), Known("errorRate")};
  decision.steps = {{Stage::kCombine, 4, 4, "", ""},
                    {Stage::kRateLimit, 4, 4, "", ""},
                    {Stage::kBounds, 4, 4, "", ""}};
  return outcome;
}

// "Status/Reason" of a condition.
std::string Judge(std::string_view type, const Outcome& outcome, const ScalingPolicy& policy = {}) {
  for (const Condition& condition : JudgeConditions(policy, outcome)) {
    if (condition.type == type) return std::string(condition.status) + "/" + condition.reason;
  }
  return "absent";
}

std::string Message(std::string_view type, const Outcome& outcome) {
  for (const Condition& condition : JudgeConditions({}, outcome)) {
    if (condition.type == type) return condition.message;
  }
  return "absent";
}

TEST_CASE("a calm round is ready, healthy, active and unlimited") {
  std::string all;
  for (const Condition& condition : JudgeConditions({}, Calm())) {
    all += std::string(condition.type) + "=" + std::string(condition.status) + "/" +
           condition.reason + " ";
    CHECK_FALSE(condition.message.empty());
  }
  CHECK(all ==
        "Ready=True/Ready SignalsHealthy=True/AllSignalsKnown ScalingActive=True/ValidMetricFound "
        "ScalingLimited=False/DesiredWithinRange Bottleneck=False/None "
        "ObservedOnly=False/EnforceMode ");
}

TEST_CASE("an obstacle makes the policy not ready, and nothing else is claimed") {
  Outcome outcome = Calm();
  outcome.decision.obstacle = Obstacle{"TargetNotFound", "Deployment/checkout does not exist"};
  CHECK(Judge("Ready", outcome) == "False/TargetNotFound");
  CHECK(Judge("ScalingActive", outcome) == "False/TargetNotFound");
  CHECK(Judge("SignalsHealthy", outcome) == "Unknown/NotEvaluated");
  CHECK(Judge("ScalingLimited", outcome) == "Unknown/NotEvaluated");
  CHECK(Judge("Bottleneck", outcome) == "Unknown/NotEvaluated");
  CHECK(Message("Ready", outcome) == "Deployment/checkout does not exist");
}

TEST_CASE("a missing signal is named with its state and what it means") {
  Outcome outcome = Calm();
  outcome.decision.signals[0] = Unknown("latencyP99", ReadingState::kStale);
  CHECK(Judge("SignalsHealthy", outcome) == "False/SignalMissing");
  CHECK(Message("SignalsHealthy", outcome) ==
        "1 of 2 signals unknown, so replicas are not lowered: latencyP99 is Stale (why)");
  outcome.decision.signals[1] = Unknown("errorRate", ReadingState::kFailed);
  CHECK(Message("SignalsHealthy", outcome) ==
        "2 of 2 signals unknown, so replicas are not lowered: latencyP99 is Stale (why); errorRate "
        "is Failed (why)");
}

TEST_CASE("every state but a value and no traffic is unhealthy") {
  const auto [state, expected] = GENERATE(table<ReadingState, std::string>({
      {ReadingState::kNoTraffic, "True/AllSignalsKnown"},
      {ReadingState::kNoData, "False/SignalMissing"},
      {ReadingState::kStale, "False/SignalMissing"},
      {ReadingState::kUncovered, "False/SignalMissing"},
      {ReadingState::kNotANumber, "False/SignalMissing"},
      {ReadingState::kAmbiguous, "False/SignalMissing"},
      {ReadingState::kFailed, "False/SignalMissing"},
  }));
  Outcome outcome = Calm();
  outcome.decision.signals[0] = Unknown("latencyP99", state);
  CHECK(Judge("SignalsHealthy", outcome) == expected);
}

TEST_CASE("only signals that the policy rests on count") {
  Outcome outcome = Calm();
  outcome.decision.signals.push_back({"inFlight", Reading::Unknown(ReadingState::kNoData, ""), {}});
  CHECK(Judge("SignalsHealthy", outcome) == "True/AllSignalsKnown");
  ScalingPolicy policy;
  policy.metrics.queries = {{"inFlight", "sum(x)"}};
  CHECK(Judge("SignalsHealthy", outcome, policy) == "False/SignalMissing");
  outcome.decision.reason = reason::kSignalMissing;
  CHECK(Judge("SignalsHealthy", outcome) == "False/SignalMissing");
}

TEST_CASE("scaling is not active when nothing can be computed or carried out") {
  Outcome outcome = Calm();
  outcome.decision.reason = reason::kSignalMissing;
  CHECK(Judge("ScalingActive", outcome) == "True/ValidMetricFound");
  outcome.decision.signals = {Unknown("latencyP99"), Unknown("errorRate")};
  CHECK(Judge("ScalingActive", outcome) == "False/SignalMissing");
  outcome.decision.reason = reason::kModuleError;
  CHECK(Judge("ScalingActive", outcome) == "False/ModuleError");
  outcome.decision.reason = reason::kPaused;
  CHECK(Judge("ScalingActive", outcome) == "False/ScalingDisabled");
  CHECK(Judge("ScalingLimited", outcome) == "Unknown/NotEvaluated");
}

TEST_CASE("a failed patch is said with the API server's words") {
  Outcome outcome = Calm();
  outcome.decision.desired = 7;
  outcome.patch = PatchResult::kFailed;
  outcome.patch_error = "deployments/scale is forbidden";
  CHECK(Judge("ScalingActive", outcome) == "False/FailedUpdateScale");
  CHECK(Message("ScalingActive", outcome) ==
        "the scale could not be set from 4 to 7: deployments/scale is forbidden");
}

TEST_CASE("what limits the replicas") {
  struct Row {
    Step rate;
    Step bounds;
    std::string expected;
  };
  const auto rate = [](int before, int after) { return Step{Stage::kRateLimit, before, after}; };
  const auto bounds = [](int before, int after) { return Step{Stage::kBounds, before, after}; };
  const auto row = GENERATE_COPY(values<Row>({
      {rate(9, 9), bounds(9, 9), "False/DesiredWithinRange"},
      {rate(9, 7), bounds(7, 7), "True/ScaleUpLimit"},
      {rate(1, 3), bounds(3, 3), "True/ScaleDownLimit"},
      {rate(55, 55), bounds(55, 40), "True/TooManyReplicas"},
      {rate(1, 1), bounds(1, 2), "True/TooFewReplicas"},
      {rate(90, 55), bounds(55, 40), "True/TooManyReplicas"},
      {rate(0, 1), bounds(1, 2), "True/TooFewReplicas"},
      {rate(55, 40), bounds(40, 40), "True/TooManyReplicas"},
      {rate(0, 2), bounds(2, 2), "True/TooFewReplicas"},
  }));
  Outcome outcome = Calm();
  outcome.decision.steps = {row.rate, row.bounds};
  ScalingPolicy policy;
  policy.target = {2, 40, {}, {}};
  CHECK(Judge("ScalingLimited", outcome, policy) == row.expected);
}

TEST_CASE("a limit says what was wanted and what was allowed") {
  Outcome outcome = Calm();
  outcome.decision.steps = {{Stage::kRateLimit, 55, 55}, {Stage::kBounds, 55, 40}};
  CHECK(Message("ScalingLimited", outcome) == "55 replicas are wanted, but maxReplicas is 40");
}

TEST_CASE("a bottleneck has the module's reason and evidence") {
  Outcome outcome = Calm();
  ModuleProposal slo{"slo", {}, {}};
  slo.proposal.bottleneck = "Downstream";
  slo.proposal.message = "P99 is 3s while the event loop idles";
  outcome.decision.proposals = {{"ratio", {}, {}}, slo};
  CHECK(Judge("Bottleneck", outcome) == "True/Downstream");
  CHECK(Message("Bottleneck", outcome) == "P99 is 3s while the event loop idles");
  outcome.decision.proposals[1].error = Error{};
  CHECK(Judge("Bottleneck", outcome) == "False/None");
}

TEST_CASE("mode Observe is a condition of its own") {
  ScalingPolicy policy;
  policy.mode = Mode::kObserve;
  CHECK(Judge("ObservedOnly", Calm(), policy) == "True/ObserveMode");
}

TEST_CASE("a condition keeps its time while its status stays, whatever its reason") {
  const json before = {{"conditions",
                        {{{"type", "Ready"},
                          {"status", "True"},
                          {"reason", "Other"},
                          {"lastTransitionTime", "2026-01-01T00:00:00Z"}},
                         {{"type", "SignalsHealthy"},
                          {"status", "False"},
                          {"lastTransitionTime", "2026-01-01T00:00:00Z"}}}}};
  const json list = ConditionsToJson(JudgeConditions({}, Calm()), before, 7, kNow);
  CHECK(list[0] == json{{"type", "Ready"},
                        {"status", "True"},
                        {"reason", "Ready"},
                        {"message", Message("Ready", Calm())},
                        {"lastTransitionTime", "2026-01-01T00:00:00Z"},
                        {"observedGeneration", 7}});
  CHECK(list[1]["lastTransitionTime"] == "2026-11-23T09:30:00Z");
}

TEST_CASE("a reason that the API server would refuse does not cost the whole status") {
  const auto [reason, written] = GENERATE(table<std::string, std::string>({
      {"HotPod", "HotPod"},
      {"", "Unspecified"},
      {"hot pod", "Unspecified"},
      {"9Lives", "Unspecified"},
      {"a\nb", "Unspecified"},
      {std::string(2000, 'a'), "Unspecified"},
  }));
  const json list = ConditionsToJson({{"Bottleneck", "True", reason, ""}}, {}, 1, kNow);
  CHECK(list[0]["reason"] == written);
}

TEST_CASE("a status of any shape is searched without harm") {
  for (const json& status :
       {json(), json(5), json{{"conditions", 5}}, json{{"conditions", {1, "x"}}}}) {
    CHECK(FindCondition(status, "Ready") == nullptr);
  }
  CHECK(TextField(nullptr, "status").empty());
}

TEST_CASE("whether a zero is ours is a condition, where zero is allowed") {
  Outcome outcome = Calm();
  ScalingPolicy policy;
  CHECK(Judge("ScaledToZero", outcome, policy) == "absent");
  policy.target.min_replicas = 0;
  CHECK(Judge("ScaledToZero", outcome, policy) == "False/NotScaledToZero");
  outcome.decision.next.scaled_to_zero = true;
  CHECK(Judge("ScaledToZero", outcome, policy) == "True/ScaledToZero");
  policy.target.min_replicas = 2;  // raised while asleep: not forgotten before it is awake
  CHECK(Judge("ScaledToZero", outcome, policy) == "True/ScaledToZero");
}

}  // namespace
}  // namespace evenkeel
