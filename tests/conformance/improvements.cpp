#include "conformance/improvements.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace evenkeel::conformance {
namespace {

using nlohmann::json;

struct Difference {
  const json& vector;
  const Answer& hpa;
  const Answer& ours;

  [[nodiscard]] std::string Kind() const { return vector.at("kind"); }
  [[nodiscard]] std::string Function() const { return vector.value("fn", ""); }
  [[nodiscard]] bool OfPods() const { return Kind() == "pods"; }
  [[nodiscard]] bool OfValue() const { return Function().ends_with("Value"); }
  [[nodiscard]] bool OfAverage() const { return Function().ends_with("Average"); }
  [[nodiscard]] bool OfReplicas() const { return OfPods() || OfValue() || OfAverage(); }
  [[nodiscard]] Replicas Current() const { return vector.at("cur"); }
};

bool Finished(const HpaPod& pod) {
  return pod.phase == PodPhase::kSucceeded || pod.phase == PodPhase::kFailed;
}

bool Ready(const HpaPod& pod) {
  return pod.phase == PodPhase::kRunning && pod.readiness &&
         pod.readiness->status == HpaReadiness::Status::kTrue;
}

// Pods that neither end nor have ended.
std::vector<HpaPod> Living(const json& vector) {
  std::vector<HpaPod> pods = ReadPods(vector);
  std::erase_if(pods, [](const HpaPod& pod) { return pod.deleted || Finished(pod); });
  return pods;
}

Replicas CountReady(const json& vector) {
  const std::vector<HpaPod> pods = Living(vector);
  return static_cast<Replicas>(std::ranges::count_if(pods, Ready));
}

bool NoBehavior(const Difference& it) {
  return it.vector.contains("behavior") && !it.vector.at("behavior");
}

bool NegativeStart(const Difference& it) {
  if (it.OfReplicas() || it.Kind() == "stabilize") return false;
  const History history = ReadHistory(it.vector);
  const Behavior behavior = ReadBehavior(it.vector, Arithmetic::kExact);
  const auto negative = [&](const RatePolicy& rule) {
    std::int64_t start = it.Current();
    for (const ScaleEvent& event : history.scale_events) {
      if (event.time > kNow - rule.period) start -= std::int64_t{event.to} - event.from;
    }
    return start < 0;
  };
  return std::ranges::any_of(behavior.scale_up.policies, negative) ||
         std::ranges::any_of(behavior.scale_down.policies, negative);
}

bool FromZero(const Difference& it) {
  const bool limited = !it.OfReplicas() && it.Kind() != "stabilize";
  return limited && it.Current() == 0 && it.hpa.replicas == 0 && it.ours.replicas == 1;
}

// Doubles err by the last bits, so by one replica at most.
bool ExactPercent(const Difference& it) {
  if (it.OfReplicas() || it.Kind() == "stabilize") return false;
  const Behavior behavior = ReadBehavior(it.vector, Arithmetic::kExact);
  const auto percent = [](const RatePolicy& rule) { return rule.type == RateType::kPercent; };
  const bool any = std::ranges::any_of(behavior.scale_up.policies, percent) ||
                   std::ranges::any_of(behavior.scale_down.policies, percent);
  return any && std::abs(it.hpa.replicas - it.ours.replicas) <= 1;
}

bool TerminatingPods(const Difference& it) {
  const std::vector<HpaPod> pods = ReadPods(it.vector);
  return it.OfValue() &&
         std::ranges::any_of(pods, [](const HpaPod& pod) { return pod.deleted && Ready(pod); });
}

bool NoReadyPod(const Difference& it) {
  return (it.OfPods() || it.OfValue() || it.OfAverage()) && CountReady(it.vector) == 0;
}

bool Strangers(const Difference& it) {
  if (!it.OfPods()) return false;
  std::set<std::string> known;
  bool succeeded = false;
  for (const HpaPod& pod : ReadPods(it.vector)) {
    known.insert(pod.name);
    succeeded |= !pod.deleted && pod.phase == PodPhase::kSucceeded;
  }
  return succeeded || std::ranges::any_of(it.vector.at("metrics"), [&](const json& sample) {
           return !known.contains(sample.at("pod").get<std::string>());
         });
}

bool UnreadyPods(const Difference& it) {
  if (!it.OfPods()) return false;
  const HpaPerPod metric = ReadPerPod(it.vector);
  const auto judged_apart = [&](const HpaPod& pod) {
    const bool young = !pod.started || *pod.started + metric.flags.cpu_initialization_period > kNow;
    return (pod.phase != PodPhase::kPending && !Ready(pod)) || (metric.cpu && young);
  };
  return std::ranges::any_of(Living(it.vector), judged_apart);
}

bool UnequalPods(const Difference& it) {
  if (it.Function() != "resource") return false;
  std::set<std::int64_t> requests;
  for (const HpaPod& pod : ReadPods(it.vector)) requests.insert(pod.request_milli.value_or(0));
  return requests.size() > 1 || requests.contains(0);
}

bool Surge(const Difference& it) {
  if (it.OfPods()) return static_cast<Replicas>(Living(it.vector).size()) > it.Current();
  return it.OfValue() && CountReady(it.vector) > it.Current();
}

// More than are ready were proposed, so the ratio was above 1.
bool LowersAboveTarget(const Difference& it) {
  return (it.OfPods() || it.OfValue()) && it.hpa.replicas > CountReady(it.vector) &&
         it.hpa.replicas < it.Current();
}

bool AboveTarget(const Difference& it) {
  return LowersAboveTarget(it) && it.ours.replicas == it.Current();
}

bool StatusNotSpec(const Difference& it) {
  return it.OfAverage() && it.vector.at("status") != it.vector.at("cur");
}

bool Saturated(const Difference& it) {
  const auto most = static_cast<double>(std::numeric_limits<std::int64_t>::max());
  if (!it.OfValue() && !it.OfAverage()) return false;
  const std::vector<std::int64_t> usages = ReadUsages(it.vector);
  return std::accumulate(usages.begin(), usages.end(), 0.0) >= most;
}

double PodsPerSample(const json& vector) {
  const HpaPerPod metric = ReadPerPod(vector);
  const std::vector<HpaPod> pods = Living(vector);
  const auto sampled = std::ranges::count_if(
      pods, [&](const HpaPod& pod) { return Ready(pod) && metric.samples.contains(pod.name); });
  return static_cast<double>(pods.size()) / static_cast<double>(std::max<long>(sampled, 1));
}

constexpr double kBits = 1e-9;

// What is cut off is less than a milli-unit or a percent of the mean over all pods, those without a
// sample included; the last bits are far less.
bool Rounded(const Difference& it) {
  if (!it.OfReplicas() || it.hpa.error || it.ours.error) return false;
  double cut = it.Function() == "resource" ? 0.01 : 0.001;
  if (it.OfPods()) cut *= PodsPerSample(it.vector);
  const Answer least = AnswerByDefault(it.vector, {-cut, 1 - kBits});
  const Answer most = AnswerByDefault(it.vector, {0, 1 + kBits});
  const Replicas hpa = LowersAboveTarget(it) ? it.Current() : it.hpa.replicas;
  return least.replicas <= hpa && hpa <= most.replicas;
}

struct Rule {
  Improvement improvement;
  bool (*explains)(const Difference&) = nullptr;
};

constexpr std::array kRules = {
    Rule{
        {"BehaviorDefaults", "an absent behavior means autoscaling/v2's defaults, not older rules"},
        &NoBehavior},
    Rule{{"NoNegativeStart", "a period cannot have begun below zero replicas"}, &NegativeStart},
    Rule{{"WakesFromZero",
          "from zero one replica is always allowed, whatever a percentage of it is"},
         &FromZero},
    Rule{{"ExactPercent", "a percentage of replicas is computed in integers"}, &ExactPercent},
    Rule{{"NoReadyPodIsNotZero", "with no ready pod the population is spec.replicas"}, &NoReadyPod},
    Rule{{"TerminatingPodsExcluded", "pods that end count nowhere"}, &TerminatingPods},
    Rule{{"StrangersLeftOut", "samples of pods that are gone or have finished count nowhere"},
         &Strangers},
    Rule{{"UnreadyPodsLeftOut", "a sample of an unready pod counts for no metric"}, &UnreadyPods},
    Rule{{"EqualPods", "there are no requests: every pod is one event loop"}, &UnequalPods},
    Rule{{"SpecNotStatus", "AverageValue is judged on spec.replicas"}, &StatusNotSpec},
    Rule{{"SurgeDoesNotInflate", "pods beyond spec.replicas multiply nothing"}, &Surge},
    Rule{{"AboveTargetNeverLowers", "above the target never fewer than spec.replicas"},
         &AboveTarget},
    Rule{{"ExactRounding", "nothing is cut off, and the last bits are not rounded up"}, &Rounded},
    Rule{{"Saturation", "sums beyond 2^63-1 are not cut off"}, &Saturated},
};

}  // namespace

std::optional<Improvement> Explain(const json& vector, const Answer& hpa, const Answer& ours) {
  const Difference difference{vector, hpa, ours};
  for (const Rule& rule : kRules) {
    if (rule.explains(difference)) return rule.improvement;
  }
  return std::nullopt;
}

}  // namespace evenkeel::conformance
