// HpaLoop: one HorizontalPodAutoscaler's reconcile behind its metrics, for the rivals that are one
// or feed one. It is made of the parts that the conformance suite holds against Kubernetes' own
// code (core/behavior.hpp in HPA arithmetic), and not of Decide, which is safer than the HPA in
// ways that would flatter the rival or harm it: it waits after an outage, holds scale-in during
// rollouts and while any objective's signal is unknown, respects other writers, replays its past.
//
// Source: Kubernetes 1.37, pkg/controller/podautoscaler/horizontal.go (reconcileAutoscaler,
// computeReplicasForMetrics, normalizeDesiredReplicasWithBehaviors), with `spec.behavior` set.
// What is left out: scaling to zero, and the metrics server's own delays.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <span>

#include "controller/core/behavior.hpp"
#include "controller/core/history.hpp"
#include "controller/simulate/baseline_parts.hpp"
#include "controller/simulate/scaler.hpp"

namespace evenkeel {

class HpaLoop {
 public:
  HpaLoop(const ReplicaBounds& bounds, const Behavior& behavior);

  // What each metric proposes; an error is an invalid metric. The largest valid one counts; with
  // an invalid one beside it nothing is taken away.
  [[nodiscard]] Verdict Reconcile(const TargetState& state, TimePoint now,
                                  std::span<const Result<Replicas>> proposals);

  // The recommendations and scale events, for rivals that keep them through a restart. The HPA
  // itself forgets them: a new one begins with the present size as its only recommendation.
  [[nodiscard]] nlohmann::json Remember() const;
  void Recall(const nlohmann::json& remembered);

 private:
  [[nodiscard]] Verdict Normalize(Replicas current, Replicas proposed, TimePoint now);

  ReplicaBounds bounds_;
  Behavior behavior_;
  History history_;
};

// autoscaling/v2's defaults but for the window of scale-in, in the HPA's own arithmetic.
[[nodiscard]] Behavior HpaBehavior(std::chrono::seconds scale_down_window);

}  // namespace evenkeel
