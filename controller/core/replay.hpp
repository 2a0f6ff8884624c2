// Replay: what a controller that starts anew would remember had it been there all along.
//
// The status keeps a policy's scale events and its modules' memory. The recommendations of the
// stabilization windows, and when a signal was last known, are made again: every controller decides
// on the same turns (turns.hpp), Prometheus still knows what it answered on each of them, and
// Decide is a function. So the past turns are decided on once more, oldest first, and what comes
// out is what the predecessor held. A restart changes no decision.
//
// The status may be older than the predecessor's last decision (writes are rationed, and a process
// may die between a patch and its report). From the status' last decision on, the replay goes on
// with the memory in the status; and if the target's size is one that the status does not explain,
// but that the replay decides on, then that was our own change, and it becomes a scale event.
//
// Where a replay cannot know, it assumes what holds scale-in, never what lets it happen:
//   - a turn for which a query failed, and turns before the first at which any signal was known (a
//     Prometheus that lost its data looks like that): the size of that time is assumed, beside what
//     the replay recommends;
//   - a turn before the policy was created adds nothing; its creation counts as the first decision.
//
// What is not replayed exactly, each only for turns within the window before the restart:
//   - a turn that did not take place (the controller was away or late) is replayed as if it had;
//   - a decision between turns (a changed spec, a conflict) left a recommendation that is not made
//     again; one made under another spec, or while another owner or a missing target forbade it, is
//     made again as if under the present one;
//   - pods that are gone count as ready while they were there; a pod that turned ready twice counts
//     as starting up to the second time; a pod that was replaced (evicted, deleted by hand, rolled
//     out) makes the turns before count as a rollout, which holds scale-in;
//   - samples of pods that were not ready count in a mean over pods, as nobody knows their names;
//   - a size set by hand counts from the last scale event on;
//   - samples that reached Prometheus after they were first asked for (a scrape under way);
//   - a module's memory at turns before the status' last decision begins kWarmUp earlier with no
//     more than the part named "lasting", as it is now.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "controller/core/history.hpp"
#include "controller/core/scaling_policy.hpp"
#include "policies/policy.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

// A turn of the past, as the source of signals tells it now.
struct PastTurn {
  TimePoint time{};
  Readings readings{};
  std::map<std::string, Series, std::less<>> series{};
};

// The target's population at `time`, given its spec.replicas then, and how many replicas scale
// events have taken away since.
using PopulationAt =
    std::function<TargetState(TimePoint time, Replicas size, Replicas taken_away_since)>;

// How far back a replay must begin: the longest stabilization window (or the fallback's delay, if
// longer; at most an hour), and a warm-up in which modules find their memory. Zero if the policy
// has no window and no fallback: then there is nothing to remember.
[[nodiscard]] std::chrono::seconds ReplaySpan(const ScalingPolicy& policy);

// Was the policy ever decided on, as far as its status tells?
[[nodiscard]] bool WasDecidedOn(const nlohmann::json& status);

// Did no query of any turn get an answer?
[[nodiscard]] bool NothingAnswered(const std::vector<PastTurn>& turns);

// `turns` oldest first; `remembered` as RestoreHistory has it; `present` is spec.replicas now.
// Returns `remembered` with all that the turns add to it.
[[nodiscard]] History Replay(const ScalingPolicy& policy, const std::vector<PastTurn>& turns,
                             const PopulationAt& population, const History& remembered,
                             Replicas present);

}  // namespace evenkeel
