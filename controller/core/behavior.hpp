// Behavior: autoscaling/v2 HorizontalPodAutoscalerBehavior, and the stages of a decision that it
// governs. Same fields, bounds and defaults as the HPA's (k8s.io/api/autoscaling/v2, KEP-853,
// KEP-4951).
//
// The arithmetic of the rate policies is exact by default: 10 % on 100 replicas are 110, and a
// period cannot have begun below zero replicas, however many others took away since. kHpa is bit
// for bit the HPA's: doubles (10 % on 100 are 111, 90 % less than 10 are 0), 32 bits that wrap
// around, and no such floor.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controller/core/history.hpp"
#include "policies/policy.hpp"

namespace evenkeel {

enum class SelectPolicy { kMax, kMin, kDisabled };
enum class RateType { kPods, kPercent };

struct RatePolicy {
  RateType type = RateType::kPods;
  int value = 1;                    // pods or percent, > 0
  std::chrono::seconds period{15};  // 1 s .. 1800 s

  bool operator==(const RatePolicy&) const = default;
};

struct ScalingRules {
  std::chrono::seconds stabilization_window{0};  // 0 .. 3600 s
  SelectPolicy select_policy = SelectPolicy::kMax;
  std::vector<RatePolicy> policies;
  double tolerance = 0.1;  // >= 0; used by ratio-like modules

  bool operator==(const ScalingRules&) const = default;
};

enum class Arithmetic { kExact, kHpa };

struct Behavior {
  ScalingRules scale_up = DefaultScaleUp();
  ScalingRules scale_down = DefaultScaleDown();
  Arithmetic arithmetic = Arithmetic::kExact;  // kHpa while a module is `compatibility: hpa`

  bool operator==(const Behavior&) const = default;

  // Stabilization 0 s; the larger of 4 pods and 100 % in 15 s.
  static ScalingRules DefaultScaleUp();
  // Stabilization 300 s; 100 % in 15 s.
  static ScalingRules DefaultScaleDown();
};

// Over both directions; 0 without rate policies. Scale events are needed for as long.
[[nodiscard]] std::chrono::seconds LongestPeriod(const Behavior& behavior);

// What a stage made of a number, and by which rule.
struct Limited {
  Replicas replicas = 0;
  std::string rule{};  // "+3/60s", "max over 300s"; empty when the stage changed nothing

  bool operator==(const Limited&) const = default;
};

// The least of the recommendations within the scale-up window bounds a rise, the greatest within
// the scale-down window bounds a fall (hpa.md § 1.7); `recommended` counts as made at `now`.
// Assumed ones bound a fall only.
[[nodiscard]] Limited Stabilize(const Behavior& behavior, const History& history, Replicas current,
                                Replicas recommended, TimePoint now);

// Bounds the change by the rate policies, given the scale events of their periods (hpa.md § 1.6).
// Never forces a move: at the limit the current number stays. From zero one replica is always
// allowed (kExact), or a percentage alone would keep a service asleep.
[[nodiscard]] Limited LimitRate(const Behavior& behavior, const History& history, Replicas current,
                                Replicas wanted, TimePoint now);

}  // namespace evenkeel
