#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "policies/hpa_calculator.hpp"
#include "policies/ratio_parts.hpp"

namespace evenkeel {
namespace {

constexpr std::int64_t kEventLoop = 1000;  // the request of a pod: one event loop, in milli-units
constexpr double kMostMilli = 9.2e18;      // fits 64 bits
constexpr double kNanoBelow = 1e6;         // a double of this size has no nano-units left

std::int64_t Whole(double milli) {
  return static_cast<std::int64_t>(std::clamp(milli, -kMostMilli, kMostMilli));
}

// Cut off to whole thousandths, as metrics adapters do.
std::int64_t ToMilli(double value) { return Whole(value * 1000); }

// Rounded up, as Quantity.MilliValue does; what a double cannot tell from whole nano-units is them.
std::int64_t TargetMilli(double target) {
  const double milli =
      target < kNanoBelow ? std::ceil(std::round(target * 1e9) / 1e6) : std::ceil(target * 1000);
  return std::max<std::int64_t>(Whole(milli), 1);
}

HpaPod Describe(const PodFact& pod) {
  const auto status = pod.ready ? HpaReadiness::Status::kTrue : HpaReadiness::Status::kFalse;
  return {.name = pod.name,
          .phase = pod.phase,
          .deleted = pod.terminating,
          .started = {},
          .readiness = HpaReadiness{status, {}},
          .request_milli = kEventLoop};
}

std::vector<HpaPod> WatchedPods(const TargetState& state) {
  std::vector<HpaPod> pods;
  for (const PodFact& pod : state.pods) pods.push_back(Describe(pod));
  return pods;
}

// Where the pods are not watched, those that report are the pods.
std::vector<HpaPod> PodsOf(const TargetState& state, const PodSpread& spread) {
  std::vector<HpaPod> pods = WatchedPods(state);
  if (!pods.empty()) return pods;
  pods.reserve(spread.values.size());
  for (const PodValue& value : spread.values) {
    pods.push_back(Describe({.name = value.pod, .phase = PodPhase::kRunning, .ready = true}));
  }
  return pods;
}

// Where they are not, as many are ready as is said.
std::optional<std::int64_t> ReadyPods(const TargetState& state) {
  return state.pods.empty() ? state.ready : HpaReadyPods(WatchedPods(state));
}

Result<Replicas> ReplicasOfPods(const RatioSpec& spec, const Input& input,
                                const PodSpread& spread) {
  HpaPerPod metric{.current = input.state.spec_replicas,
                   .pods = PodsOf(input.state, spread),
                   .samples = {},
                   .tolerance = input.tolerance,
                   .cpu = false,
                   .now = input.now};
  for (const auto& [pod, value] : spread.values) metric.samples[pod] = {ToMilli(value)};
  if (spec.type == RatioType::kUtilization) {
    return HpaUtilizationReplicas(metric, HpaInt32(spec.target));
  }
  return HpaAverageReplicas(metric, TargetMilli(spec.target));
}

Result<Replicas> ReplicasOf(const RatioSpec& spec, const Input& input, const Reading& reading) {
  if (reading.pods) return ReplicasOfPods(spec, input, *reading.pods);
  const std::array series = {ToMilli(reading.value)};
  const std::int64_t target = TargetMilli(spec.target);
  switch (spec.type) {
    case RatioType::kValue:
      return HpaValueReplicas(input.state.spec_replicas, HpaExternalValueUsage(series), target,
                              input.tolerance, ReadyPods(input.state));
    case RatioType::kAverageValue:
      return HpaExternalAverageReplicas(input.state.status_replicas,
                                        HpaExternalAverageUsage(series), target, input.tolerance);
    case RatioType::kUtilization:
      break;
  }
  return Error{ErrorKind::kNotFound, "there are no samples per pod", {}};
}

}  // namespace

// The HPA gives a number and no reason: the direction is the reason. Below zero (an overflow) it
// means as few as the bounds allow, and so does zero.
Result<RatioVerdict> JudgeAsHpa(const RatioSpec& spec, const Input& input, const Reading& reading) {
  const Result<Replicas> replicas = ReplicasOf(spec, input, reading);
  if (!replicas) return replicas.error();
  const Replicas spec_replicas = input.state.spec_replicas;
  std::string_view reason = "InTolerance";
  if (*replicas > spec_replicas) reason = "AboveTarget";
  if (*replicas < spec_replicas) reason = "BelowTarget";
  return RatioVerdict{std::max(*replicas, 0), reason};
}

}  // namespace evenkeel
