#include "policies/slo_ask.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "policies/slo_pace.hpp"
#include "policies/slo_probe.hpp"

namespace evenkeel::slo {
namespace {

constexpr double kMostAtOnce = 4;  // times the pods
constexpr double kFewLate = 3;     // in a window
// Growth was in vain if the loops are so much idler (or there are so many times the pods) ...
constexpr double kIdler = 0.7;
constexpr double kGrown = 3;
// ... and latency has not fallen to kFaster, nor the rate risen to this.
constexpr double kServesMore = 1.15;

// What the last step asked for, of which behavior may have allowed a part at a time.
Replicas AskedFor(const View& view) {
  return view.after_step ? std::max(view.replicas, view.memory.step->to) : view.replicas;
}

// A breach answered by a step, unless the last one's effect is still to be seen.
Ask StepOrWait(const View& view, double factor, std::string reason, std::string message) {
  if (view.after_step || view.pods_start) {
    return {AskedFor(view), "AwaitingEffect",
            message + "; the last step has not shown its effect yet"};
  }
  return {Grow(view.replicas, factor), std::move(reason), std::move(message), {}, Starts::kStep};
}

// Larger breaches deserve larger steps, but a ratio on latency is unstable (control.md § 2.1).
double StepFactor(const View& view, double ratio, bool sized) {
  if (sized || view.heat == Heat::kWarm || ratio <= 1.5) return 1.2;
  return ratio > 3 ? 2.0 : 1.5;
}

double LatencyFactor(const View& view, bool sized) {
  const double by_breach = StepFactor(view, *view.latency, sized);
  return sized ? by_breach : std::clamp(NeededByPace(view), by_breach, kMostAtOnce);
}

Ask BlameHotPod(const View& view) {
  const std::string what = view.hot_silent ? view.hot_pod +
                                                 " alone answers no scrape, as an "
                                                 "overloaded pod does, and the others "
                                                 "have no backlog"
                                           : "event-loop lag is high on " + view.hot_pod + " alone";
  return Stay(view, "HotPod", what + ": look at that pod", "HotPod");
}

// Where it is known: the P99 of few requests is the latency of one of them.
bool FewAreLate(const View& view) {
  if (!view.late || !view.rate) return false;
  const double window = static_cast<double>(view.input.target.window.count());
  return *view.late * *view.rate * window < kFewLate;
}

// Growth for more load leaves the loops as busy as they were; growth for latency's sake does not.
bool HasGrown(const View& view, const Ascent& since) {
  if (!view.utilization) return view.replicas >= kGrown * since.pods;
  return since.utilization > 0 && *view.utilization <= kIdler * since.utilization;
}

// Only what growth did can tell. More requests served: then it was an overload, whose size was not
// yet to be seen.
bool GrewInVain(const View& view, const std::optional<Ascent>& before, double ratio) {
  if (!before || !HasGrown(view, *before)) return false;
  const bool lower = ratio <= kFaster * before->ratio;
  const bool serves_more = before->rate > 0 && view.rate.value_or(0) >= kServesMore * before->rate;
  return !lower && !serves_more;
}

// Nor are fewer that fail, or a P99 beyond the buckets.
bool GrewInVainForLatency(const View& view) {
  const bool told = view.utilization || view.heat == Heat::kUnknown;
  return told && view.heat != Heat::kHot && !Breached(view.errors) &&
         !view.input.readings.Find(signal::kLatencyP99).at_least &&
         GrewInVain(view, view.memory.ascent, *view.latency);
}

Ask AskForLatency(const View& view, bool sized) {
  if (!view.hot_pod.empty()) return BlameHotPod(view);
  if (FewAreLate(view)) {
    return Stay(view, "TooFewRequests",
                "latency P99 is above its objective, but fewer than three requests were late: "
                "single ones say nothing of all others");
  }
  if (view.utilization && view.after_queue) {
    return Stay(view, "AwaitingEffect",
                "latency P99 is above its objective, of requests that a backlog held up");
  }
  if (view.heat == Heat::kCold && !view.after_step && !view.after_saturation)
    return AskDownstream(view);
  if (GrewInVainForLatency(view) && !view.after_step) {
    return Stay(
        view, "GrowthIneffective",
        "latency P99 is above its objective, and more pods have not lowered it: the time is "
        "lost elsewhere",
        "Ineffective");
  }
  return StepOrWait(view, LatencyFactor(view, sized), "LatencyAboveObjective",
                    "latency P99 is above its objective");
}

Ask AskForLag(const View& view, bool sized) {
  if (view.utilization && *view.utilization < kIdle) {
    return Stay(view, "BlockingCode",
                "event-loop lag is high while the event loops are mostly idle: single calls block "
                "them, and more replicas would not help",
                "Ineffective");
  }
  if (GrewInVain(view, view.memory.lag_ascent, *view.lag_ratio) && !view.after_step) {
    return Stay(view, "GrowthIneffective",
                "event-loop lag is above its objective, and more pods have not lowered it: single "
                "calls block the loops",
                "Ineffective");
  }
  return StepOrWait(view, StepFactor(view, *view.lag_ratio, sized), "LagAboveObjective",
                    "event-loop lag is above its objective");
}

Ask AskForErrors(const View& view) {
  if (view.heat == Heat::kHot) {
    return StepOrWait(view, 1.5, "ErrorsUnderOverload",
                      "errors are above their objective while the event loops are hot");
  }
  return Stay(view, "ErrorsAboveObjective",
              "errors are above their objective, which alone is no reason for more replicas");
}

}  // namespace

Replicas Grow(Replicas replicas, double factor) {
  const double grown = std::ceil(replicas * factor - 1e-9);
  constexpr auto kMost = std::numeric_limits<Replicas>::max();
  if (grown >= static_cast<double>(kMost)) return kMost;
  return std::max(static_cast<Replicas>(grown), replicas + 1);
}

Ask Stay(const View& view, std::string reason, std::string message, std::string bottleneck) {
  return {view.replicas, std::move(reason), std::move(message), std::move(bottleneck)};
}

std::vector<Ask> AskForObjectives(const View& view, bool sized) {
  std::vector<Ask> asks;
  if (Breached(view.latency)) asks.push_back(AskForLatency(view, sized));
  if (view.input.target.objectives.event_loop_lag_p99) {
    if (!view.hot_pod.empty()) asks.push_back(BlameHotPod(view));
    if (Breached(view.lag_ratio)) asks.push_back(AskForLag(view, sized));
  }
  if (Breached(view.errors)) asks.push_back(AskForErrors(view));
  return asks;
}

}  // namespace evenkeel::slo
