#include "controller/core/due_queue.hpp"

#include <optional>

#include "controller/core/turns.hpp"

namespace evenkeel {

void DueQueue::Move(const ObjectKey& key, TimePoint when) {
  const auto [at, added] = times_.try_emplace(key, when);
  if (!added) order_.erase({at->second, key});
  at->second = when;
  order_.emplace(when, key);
}

TimePoint DueQueue::NextTurn(TimePoint now) const { return TurnAt(now, period_) + period_; }

void DueQueue::Schedule(const ObjectKey& key, TimePoint when) {
  const auto at = times_.find(key);
  if (at == times_.end() || when < at->second) Move(key, when);
}

void DueQueue::ScheduleTurn(const ObjectKey& key, TimePoint now) { Schedule(key, NextTurn(now)); }

void DueQueue::Remove(const ObjectKey& key) {
  const auto at = times_.find(key);
  if (at == times_.end()) return;
  order_.erase({at->second, key});
  times_.erase(at);
}

Due DueQueue::TakeDue(TimePoint now) {
  Due due{.keys = {}, .time = now};
  const TimePoint turn = TurnAt(now, period_);
  while (!order_.empty() && order_.begin()->first <= now) {
    const auto [when, key] = *order_.begin();
    if (when <= turn) due.time = turn;
    Move(key, NextTurn(now));
    due.keys.push_back(key);
  }
  return due;
}

std::optional<TimePoint> DueQueue::NextDue(TimePoint now) {
  if (order_.empty()) return std::nullopt;
  const TimePoint next = NextTurn(now);
  while (order_.rbegin()->first > next + period_) {
    const ObjectKey key = order_.rbegin()->second;
    Move(key, next);
  }
  return order_.begin()->first;
}

}  // namespace evenkeel
