#include "conformance/vectors.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "controller/core/conditions.hpp"

namespace evenkeel::conformance {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

TimePoint At(const json& age) { return kNow - milliseconds(age.get<std::int64_t>()); }

PodPhase ReadPhase(const std::string& phase) {
  if (phase == "Pending") return PodPhase::kPending;
  if (phase == "Running") return PodPhase::kRunning;
  if (phase == "Succeeded") return PodPhase::kSucceeded;
  return phase == "Failed" ? PodPhase::kFailed : PodPhase::kUnknown;
}

HpaReadiness::Status ReadStatus(const std::string& status) {
  if (status == "True") return HpaReadiness::Status::kTrue;
  return status == "False" ? HpaReadiness::Status::kFalse : HpaReadiness::Status::kUnknown;
}

HpaPod ReadPod(const json& from) {
  HpaPod pod{
      .name = from.at("name"), .phase = ReadPhase(from.at("phase")), .deleted = from.at("deleted")};
  if (!from.at("startAge").is_null()) pod.started = At(from.at("startAge"));
  if (!from.at("ready").is_null()) {
    pod.readiness = HpaReadiness{ReadStatus(from.at("ready")), At(from.at("transitionAge"))};
  }
  if (from.contains("requestMilli")) pod.request_milli = from.at("requestMilli");
  return pod;
}

ScalingRules ReadRules(const json& from, ScalingRules rules) {
  const std::string select = from.at("select");
  rules.select_policy = SelectPolicy::kMax;
  if (select == "Min") rules.select_policy = SelectPolicy::kMin;
  if (select == "Disabled") rules.select_policy = SelectPolicy::kDisabled;
  rules.policies.clear();
  for (const json& policy : from.at("policies")) {
    const bool pods = policy.at("type") == "Pods";
    rules.policies.push_back({pods ? RateType::kPods : RateType::kPercent, policy.at("value"),
                              seconds(policy.at("period").get<int>())});
  }
  return rules;
}

// As the HPA's condition AbleToScale says it.
std::string StabilizedReason(Replicas proposal, const Limited& limited) {
  if (limited.replicas == proposal) return "ReadyForNewScale";
  return limited.rule.starts_with("min") ? "ScaleUpStabilized" : "ScaleDownStabilized";
}

Answer LimitAndBound(const json& vector, const Behavior& behavior, Replicas wanted) {
  const Replicas current = vector.at("cur");
  const TargetSpec bounds{vector.at("min"), vector.at("max"), {}, seconds(60)};
  const Replicas limited = LimitRate(behavior, ReadHistory(vector), current, wanted, kNow).replicas;
  const Replicas bounded = std::clamp(limited, bounds.min_replicas, bounds.max_replicas);
  return {false, bounded, std::string(LimitReason(wanted, limited, bounded, bounds)), {}};
}

}  // namespace

Answer ExpectedAnswer(const json& vector) {
  const json& out = vector.at("out");
  Answer answer{out.value("error", false), out.value("replicas", 0), out.value("reason", ""),
                out.value("stabilized", "")};
  if (answer.error) answer.replicas = 0;
  return answer;
}

Tolerance ReadTolerance(const json& vector) { return {vector.at("tolUp"), vector.at("tolDown")}; }

std::vector<HpaPod> ReadPods(const json& vector) {
  std::vector<HpaPod> pods;
  for (const json& pod : vector.at("pods")) pods.push_back(ReadPod(pod));
  return pods;
}

HpaPerPod ReadPerPod(const json& vector) {
  HpaPerPod metric{.current = vector.at("cur"),
                   .pods = ReadPods(vector),
                   .samples = {},
                   .tolerance = ReadTolerance(vector),
                   .cpu = vector.value("resource", "") == "cpu",
                   .now = kNow,
                   .flags = {milliseconds(vector.at("cpuInitMs").get<std::int64_t>()),
                             milliseconds(vector.at("readinessDelayMs").get<std::int64_t>())}};
  for (const json& sample : vector.at("metrics")) {
    metric.samples[sample.at("pod")] = {sample.at("milli"), At(sample.at("age")),
                                        milliseconds(sample.at("window").get<std::int64_t>())};
  }
  return metric;
}

std::vector<std::int64_t> ReadUsages(const json& vector) { return vector.at("usages"); }

Behavior ReadBehavior(const json& vector, Arithmetic arithmetic) {
  Behavior behavior;
  behavior.arithmetic = arithmetic;
  if (vector.contains("up")) behavior.scale_up = ReadRules(vector.at("up"), behavior.scale_up);
  if (vector.contains("down")) {
    behavior.scale_down = ReadRules(vector.at("down"), behavior.scale_down);
  }
  behavior.scale_up.stabilization_window = seconds(vector.value("upWindow", 0));
  behavior.scale_down.stabilization_window = seconds(vector.value("downWindow", 0));
  return behavior;
}

History ReadHistory(const json& vector) {
  History history;
  for (const json& rec : vector.value("recs", json::array())) {
    history.recommendations.push_back({At(rec.at("age")), rec.at("replicas")});
  }
  for (const json& event : vector.value("ups", json::array())) {
    history.scale_events.push_back({At(event.at("age")), 0, event.at("change")});
  }
  for (const json& event : vector.value("downs", json::array())) {
    history.scale_events.push_back({At(event.at("age")), event.at("change"), 0});
  }
  std::ranges::sort(history.scale_events, {}, &ScaleEvent::time);
  return history;
}

Answer Normalize(const json& vector, const Behavior& behavior) {
  const std::string kind = vector.at("kind");
  if (kind == "rate") return LimitAndBound(vector, behavior, vector.at("want"));
  const Replicas proposal = vector.at("proposal");
  const Limited stabilized =
      Stabilize(behavior, ReadHistory(vector), vector.at("cur"), proposal, kNow);
  const std::string reason = StabilizedReason(proposal, stabilized);
  if (kind == "stabilize") return {false, stabilized.replicas, reason, {}};
  Answer answer = LimitAndBound(vector, behavior, stabilized.replicas);
  answer.stabilized = reason;
  return answer;
}

}  // namespace evenkeel::conformance
