#include "controller/runtime/print_rules.hpp"

#include <yaml-cpp/yaml.h>

#include <ostream>
#include <string>

#include "controller/core/time_format.hpp"
#include "controller/prometheus/rules.hpp"
#include "controller/runtime/built_in_presets.hpp"
#include "controller/runtime/configuration.hpp"
#include "policies/suggest.hpp"

namespace evenkeel {
namespace {

Result<PresetTable> KnownPresets(const std::string& config_file) {
  if (config_file.empty()) return BuiltInPresets();
  const auto configuration = Configuration::Open({.config_file = config_file});
  if (!configuration) return configuration.error();
  return (*configuration)->configured().presets;
}

void Emit(YAML::Emitter& yaml, const RecordingRule& rule) {
  yaml << YAML::BeginMap << YAML::Key << "record" << YAML::Value << rule.record;
  yaml << YAML::Key << "labels" << YAML::Value << YAML::BeginMap;
  for (const auto& [name, value] : rule.labels) {
    yaml << YAML::Key << name << YAML::Value << YAML::DoubleQuoted << value;
  }
  yaml << YAML::EndMap << YAML::Key << "expr" << YAML::Value << YAML::SingleQuoted << rule.expr;
  yaml << YAML::EndMap;
}

void EmitGroup(YAML::Emitter& yaml, const RulesOptions& options, const std::string& name,
               const std::vector<RecordingRule>& rules) {
  yaml << YAML::BeginMap << YAML::Key << "name" << YAML::Value << "evenkeel-" + name;
  yaml << YAML::Key << "interval" << YAML::Value << FormatDuration(options.interval);
  yaml << YAML::Key << "rules" << YAML::Value << YAML::BeginSeq;
  for (const RecordingRule& rule : rules) Emit(yaml, rule);
  yaml << YAML::EndSeq << YAML::EndMap;
}

}  // namespace

int PrintRules(const RulesOptions& options, std::ostream& out, std::ostream& err) {
  const Result<PresetTable> presets = KnownPresets(options.config_file);
  if (!presets) {
    err << presets.error().message << "\n";
    return 2;
  }
  YAML::Emitter yaml;
  yaml << YAML::BeginMap << YAML::Key << "groups" << YAML::Value << YAML::BeginSeq;
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
    EmitGroup(yaml, options, name, rules);
  }
  yaml << YAML::EndSeq << YAML::EndMap;
  out << "# Recording rules for Evenkeel; it uses them where it finds their series.\n"
      << yaml.c_str() << "\n";
  return 0;
}

}  // namespace evenkeel
