// The replica calculator of the HPA (Kubernetes 1.37, pkg/controller/podautoscaler), bit for bit:
// for `compatibility: hpa` of module ratio, and for the conformance tests. What would be a defect
// elsewhere is the purpose here: quantities are whole milli-units, averages and percentages are cut
// off to integers, ratios are IEEE doubles whose last bits are rounded up, sums wrap around, and a
// number beyond 32 bits becomes the smallest one, as Go on amd64 has it.
//
// Units: *_milli are thousandths of the metric's unit, percent is of the pods' requests. The sum of
// the requests must be positive where it is not zero. Errors are kNotFound: no pod, no sample of a
// pod that counts, a pod without a request; the HPA then calls the metric invalid.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policies/policy.hpp"
#include "policies/reading.hpp"
#include "policies/result.hpp"

namespace evenkeel {

// The pod's condition Ready.
struct HpaReadiness {
  enum class Status { kFalse, kTrue, kUnknown };
  Status status = Status::kUnknown;
  TimePoint since{};  // lastTransitionTime
};

struct HpaPod {
  std::string name{};
  PodPhase phase = PodPhase::kRunning;
  bool deleted = false;
  std::optional<TimePoint> started{};
  std::optional<HpaReadiness> readiness{};
  std::optional<std::int64_t> request_milli{};  // absent: a container of it has none
};

struct HpaSample {
  std::int64_t milli = 0;
  TimePoint time{};
  std::chrono::milliseconds window{0};
};
using HpaSamples = std::map<std::string, HpaSample, std::less<>>;

// kube-controller-manager's flags of the same names, with their defaults.
struct HpaFlags {
  std::chrono::milliseconds cpu_initialization_period = std::chrono::minutes(5);
  std::chrono::milliseconds initial_readiness_delay = std::chrono::seconds(30);
};

// A metric with a sample per pod. Readiness counts for `cpu` only: any other metric takes every
// running pod that has a sample.
struct HpaPerPod {
  Replicas current = 0;  // spec.replicas
  std::vector<HpaPod> pods{};
  HpaSamples samples{};
  Tolerance tolerance{};
  bool cpu = false;
  TimePoint now{};
  HpaFlags flags{};
};

// Resource metric, target Utilization (GetResourceReplicas).
[[nodiscard]] Result<Replicas> HpaUtilizationReplicas(const HpaPerPod& metric,
                                                      std::int32_t target_percent);

// Resource or Pods metric, target AverageValue (GetRawResourceReplicas, GetMetricReplicas).
[[nodiscard]] Result<Replicas> HpaAverageReplicas(const HpaPerPod& metric,
                                                  std::int64_t target_milli);

// Object or External metric, target Value: from zero replicas without tolerance, otherwise times
// the `ready` pods, absent if there are no pods at all.
[[nodiscard]] Result<Replicas> HpaValueReplicas(Replicas current, std::int64_t usage_milli,
                                                std::int64_t target_milli,
                                                const Tolerance& tolerance,
                                                std::optional<std::int64_t> ready);

// The pods that are running and ready, terminating ones included.
[[nodiscard]] std::optional<std::int64_t> HpaReadyPods(const std::vector<HpaPod>& pods);

// Object metric, target AverageValue. `status` is status.replicas.
[[nodiscard]] Replicas HpaObjectAverageReplicas(Replicas status, std::int64_t usage_milli,
                                                std::int64_t target_milli,
                                                const Tolerance& tolerance);

// External metric, target AverageValue: as of an object, and never beyond 2^31-1.
[[nodiscard]] Replicas HpaExternalAverageReplicas(Replicas status, std::int64_t usage_milli,
                                                  std::int64_t target_milli,
                                                  const Tolerance& tolerance);

// The usage of an External metric is the sum of its series; both stop at 2^63-1. That of
// AverageValue takes every negative sum for an overflow.
[[nodiscard]] std::int64_t HpaExternalValueUsage(std::span<const std::int64_t> milli);
[[nodiscard]] std::int64_t HpaExternalAverageUsage(std::span<const std::int64_t> milli);

// A double cut off to 32 bits as Go does on amd64: what does not fit becomes -2^31.
[[nodiscard]] std::int32_t HpaInt32(double value);

}  // namespace evenkeel
