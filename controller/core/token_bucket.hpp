// TokenBucket: at most `burst` at once and `rate` a second on average. Time is an argument.
#pragma once

#include <algorithm>
#include <chrono>

namespace evenkeel {

class TokenBucket {
 public:
  using Time = std::chrono::steady_clock::time_point;

  TokenBucket(double rate, int burst, Time now)
      : rate_(rate), burst_(burst), tokens_(burst), last_(now) {}

  // Takes a token, if there is one.
  [[nodiscard]] bool Take(Time now) {
    const std::chrono::duration<double> elapsed = std::max(now - last_, Time::duration::zero());
    tokens_ = std::min(static_cast<double>(burst_), tokens_ + elapsed.count() * rate_);
    last_ = std::max(now, last_);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  double rate_;
  int burst_;
  double tokens_;
  Time last_;
};

}  // namespace evenkeel
