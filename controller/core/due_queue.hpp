// DueQueue: which policy is to be decided on when.
//
// All keys share one rhythm, the turns (turns.hpp), so that one round asks Prometheus for all of
// them in a handful of grouped queries, and so that every controller decides at the same instants.
// (Spreading them out would undo that; what must be spread are the writes, and a token bucket
// does.) A key may be asked for between its turns, when its spec or its target changed; it is in
// the queue once, and the earliest time wins.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "controller/core/scaling_policy.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

// What is due, and for when it is to be decided.
struct Due {
  std::vector<ObjectKey> keys;  // in order of their time
  // The turn that has come, also if the caller is late for it; between turns the caller's `now`.
  TimePoint time{};
};

class DueQueue {
 public:
  // `period` > 0.
  explicit DueQueue(std::chrono::milliseconds period) : period_(period) {}

  // Earliest wins.
  void Schedule(const ObjectKey& key, TimePoint when);
  // For the next turn after `now`.
  void ScheduleTurn(const ObjectKey& key, TimePoint now);
  void Remove(const ObjectKey& key);

  // Takes all keys that are due, and gives each its next regular turn. Turns that were missed are
  // not made up for.
  [[nodiscard]] Due TakeDue(TimePoint now);
  // When the next key is due; nothing if the queue is empty. A key whose turn lies beyond the next
  // two (the clock was set back, and by more than a little) is given the next one.
  [[nodiscard]] std::optional<TimePoint> NextDue(TimePoint now);
  [[nodiscard]] std::size_t size() const { return times_.size(); }

 private:
  void Move(const ObjectKey& key, TimePoint when);
  [[nodiscard]] TimePoint NextTurn(TimePoint now) const;

  std::chrono::milliseconds period_;
  std::map<ObjectKey, TimePoint> times_;
  std::set<std::pair<TimePoint, ObjectKey>> order_;
};

}  // namespace evenkeel
