#include "controller/prometheus/rules.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policies/reading.hpp"

namespace evenkeel {
namespace {

std::set<std::string_view> TopicsOf(const Preset& preset) {
  std::set<std::string_view> topics;
  for (const auto signal :
       {signal::kLatencyP99, signal::kErrorRate, signal::kRequestRate, signal::kInFlight,
        signal::kEventLoopLagP99, signal::kEventLoopUtilization}) {
    for (const auto topic : evenkeel::TopicsOf(preset, signal)) topics.insert(topic);
  }
  return topics;
}

std::string Name(std::string_view topic) { return std::string(kRulePrefix).append(topic); }

}  // namespace

std::optional<Grouping> RecordedGrouping(const Preset& preset) {
  if (preset.joint) return std::nullopt;
  Grouping grouping{.labels = {preset.namespace_label, preset.target_label},
                    .pod_label = preset.pod_label};
  if (preset.target_label.empty()) {
    grouping.labels.back() = kTargetLabel;
    grouping.pod_names = PodNames::kReplicaSet;
  }
  return grouping;
}

std::vector<RecordingRule> RulesFor(const Preset& preset, std::chrono::seconds window) {
  const auto grouping = RecordedGrouping(preset);
  if (!grouping) return {};
  const TemplateInput input{.preset = preset,
                            .window = window,
                            .grouping = *grouping,
                            .targets = {},
                            .filter = Filter::kNone};
  std::vector<RecordingRule> rules;
  for (const std::string_view topic : TopicsOf(preset)) {
    rules.push_back({Name(topic),
                     InstantPromql(topic, input),
                     {{std::string(kRulePreset), preset.name},
                      {std::string(kRuleWindow), PromDuration(window)}}});
  }
  return rules;
}

std::string RecordedPromql(std::string_view topic, const TemplateInput& input) {
  Grouping recorded = input.grouping;
  recorded.pod_names = PodNames::kNone;  // the label is there now
  std::string by;
  for (const std::string& label : recorded.labels) by += label + ", ";
  if (IsPerPod(topic)) by += input.preset.pod_label + ", ";
  std::string selector = Selector(recorded, input.targets, input.filter);
  if (!selector.empty()) selector.insert(0, 1, ',');
  return "max by (" + by + std::string(kPartLabel) + ") (" + Name(topic) + "{" +
         std::string(kRulePreset) + "=" + Quote(input.preset.name) + "," +
         std::string(kRuleWindow) + "=" + Quote(PromDuration(input.window)) + selector + "})";
}

std::string RulesPromql() {
  return "count by (__name__, " + std::string(kRulePreset) + ", " + std::string(kRuleWindow) +
         ") ({__name__=~\"" + std::string(kRulePrefix) + ".+\"})";
}

}  // namespace evenkeel
