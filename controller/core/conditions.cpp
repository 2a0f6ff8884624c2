#include "controller/core/conditions.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/text.hpp"
#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view kTrue = "True";
constexpr std::string_view kFalse = "False";
constexpr std::string_view kUnknown = "Unknown";
constexpr std::string_view kWithinRange = "DesiredWithinRange";
constexpr std::string_view kScaleUpLimit = "ScaleUpLimit";
constexpr std::string_view kScaleDownLimit = "ScaleDownLimit";
constexpr std::size_t kMessageBytes = 4096;
constexpr std::size_t kReasonBytes = 128;

Condition NotEvaluated(std::string_view type) {
  return {type, kUnknown, "NotEvaluated", "the policy cannot be acted on; see condition Ready"};
}

Condition JudgeReady(const Decision& decision) {
  if (decision.obstacle) {
    return {condition::kReady, kFalse, decision.obstacle->reason, decision.obstacle->message};
  }
  return {condition::kReady, kTrue, "Ready",
          "the spec is valid, " + decision.target_ref.ToString() +
              " exists and no other autoscaler owns it"};
}

// Scale-in rests on every objective's signal and on every query that the policy names; on others
// too where the decision was held for one. Without replicas there are no signals of pods to miss.
std::vector<const SignalView*> RequiredSignals(const ScalingPolicy& policy,
                                               const Decision& decision) {
  std::vector<const SignalView*> required;
  for (const SignalView& view : decision.signals) {
    if (decision.current == 0 && view.reading.state == ReadingState::kNoData) continue;
    const bool unknown = !view.reading.AllowsScaleIn();
    const bool held_for = unknown && decision.reason == reason::kSignalMissing;
    const bool own = policy.metrics.queries.contains(view.name);
    if (view.objective || own || held_for) required.push_back(&view);
  }
  return required;
}

Condition JudgeSignals(const std::vector<const SignalView*>& required) {
  if (required.empty()) return NotEvaluated(condition::kSignalsHealthy);
  std::string unknown;
  int count = 0;
  for (const SignalView* view : required) {
    if (view->reading.AllowsScaleIn()) continue;
    unknown += (count++ == 0 ? "" : "; ") + Describe(*view);
  }
  if (count == 0) {
    return {condition::kSignalsHealthy, kTrue, "AllSignalsKnown",
            "every signal that the policy rests on is known"};
  }
  return {condition::kSignalsHealthy, kFalse, std::string(reason::kSignalMissing),
          std::to_string(count) + " of " + std::to_string(required.size()) +
              " signals unknown, so replicas are not lowered: " + unknown};
}

bool AnyKnown(const std::vector<const SignalView*>& signals) {
  return std::any_of(signals.begin(), signals.end(),
                     [](const SignalView* view) { return view->reading.AllowsScaleIn(); });
}

Condition JudgeActive(const Outcome& outcome, const std::vector<const SignalView*>& required) {
  const Decision& decision = outcome.decision;
  const auto inactive = [](std::string_view why, std::string message) {
    return Condition{condition::kScalingActive, kFalse, std::string(why), std::move(message)};
  };
  if (decision.obstacle) return inactive(decision.obstacle->reason, decision.obstacle->message);
  if (outcome.patch == PatchResult::kFailed) {
    return inactive(condition::kFailedUpdateScale,
                    "the scale could not be set from " + std::to_string(decision.current) + " to " +
                        std::to_string(decision.desired) + ": " + outcome.patch_error);
  }
  if (decision.reason == reason::kPaused) return inactive("ScalingDisabled", decision.message);
  if (decision.reason == reason::kModuleError) {
    return inactive(reason::kModuleError, decision.message);
  }
  if (decision.reason == reason::kSignalMissing && !AnyKnown(required)) {
    return inactive(reason::kSignalMissing, decision.message);
  }
  return {condition::kScalingActive, kTrue, "ValidMetricFound",
          "replicas are computed from the policy's signals"};
}

const Step* FindStep(const Decision& decision, Stage stage) {
  const auto found = std::find_if(decision.steps.begin(), decision.steps.end(),
                                  [&](const Step& step) { return step.stage == stage; });
  return found == decision.steps.end() ? nullptr : &*found;
}

// Where a rate policy and a bound give the same number, it is the bound that binds.
Condition JudgeLimited(const Decision& decision, const TargetSpec& target) {
  const Step* rate = FindStep(decision, Stage::kRateLimit);
  const Step* bounds = FindStep(decision, Stage::kBounds);
  if (rate == nullptr || bounds == nullptr) return NotEvaluated(condition::kScalingLimited);
  const std::string_view why = LimitReason(rate->before, rate->after, bounds->after, target);
  if (why == kWithinRange) {
    return {condition::kScalingLimited, kFalse, std::string(why),
            "neither a bound nor a rate policy limits the replicas"};
  }
  std::string_view by = bounds->after < rate->before ? "maxReplicas is" : "minReplicas is";
  if (why == kScaleUpLimit) by = "behavior.scaleUp allows now";
  if (why == kScaleDownLimit) by = "behavior.scaleDown allows now";
  return {condition::kScalingLimited, kTrue, std::string(why),
          std::to_string(rate->before) + " replicas are wanted, but " + std::string(by) + " " +
              std::to_string(bounds->after)};
}

