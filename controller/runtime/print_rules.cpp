#include "controller/runtime/print_rules.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "controller/core/time_format.hpp"
#include "controller/prometheus/rules.hpp"
#include "controller/runtime/built_in_presets.hpp"
#include "controller/runtime/configuration.hpp"
#include "controller/runtime/yaml.hpp"
#include "policies/suggest.hpp"

namespace evenkeel {
namespace {

using nlohmann::ordered_json;

Result<PresetTable> KnownPresets(const std::string& config_file) {
  if (config_file.empty()) return BuiltInPresets();
  const auto configuration = Configuration::Open({.config_file = config_file});
  if (!configuration) return configuration.error();
  return (*configuration)->configured().presets;
}

ordered_json GroupOf(const std::string& preset, const std::vector<RecordingRule>& rules,
                     std::chrono::seconds interval) {
  ordered_json list = ordered_json::array();
  for (const RecordingRule& rule : rules) {
    list.push_back({{"record", rule.record}, {"labels", rule.labels}, {"expr", rule.expr}});
  }
  return {{"name", "evenkeel-" + preset}, {"interval", FormatDuration(interval)}, {"rules", list}};
}

}  // namespace

int PrintRules(const RulesOptions& options, std::ostream& out, std::ostream& err) {
  const Result<PresetTable> presets = KnownPresets(options.config_file);
  if (!presets) {
    err << presets.error().message << "\n";
    return 2;
  }
  ordered_json groups = ordered_json::array();
  for (const std::string& name : options.presets) {
    const Preset* preset = FindPreset(*presets, name);
    const auto rules =
        preset == nullptr ? std::vector<RecordingRule>{} : RulesFor(*preset, options.window);
    if (rules.empty()) {
      err << "--preset: \"" << name << "\" "
          << (preset != nullptr ? "names targets by one label for namespace and name, which cannot "
                                  "be recorded"
                                : "is not one of " + AllowedWords(name, PresetNames(*presets)))
          << "\n";
      return 2;
    }
    groups.push_back(GroupOf(name, rules, options.interval));
  }
  out << "# Recording rules for Evenkeel; it uses them where it finds their series.\n"
      << ToYaml({{"groups", groups}});
  return 0;
}

}  // namespace evenkeel
