#include "controller/simulate/hpa_loop.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace evenkeel {
namespace {

// Nothing if no metric is valid, or if an invalid one forbids to go below `current`.
std::optional<Replicas> Combine(std::span<const Result<Replicas>> proposals, Replicas current) {
  std::optional<Replicas> most;
  bool invalid = false;
  for (const Result<Replicas>& proposal : proposals) {
    if (!proposal) {
      invalid = true;
    } else {
      most = std::max(most.value_or(*proposal), *proposal);
    }
  }
  if (invalid && most && *most < current) return std::nullopt;
  return most;
}

std::string Towards(Replicas current, Replicas proposed) {
  if (proposed == current) return "InTolerance";
  return proposed > current ? "AboveTarget" : "BelowTarget";
}

}  // namespace

HpaLoop::HpaLoop(const ReplicaBounds& bounds, const Behavior& behavior)
    : bounds_(bounds), behavior_(behavior) {}

Verdict HpaLoop::Reconcile(const TargetState& state, TimePoint now,
                           std::span<const Result<Replicas>> proposals) {
  const Replicas current = state.spec_replicas;
  if (history_.recommendations.empty()) history_.recommendations.push_back({now, current});
  if (current == 0) return {0, "ScalingDisabled"};
  if (current > bounds_.most) return {bounds_.most, "TooManyReplicas"};
  if (current < bounds_.least) return {bounds_.least, "TooFewReplicas"};
  const std::optional<Replicas> proposed = Combine(proposals, current);
  if (!proposed) return {current, "FailedGetMetric"};
  Verdict verdict = Normalize(current, *proposed, now);
  if (verdict.replicas != current) {
    history_.scale_events.push_back({now, current, verdict.replicas});
  }
  return verdict;
}

nlohmann::json HpaLoop::Remember() const {
  nlohmann::json remembered = {{"recommendations", nlohmann::json::array()},
                               {"events", nlohmann::json::array()}};
  for (const Recommendation& made : history_.recommendations) {
    remembered["recommendations"].push_back({ToMillis(made.time), made.replicas});
  }
  for (const ScaleEvent& event : history_.scale_events) {
    remembered["events"].push_back({ToMillis(event.time), event.from, event.to});
  }
  return remembered;
}

void HpaLoop::Recall(const nlohmann::json& remembered) {
  history_ = {};
  for (const auto& made : remembered.at("recommendations")) {
    history_.recommendations.push_back({FromMillis(made.at(0)), made.at(1)});
  }
  for (const auto& event : remembered.at("events")) {
    history_.scale_events.push_back({FromMillis(event.at(0)), event.at(1), event.at(2)});
  }
}

// Stabilize, then limit, then clamp; the reason is the last one that changed the number.
Verdict HpaLoop::Normalize(Replicas current, Replicas proposed, TimePoint now) {
  Prune(
      history_, now,
      std::max(behavior_.scale_up.stabilization_window, behavior_.scale_down.stabilization_window),
      LongestPeriod(behavior_));
  Verdict verdict{proposed, Towards(current, proposed)};
  const auto take = [&verdict](Replicas replicas, std::string_view reason) {
    if (replicas != verdict.replicas) verdict = {replicas, std::string(reason)};
  };
  take(Stabilize(behavior_, history_, current, proposed, now).replicas,
       proposed >= current ? "ScaleUpStabilized" : "ScaleDownStabilized");
  history_.recommendations.push_back({now, proposed});
  take(LimitRate(behavior_, history_, current, verdict.replicas, now).replicas,
       verdict.replicas > current ? "ScaleUpLimit" : "ScaleDownLimit");
  take(bounds_.Clamp(verdict.replicas),
       verdict.replicas > bounds_.most ? "TooManyReplicas" : "TooFewReplicas");
  return verdict;
}

Behavior HpaBehavior(std::chrono::seconds scale_down_window) {
  Behavior behavior;
  behavior.scale_down.stabilization_window = scale_down_window;
  behavior.arithmetic = Arithmetic::kHpa;
  return behavior;
}

}  // namespace evenkeel
