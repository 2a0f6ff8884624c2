// Decide: the whole judgement of one round for one policy. Pure, total and deterministic: no IO, no
// clock, never throws, the same input gives the same bytes. The simulator, the backtest and the
// controller run this very function.
//
//   proposals of all modules
//     → combine    the largest reactive or floor proposal (HPA: the largest metric)
//     → hold       modules' holds; scale-in while a signal is unknown, a watch of the cluster has
//                  long been interrupted, or a rollout is under way;
//                  everything for a while after someone else's change (foreign_change.hpp)
//     → stabilize  behavior's windows over the raw proposals
//     → rate-limit behavior's policies over the scale events
//     → bounds     minReplicas, maxReplicas
//
// Safety (each is a test): unknown never lowers; one fresh signal may raise; the result lies within
// the bounds whenever it differs from the current number; spec.replicas 0 set by hand is a pause,
// and one that history.scaled_to_zero calls ours is decided on like any other size.
#pragma once

#include <chrono>

#include "controller/core/decision.hpp"
#include "controller/core/history.hpp"
#include "controller/core/observation.hpp"
#include "controller/core/scaling_policy.hpp"

namespace evenkeel {

// What the controller's flags set for all policies.
struct DecideSettings {
  std::chrono::milliseconds foreign_change_hold{300'000};  // 0: none
};

[[nodiscard]] Decision Decide(const ScalingPolicy& policy, const Observation& observation,
                              const History& history, TimePoint now,
                              const DecideSettings& settings = {});

}  // namespace evenkeel
