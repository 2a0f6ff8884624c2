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
    if (Wait(now) > Time::duration::zero()) return false;
    tokens_ -= 1;
    return true;
  }

  // Until there will be one; zero: there is.
  [[nodiscard]] Time::duration Wait(Time now) {
    const Seconds elapsed = std::max(now - last_, Time::duration::zero());
    tokens_ = std::min(static_cast<double>(burst_), tokens_ + elapsed.count() * rate_);
    last_ = std::max(now, last_);
    // A billionth short is a token: what was waited for has come.
    if (tokens_ >= 1 - 1e-9) return Time::duration::zero();
    return std::chrono::ceil<Time::duration>(Seconds((1 - tokens_) / rate_));
  }

 private:
  using Seconds = std::chrono::duration<double>;

  double rate_;
  int burst_;
  double tokens_;
  Time last_;
};

}  // namespace evenkeel
