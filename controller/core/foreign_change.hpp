// Others who write the target's replicas: a person with kubectl, or GitOps that applies a manifest.
//
// Decide compares the target with what the last decision left behind. Another number, unless the
// managed fields show that we wrote it, is a foreign change: it is reported, and for the hold
// neither raised nor lowered but for the bounds. Nothing is foreign in mode Observe, under an
// obstacle, at a policy's first decision, or where the target is not the object that it was.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "controller/core/history.hpp"
#include "controller/core/observation.hpp"
#include "controller/core/outcome.hpp"
#include "controller/core/scaling_policy.hpp"

namespace evenkeel {

// Uses up next.left_behind; a foreign change becomes next.foreign_change. Returns whether there was
// one. After another autoscaler had the target, the windows begin with the size it left.
bool FollowReplicas(const ScalingPolicy& policy, const Observation& observation, TimePoint now,
                    History& next);

// The end of the hold, if `now` lies in it. A change from 0 has none: it ends a pause.
[[nodiscard]] std::optional<TimePoint> RespectedUntil(const History& history,
                                                      std::chrono::milliseconds hold,
                                                      TimePoint now);

// "kubectl set 12 replicas (from 6) at 10:37:10Z; respected until 10:42:10Z"
[[nodiscard]] std::string Describe(const ForeignChange& change, std::optional<TimePoint> until);

// Call it with what became of a decision, for the next one. Who carries out no decisions (a
// simulation) need not.
void RememberReplicas(const Outcome& outcome, const std::string& target_uid, History& history);

// As status.externalChange has it.
[[nodiscard]] nlohmann::json ToJson(const ForeignChange& change);

// What a new controller can know from the policy's status. That may be older than our last patch,
// so only a writer with another name than ours counts against it.
void RestoreReplicas(const nlohmann::json& status, History& history);

}  // namespace evenkeel
