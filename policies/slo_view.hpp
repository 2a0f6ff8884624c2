// What the `slo` module looks at: the objectives as ratios, the heat of the event loops, and
// whether the last step has had time to show its effect.
#pragma once

#include <optional>
#include <string_view>

#include "policies/policy.hpp"

namespace evenkeel::slo {

// Of the event loops, judged by ELU where it is known, else by lag. A breach of latency with cold
// loops is not the service's own fault.
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

// Keys of the module's memory; each holds {"at": milliseconds since the epoch, "from": replicas}.
inline constexpr std::string_view kStepMemory = "step";              // a step up was asked for
inline constexpr std::string_view kSaturationMemory = "saturation";  // a doubling was asked for
inline constexpr std::string_view kShrinkMemory = "shrink";          // a step down by feel

// An absent number is unknown or has no objective. Refers to `input`, which must outlive it.
struct View {
  const Input& input;
  Replicas replicas = 0;
  int serving = 0;                  // ready pods, or all asked for while none is ready
  std::optional<double> latency{};  // P99 / objective
  std::optional<double> errors{};   // error rate / objective
  std::optional<double> lag{};      // lag / objective (100 ms where there is none), mean of pods
  std::optional<double> utilization{};  // mean ELU, 0..1
  std::optional<double> rate{};         // requests/s
  double quartile = 0;                  // 25th percentile of ELU over the pods
  double target_utilization = 0;
  Heat heat = Heat::kUnknown;
  bool idle = false;              // it is known that there are no requests, nor other work
  bool after_step = false;        // the effect of a step is not visible yet
  bool after_saturation = false;  // likewise of a doubling
  bool after_shrink = false;      // likewise of a step down
};

[[nodiscard]] View Look(const Input& input);

}  // namespace evenkeel::slo
