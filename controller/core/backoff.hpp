// Back-off: how long to wait before the n-th retry in a row.
#pragma once

#include <chrono>

namespace evenkeel {

struct Backoff {
  std::chrono::milliseconds initial{1'000};
  std::chrono::milliseconds cap{30'000};  // never waits longer

  bool operator==(const Backoff&) const = default;
};

// The delay after `failures` failures in a row: doubles from `initial` up to `cap`, of which the
// lower half is certain and the upper half is spread by `jitter`, a uniform random number in [0,
// 1), so that clients which failed together do not come back together. 0 failures: no delay.
[[nodiscard]] std::chrono::milliseconds RetryDelay(const Backoff& backoff, int failures,
                                                   double jitter);

}  // namespace evenkeel
