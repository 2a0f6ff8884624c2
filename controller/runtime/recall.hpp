// Recall: gives a policy the history that it had before this controller started (replay.hpp).
//
// A policy that was decided on before is recalled at its first decision: the round asks the sources
// for the turns of its windows, a bounded amount of work a round, and the rest waits for the next
// rounds. Until it is recalled, and when the sources do not answer, its present size stands in for
// what is not known: nothing is taken away, more may be added. After kMostFailures the past is
// given up, and the size of each turn counts as its recommendation, for as long as the window
// lasts.
//
// A policy that was never decided on has no past: its present size counts as its first
// recommendation, so nothing is taken away for one scale-down window, as with the HPA (which with a
// scale-up window would also add nothing; here it may).
#pragma once

#include <chrono>
#include <map>
#include <vector>

#include "controller/core/replay.hpp"
#include "controller/prometheus/permissions.hpp"
#include "controller/runtime/metrics.hpp"
#include "controller/runtime/world.hpp"

namespace evenkeel {

using Pasts = std::map<ObjectKey, std::vector<PastTurn>>;

// Which of `keys`, all of one source, are to be recalled in this round, and over how many turns:
// policies times turns are at most kMostRecalledTurns (but one policy always goes).
struct RecallPlan {
  std::vector<ObjectKey> keys{};
  std::chrono::seconds span{0};
};
inline constexpr std::int64_t kMostRecalledTurns = 12'000;
inline constexpr int kMostFailures = 3;
[[nodiscard]] RecallPlan PlanRecall(World& world, const std::vector<ObjectKey>& keys,
                                    std::chrono::milliseconds period);

// The queries into their past before `now`.
struct PastPlan {
  Plan plan{};  // without policies: none is to be recalled
  Instants turns{};
};
[[nodiscard]] PastPlan PlanPasts(World& world, const RecallPlan& recall, const PresetTable& presets,
                                 const RawQueryRights& rights, TimePoint now,
                                 std::chrono::milliseconds period);

// What was answered, `took` long. Counts and logs it.
[[nodiscard]] Pasts DealPasts(PastPlan past, std::vector<Answer> answers,
                              std::chrono::nanoseconds took, Metrics& metrics);

// Before each decision: makes the entry's history, and puts `past` (null: not asked for in this
// round) into it once there is one. `present` is spec.replicas. Needs a valid policy.
void Recall(const World& world, PolicyEntry& entry, const std::vector<PastTurn>* past,
            Replicas present, TimePoint now);

}  // namespace evenkeel
