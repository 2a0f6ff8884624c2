#include "controller/core/scaling_policy.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <string>
#include <utility>

#include "controller/core/scaling_policy_parts.hpp"
#include "controller/core/spec_reader.hpp"
#include "controller/core/spec_values.hpp"
#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr int kMostReplicas = 1'000'000;

constexpr TextRule kObjectName{
    &IsObjectName, 253,
    "must be the name of an object, made of lower case letters, digits, \"-\" and \".\""};
constexpr TextRule kNamespace{
    &IsSimpleName, 63,
    "must be the name of a namespace, made of lower case letters, digits and \"-\""};
constexpr TextRule kApiVersion{&IsApiVersion, 253, "must be an API version, e.g. \"apps/v1\""};
constexpr TextRule kKind{&IsKind, 63,
                         "must be the kind of an object, e.g. \"Deployment\" or \"StatefulSet\""};
constexpr IntegerRule kMinReplicas{0, kMostReplicas, "must be between 0 and 1000000"};
constexpr IntegerRule kMaxReplicas{1, kMostReplicas, "must be between 1 and 1000000"};
constexpr IntegerRule kFallbackReplicas{
    1, std::numeric_limits<int>::max(),
    "must be at least 1: it is a floor while no signal is known and never takes replicas away"};
constexpr DurationRule kFallbackAfter{
    seconds{1}, hours{24},
    "must be a duration with a unit, from 1s to 24h, e.g. \"90s\", \"5m\" or \"1h30m\""};

constexpr std::array kObjectives = {signal::kLatencyP99, signal::kErrorRate,
                                    signal::kEventLoopLagP99, signal::kEventLoopUtilization};

std::string StringOr(const nlohmann::json* json, std::string fallback) {
  return json != nullptr && json->is_string() ? json->get<std::string>() : std::move(fallback);
}

// The API server checks metadata; only what we rely on is read, and only its names are checked.
void ReadMetadata(SpecObject& object, ScalingPolicy& policy) {
  const nlohmann::json* json = object.Find("metadata");
  object.Object("metadata", [&](SpecObject& metadata) {
    metadata.Require("name");
    policy.key.name = metadata.Text("name", kObjectName).value_or("");
    policy.key.namespace_name = metadata.Text("namespace", kNamespace).value_or("default");
    policy.uid = StringOr(metadata.Find("uid"), "");
    policy.resource_version = StringOr(metadata.Find("resourceVersion"), "");
    policy.created =
        ParseTime(StringOr(metadata.Find("creationTimestamp"), "")).value_or(TimePoint{});
    if (const nlohmann::json* generation = metadata.Find("generation");
        generation != nullptr && generation->is_number_integer()) {
      policy.generation = generation->get<std::int64_t>();
    }
    for (const auto& [name, value] : json->items()) metadata.Find(name);
  });
}

TargetRef ReadTargetRef(SpecObject& spec) {
  TargetRef read;
  spec.Require("targetRef");
  spec.Object("targetRef", [&](SpecObject& ref) {
    read.api_version = ref.Text("apiVersion", kApiVersion).value_or(read.api_version);
    read.kind = ref.Text("kind", kKind).value_or(read.kind);
    ref.Require("name");
    read.name = ref.Text("name", kObjectName).value_or("");
  });
  return read;
}

std::optional<int> ReadBounds(SpecObject& spec, TargetSpec& target) {
  const bool min_given = spec.Find("minReplicas") != nullptr;
  const auto min = spec.Integer("minReplicas", kMinReplicas);
  spec.Require("maxReplicas");
  const auto max = spec.Integer("maxReplicas", kMaxReplicas);
  if (min) target.min_replicas = *min;
  if (max) target.max_replicas = *max;
  if (max && (min || !min_given) && target.min_replicas > *max) {
    spec.Fail("minReplicas", "minReplicas (" + std::to_string(target.min_replicas) +
                                 ") must not be above maxReplicas (" + std::to_string(*max) + ")");
  }
  return max;
}

std::optional<Fallback> ReadFallback(SpecObject& spec, std::optional<int> max_replicas) {
  std::optional<Fallback> read;
  spec.Object("fallback", [&](SpecObject& fallback) {
    read.emplace();
    if (const auto after = fallback.Duration("after", kFallbackAfter)) {
      read->after = std::chrono::ceil<seconds>(*after);
    }
    fallback.Require("replicas");
    const auto replicas = fallback.Integer("replicas", kFallbackReplicas);
    read->replicas = replicas.value_or(0);
    if (replicas && max_replicas && *replicas > *max_replicas) {
      fallback.Fail("replicas", "fallback.replicas (" + std::to_string(*replicas) +
                                    ") must not be above maxReplicas (" +
                                    std::to_string(*max_replicas) + ")");
    }
  });
  return read;
}

bool NamesOnlySlo(const nlohmann::json* policies) {
  if (policies == nullptr) return true;
  if (!policies->is_array()) return false;
  return std::all_of(policies->begin(), policies->end(), [](const nlohmann::json& entry) {
    return entry.is_object() && entry.contains("name") && entry["name"] == "slo";
  });
}

// By what is written, not by what could be read: a faulty objective is not a missing one.
bool StatesObjective(const nlohmann::json* objectives) {
  if (objectives == nullptr || !objectives->is_object()) return objectives != nullptr;
  return std::any_of(kObjectives.begin(), kObjectives.end(), [&](std::string_view name) {
    const auto found = objectives->find(name);
    return found != objectives->end() && !found->is_null();
  });
}

void RequirePurpose(SpecObject& spec) {
  if (StatesObjective(spec.Find("objectives")) || !NamesOnlySlo(spec.Find("policies"))) return;
  spec.Fail("objectives",
            "set at least one objective (latencyP99, errorRate, eventLoopLagP99, "
            "eventLoopUtilization), or a policy other than slo");
}

void ReadSpec(SpecObject& spec, ScalingPolicy& policy) {
  policy.target_ref = ReadTargetRef(spec);
  const auto max_replicas = ReadBounds(spec, policy.target);
  const Words<Mode> modes = {{"Enforce", Mode::kEnforce}, {"Observe", Mode::kObserve}};
  policy.mode = spec.OneOf("mode", modes).value_or(Mode::kEnforce);
  policy.metrics = ReadMetrics(spec);
  policy.target.window = policy.metrics.window;
  policy.target.objectives = ReadObjectives(spec);
  RequirePurpose(spec);
  policy.policies = ReadModules(spec);
  policy.behavior = ReadBehavior(spec);
  policy.behavior.arithmetic = ArithmeticOf(policy.policies);
  policy.fallback = ReadFallback(spec, max_replicas);
}

}  // namespace

ParsedScalingPolicy ParseScalingPolicy(const nlohmann::json& json) {
  ScalingPolicy policy;
  std::vector<FieldError> faults;
  if (!json.is_object()) {
    return std::vector<FieldError>{{"(object)", "must be of type object"}};
  }
  SpecObject object(json, "", faults);
  object.OneOf("apiVersion", Words<int>{{"evenkeel.dev/v1alpha1", 0}});
  object.OneOf("kind", Words<int>{{"ScalingPolicy", 0}});
  object.Require("metadata");
  ReadMetadata(object, policy);
  object.Require("spec");
  object.Object("spec", [&](SpecObject& spec) { ReadSpec(spec, policy); });
  if (const nlohmann::json* status = object.Find("status")) policy.status = *status;
  object.RefuseUnknown();
  if (!faults.empty()) return faults;
  return policy;
}

}  // namespace evenkeel
