#include "controller/prometheus/breaker.hpp"

#include <algorithm>
#include <chrono>
#include <ratio>

namespace evenkeel {

bool Breaker::Admit(Time now) {
  if (!IsOpen()) return true;
  if (probing_ || now < retry_at_) return false;
  probing_ = true;
  return true;
}

void Breaker::Record(bool answered, Time now, double jitter) {
  if (answered) {
    *this = Breaker{};
    return;
  }
  // Queries that were under way when it tripped are no further evidence.
  const bool straggler = IsOpen() && !probing_;
  if (straggler) return;
  if (probing_) delay_ = std::min(delay_ * 2, kLongestDelay);
  probing_ = false;
  failures_ = std::min(failures_ + 1, kTripAfter);
  const auto spread = std::chrono::duration<double, std::milli>(delay_) * (0.8 + 0.4 * jitter);
  retry_at_ = now + std::chrono::duration_cast<std::chrono::milliseconds>(spread);
}

}  // namespace evenkeel
