// The conditions of a ScalingPolicy (metav1.Condition): what each says, and when. The HPA's words
// where it has one.
//
// type            True                    False                               Unknown
// Ready           Ready                   the obstacle's reason, InvalidSpec
// SignalsHealthy  AllSignalsKnown         SignalMissing                       NotEvaluated
// ScalingActive   ValidMetricFound        ScalingDisabled, SignalMissing,     NotEvaluated
//                                         ModuleError, FailedUpdateScale,
//                                         the obstacle's reason
// ScalingLimited  TooManyReplicas,        DesiredWithinRange                  NotEvaluated
//                 TooFewReplicas,
//                 ScaleUpLimit, ScaleDownLimit
// Bottleneck      Downstream, HotPod, ... None                                NotEvaluated
// ObservedOnly    ObserveMode             EnforceMode                         NotEvaluated
// ScaledToZero    ScaledToZero            NotScaledToZero                     NotEvaluated
//
// ScaledToZero is there while minReplicas is 0, or was when the last replica went: it remembers,
// over a restart too, that a target without replicas is not paused but asleep.
//
// NotEvaluated: the policy cannot be acted on at all; Ready says why.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "controller/core/outcome.hpp"
#include "controller/core/scaling_policy.hpp"

namespace evenkeel {

namespace condition {
inline constexpr std::string_view kReady = "Ready";
inline constexpr std::string_view kSignalsHealthy = "SignalsHealthy";
inline constexpr std::string_view kScalingActive = "ScalingActive";
inline constexpr std::string_view kScalingLimited = "ScalingLimited";
inline constexpr std::string_view kBottleneck = "Bottleneck";
inline constexpr std::string_view kObservedOnly = "ObservedOnly";
inline constexpr std::string_view kScaledToZero = "ScaledToZero";
inline constexpr std::string_view kFailedUpdateScale = "FailedUpdateScale";  // of ScalingActive
}  // namespace condition

struct Condition {
  std::string_view type;
  std::string_view status;  // "True", "False", "Unknown"
  std::string reason;
  std::string message;

  bool operator==(const Condition&) const = default;
};

// The HPA's word for what became of a wanted number under the rate policies and then under the
// bounds: "DesiredWithinRange", "ScaleUpLimit", "TooManyReplicas", "ScaleDownLimit" or
// "TooFewReplicas".
[[nodiscard]] std::string_view LimitReason(Replicas wanted, Replicas rate_limited, Replicas bounded,
                                           const TargetSpec& target);

// In the order of the table.
[[nodiscard]] std::vector<Condition> JudgeConditions(const ScalingPolicy& policy,
                                                     const Outcome& outcome);

// The same for a spec that cannot be parsed; `message` names the faults.
[[nodiscard]] std::vector<Condition> InvalidSpecConditions(const std::string& message);

// The wire form. A condition keeps the lastTransitionTime that `before` (a status, may be null) has
// for it while its status is the same. Reasons that are not CamelCase words become "Unspecified":
// the API server would refuse the whole status for one.
[[nodiscard]] nlohmann::json ConditionsToJson(const std::vector<Condition>& conditions,
                                              const nlohmann::json& before, std::int64_t generation,
                                              TimePoint now);

// The condition `type` in a status as JSON, or nullptr.
[[nodiscard]] const nlohmann::json* FindCondition(const nlohmann::json& status,
                                                  std::string_view type);

// A string field of a JSON object; empty if absent or of another type.
[[nodiscard]] std::string_view TextField(const nlohmann::json* object, std::string_view field);

}  // namespace evenkeel
