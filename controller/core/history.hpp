// History: what a decision must know of earlier ones. A value, owned by the round loop and passed
// through Decide; bounded by the windows and periods that the policy asks for.
#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "policies/policy.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

// A raw proposal, before stabilization, rate limits and bounds.
struct Recommendation {
  TimePoint time;
  Replicas replicas = 0;
  // The size of that time, in place of a proposal that nobody knows: it bounds a fall as a proposal
  // would, and never a rise.
  bool assumed = false;

  bool operator==(const Recommendation&) const = default;
};

// A change that we made.
struct ScaleEvent {
  TimePoint time;
  Replicas from = 0;
  Replicas to = 0;

  bool operator==(const ScaleEvent&) const = default;
};

// A change of the target's replicas that somebody else made.
struct ForeignChange {
  TimePoint time;
  Replicas from = 0;
  Replicas to = 0;
  std::string manager{};  // field manager that made it, "kubectl"; empty if not known
  bool repeated = false;  // the same manager set the same number the time before

  bool operator==(const ForeignChange&) const = default;
};

// The number of replicas that the last decision left behind.
struct LeftBehind {
  TimePoint time;                    // of that decision
  std::vector<Replicas> replicas{};  // two where a patch got no answer: before, and perhaps now
  std::string target_uid{};          // empty if restored from a status

  bool operator==(const LeftBehind&) const = default;
};

struct History {
  std::vector<Recommendation> recommendations{};   // oldest first
  std::vector<ScaleEvent> scale_events{};          // oldest first
  std::map<std::string, nlohmann::json> memory{};  // per module
  // We took the last replica away; a zero that is not ours is a pause. (HPA: condition
  // ScaledToZero.)
  bool scaled_to_zero = false;
  // A signal that scale-in rests on was unknown at the last decision: its first value after an
  // outage is not yet acted on.
  bool signal_missing = false;
  // When a signal was last known; absent until the first one, then counted from the first decision.
  std::optional<TimePoint> last_known{};
  // See foreign_change.hpp.
  std::optional<LeftBehind> left_behind{};
  std::optional<ForeignChange> foreign_change{};  // the last one, also after its hold
  bool other_owner = false;  // at the last decision another autoscaler had the target
  // An obstacle stopped the last decision, or it was left to the next round: what was wanted
  // meanwhile is not known.
  bool stopped = false;

  bool operator==(const History&) const = default;
};

// The size at `now` in place of what nobody knows was wanted (Recommendation::assumed). The same
// again changes nothing.
void StandIn(History& history, Replicas size, TimePoint now);

// Drops what lies `keep` or more before `now`. What lies after it (the clock was set back) counts
// as made now: it neither freezes a window for the length of the jump nor is forgotten.
void Prune(History& history, TimePoint now, std::chrono::seconds keep_recommendations,
           std::chrono::seconds keep_events);

// What a policy's status remembers: the scale events, the modules' memory, a foreign change and
// whether a zero is ours. The recommendations are not written down; Replay (replay.hpp) makes them
// anew.
[[nodiscard]] History RestoreHistory(const nlohmann::json& status);

}  // namespace evenkeel
