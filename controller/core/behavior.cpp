#include "controller/core/behavior.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "policies/hpa_calculator.hpp"

namespace evenkeel {
namespace {

// Replica counts fit 31 bits, percentages too: their products need 64.
using Wide = std::int64_t;

Replicas Narrow(Wide value) {
  return static_cast<Replicas>(std::clamp<Wide>(value, 0, std::numeric_limits<Replicas>::max()));
}

bool Within(TimePoint time, TimePoint now, std::chrono::seconds window) {
  return time > now - window;
}

// The size at the start of the period: today's, less what was added, plus what was taken away.
Wide PeriodStart(const History& history, Replicas current, TimePoint now,
                 std::chrono::seconds period) {
  Wide start = current;
  for (const ScaleEvent& event : history.scale_events) {
    if (Within(event.time, now, period)) start -= Wide{event.to} - event.from;
  }
  return start;
}

// The HPA's int32, which wraps around.
Wide Wrap(Wide value) { return static_cast<std::int32_t>(value); }

Wide HpaUpperLimit(const RatePolicy& rule, Wide start) {
  start = Wrap(start);
  if (rule.type == RateType::kPods) return Wrap(start + rule.value);
  return HpaInt32(std::ceil(static_cast<double>(start) * (1 + rule.value / 100.0)));
}

Wide HpaLowerLimit(const RatePolicy& rule, Wide start) {
  start = Wrap(start);
  if (rule.type == RateType::kPods) return Wrap(start - rule.value);
  return HpaInt32(static_cast<double>(start) * (1 - rule.value / 100.0));
}

Wide UpperLimit(const RatePolicy& rule, Wide start, Arithmetic arithmetic) {
  if (arithmetic == Arithmetic::kHpa) return HpaUpperLimit(rule, start);
  start = std::max<Wide>(start, 0);
  if (rule.type == RateType::kPods) return start + rule.value;
  return (start * (100 + Wide{rule.value}) + 99) / 100;
}

Wide LowerLimit(const RatePolicy& rule, Wide start, Arithmetic arithmetic) {
  if (arithmetic == Arithmetic::kHpa) return HpaLowerLimit(rule, start);
  start = std::max<Wide>(start, 0);
  if (rule.type == RateType::kPods) return start - rule.value;
  return start * std::max<Wide>(100 - Wide{rule.value}, 0) / 100;
}

std::string Describe(char sign, const RatePolicy& rule) {
  return sign + std::to_string(rule.value) + (rule.type == RateType::kPercent ? "%" : "") + "/" +
         std::to_string(rule.period.count()) + "s";
}

struct Limit {
  Wide replicas = 0;
  std::string rule;
};

// The policies' limits compared by `wider`: Max takes the widest, Min the narrowest.
template <class LimitOf, class Wider>
Limit Select(const ScalingRules& rules, char sign, LimitOf limit_of, Wider wider) {
  std::optional<Limit> selected;
  for (const RatePolicy& rule : rules.policies) {
    const Limit candidate{limit_of(rule), Describe(sign, rule)};
    const bool take = !selected || (rules.select_policy == SelectPolicy::kMin
                                        ? wider(selected->replicas, candidate.replicas)
                                        : wider(candidate.replicas, selected->replicas));
    if (take) selected = candidate;
  }
  return selected.value_or(Limit{});
}

Limited LimitUp(const Behavior& behavior, const History& history, Replicas current, Replicas wanted,
                TimePoint now) {
  const Limit limit = Select(
      behavior.scale_up, '+',
      [&](const RatePolicy& rule) {
        return UpperLimit(rule, PeriodStart(history, current, now, rule.period),
                          behavior.arithmetic);
      },
      std::greater<>());
  // A percentage of nothing is nothing: by it alone a service would never wake.
  const bool wakes = current == 0 && behavior.arithmetic == Arithmetic::kExact;
  const Wide bound = std::max<Wide>(limit.replicas, wakes ? 1 : current);
  if (wanted <= bound) return {wanted};
  return {Narrow(bound), limit.rule};
}

Limited LimitDown(const Behavior& behavior, const History& history, Replicas current,
                  Replicas wanted, TimePoint now) {
  const Limit limit = Select(
      behavior.scale_down, '-',
      [&](const RatePolicy& rule) {
        return LowerLimit(rule, PeriodStart(history, current, now, rule.period),
                          behavior.arithmetic);
      },
      std::less<>());
  const Wide bound = std::min<Wide>(limit.replicas, current);
  if (wanted >= bound) return {wanted};
  return {Narrow(bound), limit.rule};
}

std::string WindowRule(std::string_view pick, std::chrono::seconds window) {
  return std::string(pick) + "/" + std::to_string(window.count()) + "s";
}

}  // namespace

std::chrono::seconds LongestPeriod(const Behavior& behavior) {
  std::chrono::seconds longest{0};
  for (const ScalingRules* rules : {&behavior.scale_up, &behavior.scale_down}) {
    for (const RatePolicy& rule : rules->policies) longest = std::max(longest, rule.period);
  }
  return longest;
}

ScalingRules Behavior::DefaultScaleUp() {
  using std::chrono::seconds;
  return {seconds(0),
          SelectPolicy::kMax,
          {{RateType::kPods, 4, seconds(15)}, {RateType::kPercent, 100, seconds(15)}},
          0.1};
}

ScalingRules Behavior::DefaultScaleDown() {
  using std::chrono::seconds;
  return {seconds(300), SelectPolicy::kMax, {{RateType::kPercent, 100, seconds(15)}}, 0.1};
}

Limited Stabilize(const Behavior& behavior, const History& history, Replicas current,
                  Replicas recommended, TimePoint now) {
  Replicas up = recommended;
  Replicas down = recommended;
  for (const Recommendation& past : history.recommendations) {
    if (!past.assumed && Within(past.time, now, behavior.scale_up.stabilization_window)) {
      up = std::min(up, past.replicas);
    }
    if (Within(past.time, now, behavior.scale_down.stabilization_window)) {
      down = std::max(down, past.replicas);
    }
  }
  const Replicas stabilized = std::min(std::max(current, up), down);
  if (stabilized == recommended) return {recommended};
  return {stabilized, recommended > stabilized
                          ? WindowRule("min", behavior.scale_up.stabilization_window)
                          : WindowRule("max", behavior.scale_down.stabilization_window)};
}

Limited LimitRate(const Behavior& behavior, const History& history, Replicas current,
                  Replicas wanted, TimePoint now) {
  if (wanted == current) return {wanted};
  const ScalingRules& rules = wanted > current ? behavior.scale_up : behavior.scale_down;
  if (rules.select_policy == SelectPolicy::kDisabled) return {current, "disabled"};
  return wanted > current ? LimitUp(behavior, history, current, wanted, now)
                          : LimitDown(behavior, history, current, wanted, now);
}

}  // namespace evenkeel
