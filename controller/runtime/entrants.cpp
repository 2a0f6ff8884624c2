#include "controller/runtime/entrants.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>
#include <system_error>
#include <utility>
#include <variant>

#include "controller/core/scaling_policy.hpp"
#include "controller/kubernetes/json_access.hpp"
#include "controller/runtime/manifests.hpp"
#include "controller/simulate/baselines.hpp"
#include "controller/simulate/decider.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using Entrants = std::vector<Entrant>;

constexpr std::string_view kAboutPolicy = "Evenkeel with a ScalingPolicy.";

Entrant EntrantOf(const ScalingPolicy& policy, seconds sync_period) {
  const std::string& name = policy.key.name;
  return {{.name = name, .family = {}, .about = std::string(kAboutPolicy)},
          DeciderOf(name, policy, sync_period)};
}

Result<Entrant> FromObject(const json& object, seconds sync_period) {
  const ParsedScalingPolicy parsed = ParseScalingPolicy(object);
  if (const auto* faults = std::get_if<std::vector<FieldError>>(&parsed)) {
    return Invalid(faults->front().ToString());
  }
  return EntrantOf(std::get<ScalingPolicy>(parsed), sync_period);
}

Status AddFile(const std::string& file, seconds sync_period, Entrants& entrants) {
  const std::string prefix = "--policy: " + file + ": ";
  const auto objects = ReadManifests(file);
  if (!objects) return Invalid(prefix + objects.error().message);
  const std::size_t before = entrants.size();
  for (const json& object : *objects) {
    if (StringField(object, "kind") != "ScalingPolicy") continue;
    Result<Entrant> entrant = FromObject(object, sync_period);
    if (!entrant) return Invalid(prefix + entrant.error().message);
    entrants.push_back(*std::move(entrant));
  }
  if (entrants.size() == before) return Invalid(prefix + "no ScalingPolicy in it");
  return Ok();
}

Status AddBaseline(std::string_view name, const json& settings, Entrants& entrants) {
  Result<ScalerKind> kind = MakeBaseline(name, settings);
  if (!kind) return Invalid("--baseline: " + kind.error().message);
  const auto known = std::ranges::find(Baselines(), name, &Baseline::name);
  StudyPolicy policy{.name = kind->name,
                     .family = std::string(name),
                     .about = std::string(known->about),
                     .limit = known->oracle};
  entrants.push_back({std::move(policy), *std::move(kind)});
  return Ok();
}

Status AddBaseline(const BaselineFlag& flag, bool grid, Entrants& entrants) {
  const auto known = std::ranges::find(Baselines(), flag.name, &Baseline::name);
  const bool whole = grid && flag.settings.empty() && known != Baselines().end();
  if (!whole || known->grid.empty()) return AddBaseline(flag.name, flag.settings, entrants);
  for (const json& settings : known->grid) {
    if (Status added = AddBaseline(flag.name, settings, entrants); !added) return added;
  }
  return Ok();
}

Status AddFlag(const EntrantFlag& flag, const SimulateOptions& options, Entrants& entrants) {
  if (flag.is_file) return AddFile(flag.value, options.sync_period, entrants);
  const auto baseline = ParseBaselineFlag(flag.value);
  if (!baseline) return Invalid("--baseline: " + baseline.error().message);
  return AddBaseline(*baseline, options.grid, entrants);
}

Status AddAll(const SimulateOptions& options, Entrants& entrants) {
  entrants.push_back(EntrantOf(DefaultPolicy(), options.sync_period));
  for (const Baseline& baseline : Baselines()) {
    const BaselineFlag flag{.name = std::string(baseline.name)};
    if (Status added = AddBaseline(flag, options.grid, entrants); !added) return added;
  }
  return Ok();
}

json SettingOf(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  double number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault == std::errc{} && end == text.data() + text.size()) return number;
  return text;
}

// Of "target=0.5,window=60".
Result<json> SettingsOf(const std::string& text) {
  json settings = json::object();
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string item = text.substr(begin, end - begin);
    const auto equals = item.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == item.size()) {
      return Invalid("a setting must be key=value, not \"" + item + "\"");
    }
    const std::string key = item.substr(0, equals);
    if (settings.contains(key)) return Invalid("\"" + key + "\" is set twice");
    settings[key] = SettingOf(item.substr(equals + 1));
    begin = end + 1;
  }
  return settings;
}

}  // namespace

Result<BaselineFlag> ParseBaselineFlag(const std::string& text) {
  const auto brace = text.find('{');
  if (brace == std::string::npos) return BaselineFlag{.name = text};
  if (!text.ends_with('}')) {
    return Invalid("\"" + text + "\" has no closing brace: is it in quotes?");
  }
  const auto settings = SettingsOf(text.substr(brace + 1, text.size() - brace - 2));
  if (!settings) return settings.error();
  return BaselineFlag{text.substr(0, brace), *settings};
}

Result<Entrants> FindEntrants(const SimulateOptions& options) {
  Entrants entrants;
  if (options.entrants.empty()) {
    if (const Status added = AddAll(options, entrants); !added) return added.error();
  }
  for (const EntrantFlag& flag : options.entrants) {
    if (const Status added = AddFlag(flag, options, entrants); !added) return added.error();
  }
  std::set<std::string> names;
  for (const Entrant& entrant : entrants) {
    if (names.insert(entrant.policy.name).second) continue;
    return Invalid("--policy, --baseline: \"" + entrant.policy.name +
                   "\" is there twice; names must differ");
  }
  return entrants;
}

}  // namespace evenkeel
