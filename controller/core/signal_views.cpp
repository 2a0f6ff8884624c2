#include "controller/core/signal_views.hpp"

#include <chrono>
#include <functional>
#include <set>
#include <string>

namespace evenkeel {

std::optional<double> ObjectiveOf(const Objectives& objectives, std::string_view name) {
  using Seconds = std::chrono::duration<double>;
  if (name == signal::kLatencyP99 && objectives.latency_p99) {
    return Seconds(*objectives.latency_p99).count();
  }
  if (name == signal::kErrorRate) return objectives.error_rate;
  if (name == signal::kEventLoopLagP99 && objectives.event_loop_lag_p99) {
    return Seconds(*objectives.event_loop_lag_p99).count();
  }
  if (name == signal::kEventLoopUtilization) return objectives.event_loop_utilization;
  return std::nullopt;
}

std::vector<SignalView> ViewSignals(const ScalingPolicy& policy, const Readings& readings) {
  std::vector<SignalView> views;
  std::set<std::string, std::less<>> seen;
  for (const std::string_view name :
       {signal::kLatencyP99, signal::kErrorRate, signal::kEventLoopLagP99,
        signal::kEventLoopUtilization, signal::kRequestRate}) {
    const auto objective = ObjectiveOf(policy.target.objectives, name);
    if (!objective && !readings.contains(name)) continue;
    views.push_back({std::string(name), readings.Find(name), objective});
    seen.emplace(name);
  }
  for (const auto& [name, reading] : readings) {
    if (!seen.contains(name)) views.push_back({name, reading, std::nullopt});
  }
  return views;
}

}  // namespace evenkeel
