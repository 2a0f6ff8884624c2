// Recording rules: the plan's queries, evaluated by Prometheus itself once per interval, so that
// any number of policies (and controllers) read a few small series instead of every histogram
// bucket.
//
// Optional. `evenkeel rules` prints them, deploy/rules/ holds those of prom-client; where their
// series are found (census.hpp), plans use them. A rule records a topic (templates.hpp) of every
// target of a preset, by the preset's own way of naming targets: for presets that go by pod name,
// Deployments and Rollouts. The rows carry the sample times that the rule saw, so a rule that is no
// longer evaluated reads as Stale, never as its last value.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/prometheus/templates.hpp"

namespace evenkeel {

inline constexpr std::string_view kRulePrefix = "evenkeel:";  // and then the topic
inline constexpr std::string_view kRulePreset = "evenkeel_preset";
inline constexpr std::string_view kRuleWindow = "evenkeel_window";

struct RecordingRule {
  std::string record;
  std::string expr;
  std::map<std::string, std::string> labels;

  bool operator==(const RecordingRule&) const = default;
};

// The grouping that the preset's rules record by; nothing if it cannot be asked without names.
[[nodiscard]] std::optional<Grouping> RecordedGrouping(const Preset& preset);

// Every topic of the preset that does not depend on a policy's objectives.
[[nodiscard]] std::vector<RecordingRule> RulesFor(const Preset& preset,
                                                  std::chrono::seconds window);

// What InstantPromql asks, from the recorded series. The grouping must be RecordedGrouping.
[[nodiscard]] std::string RecordedPromql(std::string_view topic, const TemplateInput& input);

// Which rules' series there are: one series per topic, preset and window.
[[nodiscard]] std::string RulesPromql();

}  // namespace evenkeel
