#include "policies/slo_pace.hpp"

#include <algorithm>
#include <chrono>

#include "policies/slo_target.hpp"

namespace evenkeel::slo {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double kTooFast = 0.9;  // of the rate per pod at a breach
constexpr double kUsualGain = 0.3;

double PerPod(const View& view) { return *view.rate / std::max(view.serving, 1); }

// Requests/s since the last reading, while the load before the breach is still in the window.
double ComingNow(const View& view, const Pace& pace) {
  const double rate = *view.rate;
  const double window = Seconds(view.input.target.window).count();
  const auto& ascent = view.memory.ascent;
  if (ascent && Since(view, ascent->at) >= window) return rate;
  return std::max(rate, RateSince(view, pace.at, pace.last_rate, pace.usual));
}

}  // namespace

double NeededByPace(const View& view) {
  const auto& pace = view.memory.pace;
  if (!pace || pace->per_pod <= 0 || !view.rate || view.replicas == 0) return 0;
  return ComingNow(view, *pace) / (pace->per_pod * view.replicas);
}

void LearnPace(const View& view, bool met_easily, bool breached, Memory& memory) {
  if (!view.rate || view.utilization || view.serving == 0) return;
  const double now = PerPod(view);
  Pace pace = memory.pace.value_or(Pace{.usual = *view.rate});
  if (met_easily && IsAtRest(view)) pace.per_pod = std::max(pace.per_pod, now);
  if (breached && now <= pace.per_pod) pace.per_pod = kTooFast * now;
  if (!Breached(view.latency)) pace.usual += kUsualGain * (*view.rate - pace.usual);
  pace.last_rate = *view.rate;
  pace.at = view.rate_at;
  memory.pace = pace;
}

}  // namespace evenkeel::slo
