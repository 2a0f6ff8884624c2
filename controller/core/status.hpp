// Outcome → status of the ScalingPolicy, and the Events that its change is worth. The only place
// that writes a status; every condition (conditions.hpp) is set every time, and the caller skips
// the write unless WorthWriting.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "controller/core/outcome.hpp"
#include "controller/core/scaling_policy.hpp"

namespace evenkeel {

// The new status, as crds/scalingpolicy.yaml describes it. Conditions keep their lastTransitionTime
// from `policy.status` while their status is unchanged. Values of signals are rounded to two
// digits, for people and for calm; a signal's exact value is in the log and in /metrics. After a
// patch that was applied, scaleEvents and lastScaleTime have it, whether or not decision.next does.
[[nodiscard]] nlohmann::json BuildStatus(const ScalingPolicy& policy, const Outcome& outcome);

// Status of a policy whose spec cannot be parsed: Ready=False/InvalidSpec with every fault. What
// else the old status knows (scale events, memory) is kept for the spec that will be valid.
[[nodiscard]] nlohmann::json BuildInvalidStatus(const nlohmann::json& object,
                                                const std::vector<FieldError>& faults,
                                                TimePoint now);

// Is `after` worth a write, given what the API server has (`before`, may be null)?
//   at once            replicas, lastScaleTime, the decision's reason, observedGeneration, and a
//                      condition's status or reason
//   once a minute      everything else: values of signals, messages, steps, proposals, memory
//   never              lastDecision.time and .round and sample times alone
// So 10,000 policies on a calm cluster cost 0 writes, and on a busy one at most 167 a second, where
// the HPA writes every policy every 15 s. The minute counts from lastDecision.time in `before`.
[[nodiscard]] bool WorthWriting(const nlohmann::json& before, const nlohmann::json& after,
                                TimePoint now);

// An Event to send; see kubernetes/ for its form on the wire.
struct EventNote {
  bool warning = false;
  std::string reason;   // "ScaledUp", "SignalsUnhealthy"
  std::string action;   // "Scale", "Observe", "Evaluate"
  std::string message;  // <= 1024 bytes

  bool operator==(const EventNote&) const = default;
};

// Only transitions: a scaling done or failed, and conditions whose status or reason changed from
// `before` to `after` (both statuses as JSON; before may be null). `before` is the status built
// last, also where it was not written; at first the API server's.
//   Normal   ScaledUp, ScaledDown   "4→7: <message>"
//            WouldScale             mode Observe, when the direction changes
//            SignalsRecovered
//            ForeignChange          each time that someone else changed the replicas
//   Warning  ScaleFailed            the first of a series
//            SignalsUnhealthy, Bottleneck
//            ConflictingOwner, TargetNotFound, ... (whatever Ready gives as reason)
[[nodiscard]] std::vector<EventNote> EventsFor(const nlohmann::json& before,
                                               const nlohmann::json& after, const Outcome& outcome);

// The same without an outcome: for a spec that cannot be parsed (InvalidSpec).
[[nodiscard]] std::vector<EventNote> ConditionEvents(const nlohmann::json& before,
                                                     const nlohmann::json& after);

}  // namespace evenkeel
