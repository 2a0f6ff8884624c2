#include "controller/simulate/event_loop.hpp"

namespace evenkeel {
namespace {

// P99 of an idle loop's, from the kernel's wake-ups: 11.7 and 12.2 ms measured (node.md § 1.2).
constexpr double kIdleDelay = 0.002;

}  // namespace

double EventLoop::TakeDelay(double now) {
  if (now > end_) Turn(now);
  FireIdle(IsIdle(now) ? now : begin_);
  const auto late = static_cast<double>(late_.total());
  const double samples = late + static_cast<double>(in_time_);
  const double rank = 0.99 * samples - static_cast<double>(in_time_);
  const double delay = rank > 0 ? late_.Quantile(rank / late) : 0;
  late_.Clear();
  in_time_ = 0;
  fresh_ = true;
  return samples > 0 ? std::max(delay, kIdleDelay) : 0;
}

}  // namespace evenkeel
