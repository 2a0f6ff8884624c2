#include "policies/slo_view.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace evenkeel::slo {
namespace {

using std::chrono::milliseconds;

// Utilization aimed at when the policy states none: the knee of an M/G/1 queue (control.md § 2.3).
constexpr double kDefaultUtilization = 0.60;
// Lag above which a loop counts as hot when the policy states no objective (node.md § 2: lag above
// 100 ms means a utilization of 0.9 and more for short handlers).
constexpr double kDefaultLag = 0.100;
constexpr double kColdLag = 0.5;       // of the lag objective
constexpr double kColdBusy = 0.9;      // of the target utilization
constexpr double kHotQuartile = 0.70;  // a quarter of the pods is cooler than this
constexpr double kHotMean = 0.85;
constexpr milliseconds kDefaultStartup{35'000};
// In windows of the rates, which hold four scrapes and more: a step shows in latency when the old
// requests have left the window and a round has passed (control.md § 2.5: 75 s at 60 s); a doubling
// shows in the new pods' ELU after two scrapes.
constexpr double kStepSettles = 1.25;
constexpr double kSaturationSettles = 0.5;

std::optional<double> Known(const Input& input, std::string_view name) {
  const Reading& reading = input.readings.Find(name);
  if (!reading.HasValue()) return std::nullopt;
  return reading.value;
}

std::optional<double> Over(std::optional<double> value, std::optional<double> objective) {
  if (!value || !objective) return std::nullopt;
  return *value / *objective;
}

std::optional<double> Seconds(std::optional<milliseconds> duration) {
  if (!duration) return std::nullopt;
  return std::chrono::duration<double>(*duration).count();
}

Heat JudgeHeat(const View& view) {
  if (view.utilization) {
    if (view.quartile >= kHotQuartile || *view.utilization >= kHotMean) return Heat::kHot;
    // Lag shows an overload that began since the last scrape but one, which ELU has averaged away.
    if (view.lag && *view.lag >= 1 && *view.utilization >= kIdle) return Heat::kHot;
    const bool lag_low = !view.lag || *view.lag < kColdLag;
    const bool busy_low = *view.utilization < kColdBusy * view.target_utilization;
    return lag_low && busy_low ? Heat::kCold : Heat::kWarm;
  }
  if (!view.lag) return Heat::kUnknown;
  if (*view.lag >= 1) return Heat::kHot;
  return *view.lag < kColdLag ? Heat::kCold : Heat::kWarm;
}

struct Step {
  TimePoint at;
  Replicas from = 0;
};

std::optional<Step> Remembered(const Input& input, std::string_view key) {
  if (!input.memory.is_object()) return std::nullopt;
  const auto found = input.memory.find(key);
  if (found == input.memory.end() || !found->is_object()) return std::nullopt;
  const auto at = found->find("at");
  const auto from = found->find("from");
  if (at == found->end() || from == found->end()) return std::nullopt;
  if (!at->is_number_integer() || !from->is_number_integer()) return std::nullopt;
  const TimePoint time{milliseconds(at->get<std::int64_t>())};
  // A clock that was set back must not lengthen the wait.
  return Step{std::min(time, input.now), from->get<Replicas>()};
}

// True until the effect of the step at `key` shows: start-up, then `windows` of the rates. A step
// that was not taken (observed only, refused, held back) has no effect to wait for.
bool EffectPending(const Input& input, std::string_view key, double windows) {
  const auto step = Remembered(input, key);
  if (!step) return false;
  const bool taken = key == kShrinkMemory ? input.state.spec_replicas < step->from
                                          : input.state.spec_replicas > step->from;
  const auto settle = std::chrono::duration<double>(input.target.window) * windows;
  return taken && input.now - step->at < input.state.startup.value_or(kDefaultStartup) + settle;
}

int Serving(const TargetState& state) {
  return state.ready > 0 ? std::min(state.ready, state.spec_replicas) : state.spec_replicas;
}

void LookAtUtilization(View& view) {
  const Input& input = view.input;
  view.target_utilization =
      input.target.objectives.event_loop_utilization.value_or(kDefaultUtilization);
  view.utilization = Known(input, signal::kEventLoopUtilization);
  if (!view.utilization) return;
  const auto& pods = input.readings.Find(signal::kEventLoopUtilization).pods;
  view.quartile = pods ? pods->p25 : *view.utilization;
}

// A service may work without requests (a queue, a timer): its event loop tells.
bool Idle(const View& view) {
  const bool loops_sleep = !view.utilization || *view.utilization < kAsleep;
  const double in_flight = Known(view.input, signal::kInFlight).value_or(0);
  return view.rate && *view.rate <= 0 && in_flight <= 0 && loops_sleep;
}

}  // namespace

View Look(const Input& input) {
  const Objectives& objectives = input.target.objectives;
  View view{.input = input};
  view.replicas = input.state.spec_replicas;
  view.serving = Serving(input.state);
  view.latency = Over(Known(input, signal::kLatencyP99), Seconds(objectives.latency_p99));
  view.errors = Over(Known(input, signal::kErrorRate), objectives.error_rate);
  view.lag = Over(Known(input, signal::kEventLoopLagP99),
                  Seconds(objectives.event_loop_lag_p99).value_or(kDefaultLag));
  view.rate = Known(input, signal::kRequestRate);
  LookAtUtilization(view);
  view.idle = Idle(view);
  view.heat = JudgeHeat(view);
  view.after_step = EffectPending(input, kStepMemory, kStepSettles);
  view.after_saturation = EffectPending(input, kSaturationMemory, kSaturationSettles);
  view.after_shrink = EffectPending(input, kShrinkMemory, kStepSettles);
  return view;
}

std::string_view ToString(Heat heat) {
  switch (heat) {
    case Heat::kUnknown:
      return "unknown";
    case Heat::kCold:
      return "cold";
    case Heat::kWarm:
      return "warm";
    case Heat::kHot:
      return "hot";
  }
  return "unknown";
}

}  // namespace evenkeel::slo
