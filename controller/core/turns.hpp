// Turns: the instants at which every controller decides, whatever it is and whenever it started:
// the multiples of the sync period since the Unix epoch, on the wall clock.
//
// So a controller that takes over decides when its predecessor would have decided, and can ask
// Prometheus what its predecessor asked (replay.hpp). Query frontends that align ranges to
// multiples of their step (Thanos, Mimir) leave ranges over turns as they are.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "policies/reading.hpp"

namespace evenkeel {

// The newest turn at or before `time`. `period` > 0.
[[nodiscard]] inline TimePoint TurnAt(TimePoint time, std::chrono::milliseconds period) {
  const auto since = time.time_since_epoch();
  const auto past = (since % period + period) % period;
  return time - past;
}

// Evenly spaced instants, both ends included.
struct Instants {
  TimePoint first{};
  TimePoint last{};                   // a whole number of steps after `first`
  std::chrono::milliseconds step{1};  // > 0

  bool operator==(const Instants&) const = default;

  [[nodiscard]] std::int64_t Count() const { return (last - first) / step + 1; }
  [[nodiscard]] bool Contains(TimePoint time) const { return first <= time && time <= last; }
};

// The turns before `now` that lie at most `span` back; at least one.
[[nodiscard]] inline Instants TurnsBefore(TimePoint now, std::chrono::milliseconds span,
                                          std::chrono::milliseconds period) {
  const TimePoint last = TurnAt(now - std::chrono::milliseconds(1), period);
  const TimePoint begin = now - span;
  const auto more = last > begin ? (last - begin) / period : 0;
  return {last - more * period, last, period};
}

}  // namespace evenkeel
