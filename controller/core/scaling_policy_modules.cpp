#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/scaling_policy_parts.hpp"
#include "controller/core/spec_values.hpp"
#include "policies/registry.hpp"
#include "policies/suggest.hpp"

namespace evenkeel {
namespace {

constexpr std::size_t kMaxModules = 16;
constexpr std::string_view kDefaultModule = "slo";

constexpr TextRule kName{&IsModuleName, 63, "must be the name of a module, e.g. \"slo\""};

bool IsKnown(SpecObject& entry, const std::string& name) {
  const std::vector<std::string> names = PolicyNames();
  if (std::find(names.begin(), names.end(), name) != names.end()) return true;
  entry.Fail("name",
             "Unsupported value: \"" + name + "\": supported values: " + AllowedWords(name, names));
  return false;
}

// A module's error begins with the parameter's path: "params.target: must be ...".
void FailParams(SpecObject& entry, const std::string& message) {
  const auto colon = message.find(": ");
  if (!message.starts_with("params") || colon == std::string::npos) {
    entry.Fail("params", message);
  } else {
    entry.Fail(message.substr(0, colon), message.substr(colon + 2));
  }
}

void ReadModule(SpecObject& entry, std::vector<PolicyModule>& modules) {
  entry.Require("name");
  const auto name = entry.Text("name", kName);
  const nlohmann::json* params = entry.Find("params");
  if (params != nullptr && !params->is_object()) {
    entry.Fail("params", "must be of type object", *params);
    return;
  }
  if (!name || !IsKnown(entry, *name)) return;
  PolicyModule module{*name, params == nullptr ? nlohmann::json() : *params, nullptr};
  auto made = MakePolicy(*name, module.params);
  if (!made) {
    FailParams(entry, made.error().message);
    return;
  }
  module.policy = std::move(*made);
  modules.push_back(std::move(module));
}

// The second entry of a module needs a name of its own in the record and for its memory.
void NumberRepeated(std::vector<PolicyModule>& modules) {
  std::map<std::string, int> count;
  for (PolicyModule& module : modules) {
    const int number = ++count[module.name];
    if (number > 1) module.name += "#" + std::to_string(number);
  }
}

}  // namespace

std::vector<PolicyModule> ReadModules(SpecObject& spec) {
  std::vector<PolicyModule> modules;
  const bool given =
      spec.List("policies", kMaxModules, [&](SpecObject& entry) { ReadModule(entry, modules); });
  if (!given) {
    static const nlohmann::json kDefault = {{"name", kDefaultModule}};
    std::vector<FieldError> none;
    SpecObject entry(kDefault, "", none);
    ReadModule(entry, modules);
  }
  NumberRepeated(modules);
  return modules;
}

Arithmetic ArithmeticOf(const std::vector<PolicyModule>& modules) {
  const bool strict = std::any_of(modules.begin(), modules.end(), [](const PolicyModule& module) {
    return module.params.is_object() &&
           module.params.value("compatibility", nlohmann::json()) == "hpa";
  });
  return strict ? Arithmetic::kHpa : Arithmetic::kExact;
}

}  // namespace evenkeel
