#include <chrono>
#include <limits>
#include <string>

#include "controller/core/scaling_policy_parts.hpp"
#include "controller/core/spec_values.hpp"

namespace evenkeel {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMaxLimits = 32;

constexpr IntegerRule kWindow{0, 3600, "must be between 0 and 3600 seconds"};
constexpr IntegerRule kValue{1, std::numeric_limits<int>::max(),
                             "must be between 1 and 2147483647"};
constexpr IntegerRule kPeriod{1, 1800, "must be between 1 and 1800 seconds"};

double ReadTolerance(SpecObject& rules, double fallback) {
  const nlohmann::json* json = rules.Find("tolerance");
  if (json == nullptr) return fallback;
  std::optional<double> tolerance;
  if (json->is_number() && json->get<double>() >= 0) tolerance = json->get<double>();
  if (json->is_string()) tolerance = ParseQuantity(json->get_ref<const std::string&>());
  if (!tolerance) {
    rules.Fail("tolerance", "must be a quantity of at least 0, such as 0.05 or \"50m\"", *json);
  }
  return tolerance.value_or(fallback);
}

RatePolicy ReadLimit(SpecObject& limit) {
  RatePolicy read;
  limit.Require("type");
  const Words<RateType> types = {{"Pods", RateType::kPods}, {"Percent", RateType::kPercent}};
  read.type = limit.OneOf("type", types).value_or(read.type);
  limit.Require("value");
  read.value = limit.Integer("value", kValue).value_or(read.value);
  limit.Require("periodSeconds");
  if (const auto period = limit.Integer("periodSeconds", kPeriod)) read.period = seconds{*period};
  return read;
}

std::vector<RatePolicy> ReadLimits(SpecObject& rules, std::vector<RatePolicy> fallback) {
  const nlohmann::json* json = rules.Find("policies");
  if (json != nullptr && json->is_array() && json->empty()) {
    rules.Fail(
        "policies",
        "must not be empty: give at least one policy, or leave the field out for its default");
  }
  std::vector<RatePolicy> limits;
  const bool given = rules.List("policies", kMaxLimits,
                                [&](SpecObject& limit) { limits.push_back(ReadLimit(limit)); });
  return given ? limits : fallback;
}

// Whatever is left out of a direction keeps the HPA's default for that direction.
ScalingRules ReadRules(SpecObject& behavior, std::string_view direction, ScalingRules rules) {
  behavior.Object(direction, [&](SpecObject& object) {
    if (const auto window = object.Integer("stabilizationWindowSeconds", kWindow)) {
      rules.stabilization_window = seconds{*window};
    }
    const Words<SelectPolicy> choices = {{"Max", SelectPolicy::kMax},
                                         {"Min", SelectPolicy::kMin},
                                         {"Disabled", SelectPolicy::kDisabled}};
    rules.select_policy = object.OneOf("selectPolicy", choices).value_or(rules.select_policy);
    rules.tolerance = ReadTolerance(object, rules.tolerance);
    rules.policies = ReadLimits(object, rules.policies);
  });
  return rules;
}

}  // namespace

Behavior ReadBehavior(SpecObject& spec) {
  Behavior read;
  spec.Object("behavior", [&](SpecObject& behavior) {
    read.scale_up = ReadRules(behavior, "scaleUp", Behavior::DefaultScaleUp());
    read.scale_down = ReadRules(behavior, "scaleDown", Behavior::DefaultScaleDown());
  });
  return read;
}

}  // namespace evenkeel
