#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <vector>

#include "policies/ratio_parts.hpp"

namespace evenkeel {
namespace {

// Quotients this close, relatively, differ by the last bits of a division only.
constexpr double kRounding = 1e-12;
constexpr double kMostReplicas = std::numeric_limits<Replicas>::max();

Replicas CeilReplicas(double replicas) {
  const double ceiled = std::ceil(replicas * (1 - kRounding));
  if (!(ceiled > 0)) return 0;  // not a number either
  return static_cast<Replicas>(std::min(ceiled, kMostReplicas));
}

bool InBand(const Tolerance& tolerance, double ratio) {
  return ratio >= 1 - tolerance.down - kRounding && ratio <= 1 + tolerance.up + kRounding;
}

// Above the target never fewer than spec.replicas, below it never more; with nothing ready there is
// no below.
RatioVerdict Towards(const TargetState& state, double ratio, double replicas) {
  const Replicas wanted = CeilReplicas(replicas);
  if (ratio > 1) return {std::max(wanted, state.spec_replicas), "AboveTarget"};
  if (state.ready == 0) return {state.spec_replicas, "BelowTarget"};
  return {std::min(wanted, state.spec_replicas), "BelowTarget"};
}

// `pods` share the load that reads as `ratio`. Surge pods share it too, which counts where replicas
// would be taken away, and does not where they would be added.
RatioVerdict Multiply(const TargetState& state, double ratio, int pods) {
  const int population = ratio > 1 ? std::min(pods, state.spec_replicas) : pods;
  return Towards(state, ratio, ratio * population);
}

RatioVerdict JudgeTotal(const RatioSpec& spec, const Input& input, double value) {
  const TargetState& state = input.state;
  const double wanted = value / spec.target;
  if (state.spec_replicas == 0) {
    return {CeilReplicas(wanted), wanted > 0 ? "AboveTarget" : "BelowTarget"};
  }
  const bool average = spec.type == RatioType::kAverageValue;
  const double ratio = average ? wanted / state.spec_replicas : wanted;
  if (InBand(input.tolerance, ratio)) return {state.spec_replicas, "InTolerance"};
  if (average) return Towards(state, ratio, wanted);
  return Multiply(state, ratio, state.ready > 0 ? state.ready : state.spec_replicas);
}

struct PodLoads {
  double sum = 0;
  int measured = 0;
  int missing = 0;  // ready, but without a sample
  int unready = 0;

  [[nodiscard]] double Mean() const { return sum / measured; }
  void Add(double value, int pods) {
    sum += value * pods;
    measured += pods;
  }
};

using Values = std::map<std::string_view, double>;

bool Exists(const PodFact& pod) {
  return !pod.terminating && pod.phase != PodPhase::kSucceeded && pod.phase != PodPhase::kFailed;
}

PodLoads Count(const std::vector<PodFact>& pods, const Values& values, bool any_ready) {
  PodLoads loads;
  for (const PodFact& pod : pods) {
    if (!Exists(pod)) continue;
    const auto value = values.find(pod.name);
    const bool counts = any_ready ? pod.ready : !pod.starting;
    if (!counts) {
      ++loads.unready;
    } else if (value == values.end()) {
      ++loads.missing;
    } else {
      loads.Add(value->second, 1);
    }
  }
  return loads;
}

PodLoads CountLoads(const TargetState& state, const PodSpread& spread) {
  Values values;
  for (const auto& [pod, value] : spread.values) {
    if (std::isfinite(value)) values.emplace(pod, value);
  }
  if (!state.pods.empty()) return Count(state.pods, values, state.ready > 0);
  PodLoads loads;
  for (const auto& [pod, value] : values) loads.Add(value, 1);
  return loads;
}

Result<RatioVerdict> JudgePods(const Input& input, const PodSpread& spread, double target,
                               double assumed) {
  const TargetState& state = input.state;
  PodLoads loads = CountLoads(state, spread);
  if (loads.measured == 0) {
    return Error{ErrorKind::kNotFound, "no ready pod of the target has a sample", {}};
  }
  const double measured = loads.Mean() / target;
  const int unmeasured = loads.missing + loads.unready;
  if (measured > 1) loads.Add(0, unmeasured);
  if (measured < 1) loads.Add(assumed, loads.missing);
  const double ratio = loads.Mean() / target;
  if (InBand(input.tolerance, ratio)) {
    const bool off = !InBand(input.tolerance, measured);
    return RatioVerdict{state.spec_replicas, off ? "UnmeasuredPods" : "InTolerance"};
  }
  const bool flipped = (measured > 1) != (ratio > 1);
  if (flipped) return RatioVerdict{state.spec_replicas, "UnmeasuredPods"};
  return Multiply(state, ratio, loads.measured);
}

}  // namespace

Result<RatioVerdict> JudgeExactly(const RatioSpec& spec, const Input& input,
                                  const Reading& reading) {
  const bool share = spec.type == RatioType::kUtilization;
  const double target = share ? spec.target / 100 : spec.target;
  if (reading.pods) {
    return JudgePods(input, *reading.pods, target, share ? std::max(1.0, target) : target);
  }
  return JudgeTotal({spec.signal, target, spec.type}, input, reading.value);
}

}  // namespace evenkeel
