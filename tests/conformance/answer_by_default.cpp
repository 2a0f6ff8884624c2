#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "conformance/vectors.hpp"
#include "policies/ratio_parts.hpp"

namespace evenkeel::conformance {
namespace {

using nlohmann::json;

constexpr double kMilli = 1000;

// As the watch caches tell it (controller/kubernetes/population.cpp).
PodFact ToFact(const HpaPod& pod, std::chrono::milliseconds readiness_delay) {
  const bool ready = pod.phase == PodPhase::kRunning && pod.readiness &&
                     pod.readiness->status == HpaReadiness::Status::kTrue;
  const bool starting = !ready && (!pod.started || !pod.readiness ||
                                   pod.readiness->since < *pod.started + readiness_delay);
  return {pod.name, pod.phase, ready, starting, pod.deleted};
}

Answer Judge(const RatioSpec& spec, const TargetState& state, const Reading& reading,
             const Tolerance& tolerance) {
  const TargetSpec target;
  const Readings readings;
  const std::map<std::string, Series, std::less<>> series;
  const json memory;
  const Result<RatioVerdict> verdict =
      JudgeExactly(spec, {kNow, target, state, readings, series, tolerance, memory}, reading);
  if (!verdict) return {.error = true};
  return {.replicas = verdict->replicas};
}

Answer AnswerPods(const json& vector, const Nudge& nudge) {
  const HpaPerPod metric = ReadPerPod(vector);
  const bool utilization = vector.at("fn") == "resource";
  PodSpread spread;
  for (const auto& [pod, sample] : metric.samples) {
    const auto found = std::ranges::find(metric.pods, pod, &HpaPod::name);
    const std::int64_t request = found == metric.pods.end() ? 0 : found->request_milli.value_or(0);
    const double unit = utilization ? static_cast<double>(request) : kMilli;
    spread.values.push_back(
        {pod, static_cast<double>(sample.milli) / unit * nudge.factor + nudge.shift});
  }
  Reading reading = Reading::Value(0, kNow);
  reading.pods = std::move(spread);
  const double target = vector.at("target");
  const RatioSpec spec{"signal", utilization ? target : target / kMilli,
                       utilization ? RatioType::kUtilization : RatioType::kAverageValue};
  return Judge(spec, ReadState(vector, metric.flags.initial_readiness_delay), reading,
               metric.tolerance);
}

Answer AnswerValue(const json& vector, double factor) {
  const std::vector<std::int64_t> usages = ReadUsages(vector);
  const double usage = std::accumulate(usages.begin(), usages.end(), 0.0) / kMilli * factor;
  const bool average = vector.at("fn").get<std::string>().ends_with("Average");
  const RatioSpec spec{"signal", vector.at("target").get<double>() / kMilli,
                       average ? RatioType::kAverageValue : RatioType::kValue};
  return Judge(spec, ReadState(vector, HpaFlags{}.initial_readiness_delay),
               Reading::Value(usage, kNow), ReadTolerance(vector));
}

}  // namespace

TargetState ReadState(const json& vector, std::chrono::milliseconds readiness_delay) {
  TargetState state{.spec_replicas = vector.at("cur"),
                    .status_replicas = vector.value("status", 0)};
  for (const HpaPod& pod : ReadPods(vector)) {
    const PodFact& fact = state.pods.emplace_back(ToFact(pod, readiness_delay));
    if (fact.ready && !fact.terminating) ++state.ready;
  }
  return state;
}

Answer AnswerByDefault(const json& vector, Nudge nudge) {
  const std::string kind = vector.at("kind");
  if (kind == "pods") return AnswerPods(vector, nudge);
  if (kind == "value") return AnswerValue(vector, nudge.factor);
  Behavior behavior = ReadBehavior(vector, Arithmetic::kExact);
  if (!vector.at("behavior")) behavior.scale_up.stabilization_window = std::chrono::seconds(0);
  return Normalize(vector, behavior);
}

}  // namespace evenkeel::conformance
