#include "policies/slo_target.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace evenkeel::slo {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double kFirst = 0.60;
constexpr double kLowest = 0.50;
constexpr double kHighest = 0.70;
constexpr double kLateAimedAt = 0.002;  // of all requests
constexpr double kEnough = 40;          // readings
constexpr double kForgetting = 0.995;   // per reading
constexpr double kAtRest = 120;         // s since the size changed
constexpr double kFall = 0.05;
constexpr double kRise = 0.02 / 3600;  // per s
// What is busier or idler than these has no tail of its own.
constexpr double kLeastBusy = 0.08;
constexpr double kMostBusy = 0.85;

double Ceiling(const Memory& memory, TimePoint now) {
  if (!memory.ceiling) return kHighest;
  const double elapsed = Seconds(now - memory.ceiling->at).count();
  return std::clamp(memory.ceiling->utilization + kRise * elapsed, kLowest, kHighest);
}

// What nothing was ever late of may be late once in so many.
double ShareLate(const LateRequests& late) { return (late.late + 1) / (late.requests + 1); }

}  // namespace

bool IsAtRest(const View& view) {
  const TargetState& state = view.input.state;
  const auto& size = view.memory.size;
  const bool settled = size && size->from == view.replicas && Since(view, size->at) >= kAtRest;
  const bool late_elsewhere = Breached(view.latency) && view.heat == Heat::kCold;
  return settled && state.pending == 0 && !state.rollout_in_progress && !view.after_queue &&
         !view.after_saturation && view.hot_pod.empty() && !Breached(view.errors) &&
         !late_elsewhere;
}

double TargetUtilization(const Memory& memory, TimePoint now) {
  const double ceiling = Ceiling(memory, now);
  const auto& late = memory.late;
  if (!late || late->weight < kEnough) return std::min(kFirst, ceiling);
  const double share = std::min(ShareLate(*late), 0.5);
  const double idle = late->idle / late->weight * std::log(kLateAimedAt) / std::log(share);
  return std::min(std::clamp(1 - idle, kLowest, kHighest), ceiling);
}

void LearnLate(const View& view, Memory& memory) {
  if (!view.late || !view.rate || !memory.model || !IsAtRest(view)) return;
  const double busy = memory.model->busy;
  if (busy < kLeastBusy || busy > kMostBusy) return;
  LateRequests late = memory.late.value_or(LateRequests{});
  const double elapsed = Since(view, late.at);
  if (elapsed <= 0) return;
  const double readings = std::min(elapsed / kReading, 1.0);
  const double requests = *view.rate * readings * kReading;
  const double kept = std::pow(kForgetting, readings);
  late.weight = kept * late.weight + readings;
  late.idle = kept * late.idle + readings * (1 - busy);
  late.requests = kept * late.requests + requests;
  late.late = kept * late.late + requests * std::clamp(*view.late, 0.0, 1.0);
  late.at = view.input.now;
  memory.late = late;
}

void Regret(Memory& memory, TimePoint now) {
  memory.ceiling = Remembered{now, std::max(Ceiling(memory, now) - kFall, kLowest)};
}

}  // namespace evenkeel::slo