Condition JudgeBottleneck(const Decision& decision) {
  for (const ModuleProposal& answer : decision.proposals) {
    if (answer.error || answer.proposal.bottleneck.empty()) continue;
    return {condition::kBottleneck, kTrue, answer.proposal.bottleneck, answer.proposal.message};
  }
  return {condition::kBottleneck, kFalse, "None", "nothing speaks against more replicas helping"};
}

Condition JudgeObserved(Mode mode) {
  if (mode == Mode::kObserve) {
    return {condition::kObservedOnly, kTrue, "ObserveMode",
            "mode is Observe: decisions are made and reported, and nothing is changed"};
  }
  return {condition::kObservedOnly, kFalse, "EnforceMode",
          "mode is Enforce: decisions are carried out"};
}

Condition JudgeZero(const Decision& decision) {
  if (decision.next.scaled_to_zero) {
    return {condition::kScaledToZero, kTrue, "ScaledToZero",
            "there is no traffic, so the last replica was taken away; the first request brings one "
            "back"};
  }
  return {condition::kScaledToZero, kFalse, "NotScaledToZero",
          "minReplicas is 0, and the target has replicas or was set to 0 by someone else"};
}

// metav1.Condition's pattern, and short.
bool IsReason(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto allowed = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.size() <= kReasonBytes && letter(text.front()) &&
         std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

std::string_view LimitReason(Replicas wanted, Replicas rate_limited, Replicas bounded,
                             const TargetSpec& target) {
  if (bounded == wanted) return kWithinRange;
  if (bounded < wanted) {
    const bool by_rate = rate_limited < wanted && rate_limited < target.max_replicas;
    return by_rate ? kScaleUpLimit : "TooManyReplicas";
  }
  const bool by_rate = rate_limited > wanted && rate_limited > target.min_replicas;
  return by_rate ? kScaleDownLimit : "TooFewReplicas";
}

std::vector<Condition> JudgeConditions(const ScalingPolicy& policy, const Outcome& outcome) {
  const Decision& decision = outcome.decision;
  const bool evaluated = !decision.obstacle;
  const bool staged = evaluated && decision.reason != reason::kPaused;
  const auto required = RequiredSignals(policy, decision);
  std::vector<Condition> conditions = {
      JudgeReady(decision),
      evaluated ? JudgeSignals(required) : NotEvaluated(condition::kSignalsHealthy),
      JudgeActive(outcome, required),
      staged ? JudgeLimited(decision, policy.target) : NotEvaluated(condition::kScalingLimited),
      staged ? JudgeBottleneck(decision) : NotEvaluated(condition::kBottleneck),
      JudgeObserved(policy.mode)};
  if (policy.target.min_replicas == 0 || decision.next.scaled_to_zero) {
    conditions.push_back(JudgeZero(decision));
  }
  return conditions;
}

std::vector<Condition> InvalidSpecConditions(const std::string& message) {
  std::vector<Condition> conditions = {
      {condition::kReady, kFalse, std::string(reason::kInvalidSpec), message}};
  for (const std::string_view type :
       {condition::kSignalsHealthy, condition::kScalingActive, condition::kScalingLimited,
        condition::kBottleneck, condition::kObservedOnly}) {
    conditions.push_back(NotEvaluated(type));
  }
  return conditions;
}

nlohmann::json ConditionsToJson(const std::vector<Condition>& conditions,
                                const nlohmann::json& before, std::int64_t generation,
                                TimePoint now) {
  nlohmann::json list = nlohmann::json::array();
  for (const Condition& condition : conditions) {
    const nlohmann::json* old = FindCondition(before, condition.type);
    const bool same = TextField(old, "status") == condition.status;
    const std::string_view since = same ? TextField(old, "lastTransitionTime") : "";
    list.push_back({{"type", condition.type},
                    {"status", condition.status},
                    {"reason", IsReason(condition.reason) ? condition.reason : "Unspecified"},
                    {"message", BoundedText(condition.message, kMessageBytes)},
                    {"lastTransitionTime", since.empty() ? FormatTime(now) : std::string(since)},
                    {"observedGeneration", generation}});
  }
  return list;
}

const nlohmann::json* FindCondition(const nlohmann::json& status, std::string_view type) {
  if (!status.is_object()) return nullptr;
  const auto list = status.find("conditions");
  if (list == status.end() || !list->is_array()) return nullptr;
  const auto found = std::find_if(list->begin(), list->end(), [&](const nlohmann::json& entry) {
    return TextField(&entry, "type") == type;
  });
  return found == list->end() ? nullptr : &*found;
}

std::string_view TextField(const nlohmann::json* object, std::string_view field) {
  if (object == nullptr || !object->is_object()) return {};
  const auto found = object->find(field);
  if (found == object->end() || !found->is_string()) return {};
  return found->get_ref<const std::string&>();
}

}  // namespace evenkeel
