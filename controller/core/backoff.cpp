#include "controller/core/backoff.hpp"

#include <algorithm>
#include <chrono>

namespace evenkeel {

std::chrono::milliseconds RetryDelay(const Backoff& backoff, int failures, double jitter) {
  if (failures <= 0) return std::chrono::milliseconds{0};
  std::chrono::milliseconds full = std::min(backoff.initial, backoff.cap);
  for (int i = 1; i < failures && full < backoff.cap; ++i) full = std::min(full * 2, backoff.cap);
  const double share = 0.5 + 0.5 * std::clamp(jitter, 0.0, 1.0);
  return std::chrono::duration_cast<std::chrono::milliseconds>(full * share);
}

}  // namespace evenkeel
