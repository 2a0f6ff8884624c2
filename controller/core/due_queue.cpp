#include "controller/core/due_queue.hpp"

namespace evenkeel {

void DueQueue::Move(const ObjectKey& key, Time when) {
  const auto [at, added] = times_.try_emplace(key, when);
  if (!added) order_.erase({at->second, key});
  at->second = when;
  order_.emplace(when, key);
}

// The first turn after `now`: turns that were missed are not made up for.
DueQueue::Time DueQueue::NextTurn(Time now) const {
  if (now < origin_) return origin_;
  const auto turns = (now - origin_) / period_ + 1;
  return origin_ + turns * period_;
}

void DueQueue::Schedule(const ObjectKey& key, Time when) {
  const auto at = times_.find(key);
  if (at == times_.end() || when < at->second) Move(key, when);
}

void DueQueue::Remove(const ObjectKey& key) {
  const auto at = times_.find(key);
  if (at == times_.end()) return;
  order_.erase({at->second, key});
  times_.erase(at);
}

std::vector<ObjectKey> DueQueue::TakeDue(Time now) {
  std::vector<ObjectKey> due;
  while (!order_.empty() && order_.begin()->first <= now) {
    const ObjectKey key = order_.begin()->second;
    Move(key, NextTurn(now));
    due.push_back(key);
  }
  return due;
}

std::optional<DueQueue::Time> DueQueue::NextDue() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

}  // namespace evenkeel
