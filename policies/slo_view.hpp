// What the `slo` module looks at: the objectives as ratios, the heat of the event loops, and
// whether the last step has had time to show its effect.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policies/policy.hpp"
#include "policies/slo_memory.hpp"

namespace evenkeel::slo {

// Of the event loops, judged by ELU where it is known, else by lag. A breach of latency with cold
// loops is not the service's own fault. Slices of 20 ms alone make a P99 lag of 45 ms at a
// utilization of 0.6: below its objective, lag is judged by how far it exceeds the usual.
enum class Heat { kUnknown, kCold, kWarm, kHot };
[[nodiscard]] std::string_view ToString(Heat heat);

// ELU at which completed work no longer shows the demand.
inline constexpr double kSaturated = 0.90;
// ELU below which lag is the work of single calls, not of load (node.md § 2).
inline constexpr double kIdle = 0.40;
// ELU below which a loop does nothing but answer probes and scrapes.
inline constexpr double kAsleep = 0.10;
// Share of an objective that must be left to scale in.
inline constexpr double kMetWithMargin = 0.90;

// s; the gains of what is learned are those of readings that come so far apart.
inline constexpr double kReading = 15;

// Is a number known, and above its objective? Of a ratio of both.
[[nodiscard]] inline bool Breached(const std::optional<double>& ratio) {
  return ratio && *ratio > 1;
}

// An absent number is unknown or has no objective. Refers to `input`, which must outlive it.
struct View {
  const Input& input;
  Memory memory{};
  Replicas replicas = 0;
  int serving = 0;                      // ready pods, or all asked for while none is ready
  double startup = 0;                   // s, typical of a pod
  std::optional<double> latency{};      // P99 / objective
  std::optional<double> late{};         // share of requests slower than the objective
  std::optional<double> errors{};       // error rate / objective
  bool overdue = false;                 // a scrape of the loops is, in an overload at the proxy
  double lag_objective = 0;             // s; 0.1 where the policy has none
  std::optional<double> lag{};          // s, that a quarter of the pods and at least two exceed
  std::optional<double> lag_ratio{};    // lag / objective
  bool lag_low = true;                  // unknown, or no sign that requests wait for the loops
  std::optional<double> utilization{};  // mean ELU, 0..1, without the hot pod
  std::optional<double> rate{};         // requests/s
  TimePoint rate_at{};                  // of the newest sample in that
  std::optional<double> in_flight{};    // requests that the proxy or the pods have in hand
  TimePoint in_flight_at{};             // of that sample
  double quartile = 0;                  // 25th percentile of ELU over the pods
  double target_utilization = 0;
  std::string hot_pod{};    // the one whose lag is far above the others', if there is one,
  bool hot_silent = false;  // or that alone answers no scrape while requests are late
  Heat heat = Heat::kUnknown;
  int silent = 0;                 // ready pods that answer no scrape
  bool idle = false;              // it is known that there are no requests, nor other work
  bool after_step = false;        // the effect of a step is not visible yet
  bool after_saturation = false;  // likewise of pods for a load above capacity
  bool after_shrink = false;      // likewise of a step down
  bool after_probe = false;       // likewise of pods tried (slo_probe.hpp)
  bool pods_start = false;        // some are not ready yet, and are expected to be soon
  bool after_queue = false;       // the window may still hold the latencies of a backlog
};

// A signal that is not exported is one thing; one that is and cannot be read is another.
[[nodiscard]] bool Unreadable(const View& view, std::string_view name);

// s from then until now.
[[nodiscard]] double Since(const View& view, TimePoint at);

// s. What rose in less is not told from noise, nor from the samples of another proxy.
inline constexpr double kApart = 5;

// s, of the rates: they reach from a sample to a sample, so over the window less one distance of
// samples, which is taken to be that from `last`, kApart at least and half a window at most.
[[nodiscard]] double Reach(const View& view, TimePoint last);

// Requests/s since a reading of the rate, whose newest sample was of `at`, while the load before is
// `usual` and still in the window. The rate must be known.
[[nodiscard]] double RateSince(const View& view, TimePoint at, double rate, double usual);
// The same since the model's last reading.
[[nodiscard]] double RateSince(const View& view, const Model& model);

// The readings without what pods report that are not ready: no request reaches them, so in an
// overload that makes pods fail their probes they would pass for idle ones. Nothing where all that
// report are ready, or none is.
[[nodiscard]] std::optional<Readings> WithoutUnready(const Input& input);

// Did the step of which that is all begin so lately that its effect cannot be seen yet?
[[nodiscard]] bool InDeadTime(const View& view, TimePoint begun);

[[nodiscard]] View Look(const Input& input);

}  // namespace evenkeel::slo
