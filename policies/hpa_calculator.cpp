#include "policies/hpa_calculator.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace evenkeel {
namespace {

using Names = std::set<std::string, std::less<>>;

constexpr std::int64_t kMostUsage = std::numeric_limits<std::int64_t>::max();
constexpr double kMostReplicas = std::numeric_limits<std::int32_t>::max();
constexpr double kLeastReplicas = std::numeric_limits<std::int32_t>::min();

// Go's integers wrap around.
std::int64_t WrappingAdd(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::int64_t WrappingMultiply(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

double RatioOf(std::int64_t usage, std::int64_t target) {
  return static_cast<double>(usage) / static_cast<double>(target);
}

bool InBand(const Tolerance& tolerance, double ratio) {
  return 1.0 - tolerance.down <= ratio && ratio <= 1.0 + tolerance.up;
}

struct Groups {
  int ready = 0;
  Names unready{};
  Names missing{};
  Names ignored{};
};

bool IsUnreadyForCpu(const HpaPerPod& metric, const HpaPod& pod, const HpaSample& sample) {
  if (!pod.readiness || !pod.started) return true;
  const bool not_ready = pod.readiness->status == HpaReadiness::Status::kFalse;
  if (*pod.started + metric.flags.cpu_initialization_period > metric.now) {
    return not_ready || sample.time < pod.readiness->since + sample.window;
  }
  return not_ready && *pod.started + metric.flags.initial_readiness_delay > pod.readiness->since;
}

Groups GroupPods(const HpaPerPod& metric) {
  Groups groups;
  for (const HpaPod& pod : metric.pods) {
    const auto sample = metric.samples.find(pod.name);
    if (pod.deleted || pod.phase == PodPhase::kFailed) {
      groups.ignored.insert(pod.name);
    } else if (pod.phase != PodPhase::kPending && sample == metric.samples.end()) {
      groups.missing.insert(pod.name);
    } else if (pod.phase == PodPhase::kPending ||
               (metric.cpu && IsUnreadyForCpu(metric, pod, sample->second))) {
      groups.unready.insert(pod.name);
    } else {
      ++groups.ready;
    }
  }
  return groups;
}

Error NotFound(std::string message) { return {ErrorKind::kNotFound, std::move(message), {}}; }

// What differs between a percentage of the requests and a plain average.
struct Measure {
  std::function<Result<double>(const HpaSamples&)> ratio;
  std::function<std::int64_t(const std::string&)> assumed;  // of a missing pod, when scaling down
};

HpaSamples Usable(const HpaPerPod& metric, const Groups& groups) {
  HpaSamples usable = metric.samples;
  for (const std::string& name : groups.ignored) usable.erase(name);
  for (const std::string& name : groups.unready) usable.erase(name);
  return usable;
}

void AssumeMissing(HpaSamples& samples, const Groups& groups, double ratio,
                   const Measure& measure) {
  for (const std::string& name : groups.missing) {
    if (ratio < 1.0) samples[name] = {measure.assumed(name)};
    if (ratio > 1.0) samples[name] = {0};
  }
}

// After assumptions: the present number where they leave no clear direction.
Replicas Reconsider(const HpaPerPod& metric, const HpaSamples& samples, double before,
                    double ratio) {
  const bool flipped = (before < 1.0 && ratio > 1.0) || (before > 1.0 && ratio < 1.0);
  if (InBand(metric.tolerance, ratio) || flipped) return metric.current;
  const Replicas replicas = HpaInt32(std::ceil(ratio * static_cast<double>(samples.size())));
  const bool against =
      (ratio < 1.0 && replicas > metric.current) || (ratio > 1.0 && replicas < metric.current);
  return against ? metric.current : replicas;
}

Result<Replicas> Calculate(const HpaPerPod& metric, const Measure& measure) {
  if (metric.pods.empty()) return NotFound("the target has no pods");
  const Groups groups = GroupPods(metric);
  HpaSamples samples = Usable(metric, groups);
  if (samples.empty()) return NotFound("no pod that counts has a sample");
  const Result<double> ratio = measure.ratio(samples);
  if (!ratio) return ratio.error();
  const bool up_with_unready = !groups.unready.empty() && *ratio > 1.0;
  if (!up_with_unready && groups.missing.empty()) {
    if (InBand(metric.tolerance, *ratio)) return metric.current;
    return HpaInt32(std::ceil(*ratio * static_cast<double>(groups.ready)));
  }
  AssumeMissing(samples, groups, *ratio, measure);
  if (up_with_unready) {
    for (const std::string& name : groups.unready) samples[name] = {0};
  }
  const Result<double> assumed = measure.ratio(samples);
  if (!assumed) return assumed.error();
  return Reconsider(metric, samples, *ratio, *assumed);
}

using Requests = std::map<std::string, std::int64_t, std::less<>>;

Result<double> UtilizationRatio(const HpaSamples& samples, const Requests& requests,
                                std::int32_t target_percent) {
  std::int64_t used = 0;
  std::int64_t requested = 0;
  for (const auto& [name, sample] : samples) {
    const auto request = requests.find(name);
    if (request == requests.end()) continue;
    used = WrappingAdd(used, sample.milli);
    requested = WrappingAdd(requested, request->second);
  }
  if (requested == 0) return NotFound("no sample belongs to a pod of the target");
  const auto percent = static_cast<std::int32_t>(WrappingMultiply(used, 100) / requested);
  return RatioOf(percent, target_percent);
}

bool AverageInBand(Replicas status, std::int64_t usage, std::int64_t target,
                   const Tolerance& tolerance) {
  const double ratio =
      static_cast<double>(usage) / (static_cast<double>(target) * static_cast<double>(status));
  return InBand(tolerance, ratio);
}

}  // namespace

std::int32_t HpaInt32(double value) {
  if (!(value > kLeastReplicas - 1 && value < kMostReplicas + 1)) {
    return std::numeric_limits<std::int32_t>::min();
  }
  return static_cast<std::int32_t>(value);
}

Result<Replicas> HpaUtilizationReplicas(const HpaPerPod& metric, std::int32_t target_percent) {
  Requests requests;
  for (const HpaPod& pod : metric.pods) {
    if (!pod.request_milli) return NotFound("pod " + pod.name + " has no request");
    requests[pod.name] = *pod.request_milli;
  }
  const std::int64_t most = std::max<std::int64_t>(100, target_percent);
  return Calculate(metric, {[&](const HpaSamples& samples) {
                              return UtilizationRatio(samples, requests, target_percent);
                            },
                            [&](const std::string& name) {
                              return WrappingMultiply(requests[name], most) / 100;
                            }});
}

Result<Replicas> HpaAverageReplicas(const HpaPerPod& metric, std::int64_t target_milli) {
  const auto ratio = [&](const HpaSamples& samples) -> Result<double> {
    std::int64_t used = 0;
    for (const auto& [name, sample] : samples) used = WrappingAdd(used, sample.milli);
    return RatioOf(used / static_cast<std::int64_t>(samples.size()), target_milli);
  };
  return Calculate(metric, {ratio, [&](const std::string&) { return target_milli; }});
}

Result<Replicas> HpaValueReplicas(Replicas current, std::int64_t usage_milli,
                                  std::int64_t target_milli, const Tolerance& tolerance,
                                  std::optional<std::int64_t> ready) {
  const double ratio = RatioOf(usage_milli, target_milli);
  if (current == 0) return HpaInt32(std::ceil(ratio));
  if (InBand(tolerance, ratio)) return current;
  if (!ready) return NotFound("the target has no pods");
  const double replicas = ratio * static_cast<double>(*ready);
  if (replicas > kMostReplicas) return std::numeric_limits<Replicas>::max();
  return HpaInt32(std::ceil(replicas));
}

std::optional<std::int64_t> HpaReadyPods(const std::vector<HpaPod>& pods) {
  if (pods.empty()) return std::nullopt;
  return std::count_if(pods.begin(), pods.end(), [](const HpaPod& pod) {
    return pod.phase == PodPhase::kRunning && pod.readiness &&
           pod.readiness->status == HpaReadiness::Status::kTrue;
  });
}

Replicas HpaObjectAverageReplicas(Replicas status, std::int64_t usage_milli,
                                  std::int64_t target_milli, const Tolerance& tolerance) {
  if (AverageInBand(status, usage_milli, target_milli, tolerance)) return status;
  return HpaInt32(std::ceil(RatioOf(usage_milli, target_milli)));
}

Replicas HpaExternalAverageReplicas(Replicas status, std::int64_t usage_milli,
                                    std::int64_t target_milli, const Tolerance& tolerance) {
  if (AverageInBand(status, usage_milli, target_milli, tolerance)) return status;
  const double replicas = std::ceil(RatioOf(usage_milli, target_milli));
  return replicas > kMostReplicas ? std::numeric_limits<Replicas>::max() : HpaInt32(replicas);
}

std::int64_t HpaExternalValueUsage(std::span<const std::int64_t> milli) {
  std::int64_t usage = 0;
  for (const std::int64_t value : milli) {
    if (value > 0 && usage > kMostUsage - value) return kMostUsage;
    usage = WrappingAdd(usage, value);
  }
  return usage;
}

std::int64_t HpaExternalAverageUsage(std::span<const std::int64_t> milli) {
  std::int64_t usage = 0;
  for (const std::int64_t value : milli) {
    usage = WrappingAdd(usage, value);
    if (usage < 0) return kMostUsage;
  }
  return usage;
}

}  // namespace evenkeel
