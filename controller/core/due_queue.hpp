// DueQueue: which policy is to be decided on when.
//
// All keys share one rhythm: a turn every period, counted from `origin`, so that one round asks
// Prometheus for all of them in a handful of grouped queries. (Spreading them out would undo that;
// what must be spread are the writes, and a token bucket does.) A key may be asked for between its
// turns, when its spec or its target changed; it is in the queue once, and the earliest time wins.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "controller/core/scaling_policy.hpp"

namespace evenkeel {

class DueQueue {
 public:
  // On the steady clock of the caller.
  using Time = std::chrono::steady_clock::time_point;

  // `period` > 0.
  DueQueue(std::chrono::milliseconds period, Time origin) : period_(period), origin_(origin) {}

  // Earliest wins.
  void Schedule(const ObjectKey& key, Time when);
  void Remove(const ObjectKey& key);

  // Takes all keys that are due, in order of their time, and gives each its next regular turn.
  [[nodiscard]] std::vector<ObjectKey> TakeDue(Time now);
  // When the next key is due; nothing if the queue is empty.
  [[nodiscard]] std::optional<Time> NextDue() const;
  [[nodiscard]] std::size_t size() const { return times_.size(); }

 private:
  void Move(const ObjectKey& key, Time when);
  [[nodiscard]] Time NextTurn(Time now) const;

  std::chrono::milliseconds period_;
  Time origin_;
  std::map<ObjectKey, Time> times_;
  std::set<std::pair<Time, ObjectKey>> order_;
};

}  // namespace evenkeel
