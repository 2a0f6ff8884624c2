// The few things of an episode that happen by the clock and not by requests: ticks, scrapes, pods
// that turn ready, events of the scenario. Earliest first; at one time in the order of adding.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace evenkeel {

class Agenda {
 public:
  using Action = std::function<void(double now)>;

  void Add(double at, Action action) { entries_.push({at, next_++, std::move(action)}); }
  [[nodiscard]] bool Empty() const { return entries_.empty(); }
  [[nodiscard]] double NextTime() const { return entries_.top().at; }

  Action TakeNext() {
    Action action = entries_.top().action;
    entries_.pop();
    return action;
  }

 private:
  struct Entry {
    double at = 0;
    std::uint64_t order = 0;
    Action action;

    bool operator>(const Entry& other) const {
      return at > other.at || (at == other.at && order > other.order);
    }
  };

  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> entries_;
  std::uint64_t next_ = 0;
};

}  // namespace evenkeel
