// Breaker: keeps an outage of a source from becoming a flood of queries to it. Pure: time and
// jitter are arguments.
//
//            kTripAfter failures in a row                     delay over
//   Closed ───────────────────────────────> Open(delay) ─────────────────> HalfOpen
//     ^                                        ^   delay doubles, to its cap   │
//     └──────────── success ───────────────────┼───────────────────────────────┤
//                                              └──────────── failure ──────────┘
// In HalfOpen one query goes out at a time, and its result decides.
#pragma once

#include <chrono>

namespace evenkeel {

class Breaker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr int kTripAfter = 3;
  static constexpr std::chrono::milliseconds kFirstDelay{5'000};
  static constexpr std::chrono::milliseconds kLongestDelay{30'000};

  // Whether a query may go out now. True must be followed by a Record or an Abandon.
  [[nodiscard]] bool Admit(Time now);
  // `answered`: the server answered, if only to say that the query is wrong. `jitter` in [0, 1)
  // spreads the delay over ±20 %, so that many controllers do not come back at once.
  void Record(bool answered, Time now, double jitter);
  // The query was given up for reasons that say nothing of the server.
  void Abandon() { probing_ = false; }

  [[nodiscard]] bool IsOpen() const { return failures_ >= kTripAfter; }

 private:
  int failures_ = 0;  // in a row
  std::chrono::milliseconds delay_{kFirstDelay};
  Time retry_at_{};
  bool probing_ = false;
};

}  // namespace evenkeel
