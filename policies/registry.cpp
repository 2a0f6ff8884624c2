#include "policies/registry.hpp"

#include <algorithm>
#include <array>

#include "policies/modules.hpp"

namespace evenkeel {
namespace {

struct Entry {
  std::string_view name;
  MakeModule make;
};

constexpr std::array kModules = {
    Entry{"ratio", &MakeRatio},
    Entry{"slo", &MakeSlo},
};

std::string JoinNames() {
  std::string joined;
  for (const std::string& name : PolicyNames()) joined += (joined.empty() ? "" : ", ") + name;
  return joined;
}

}  // namespace

Result<std::shared_ptr<const Policy>> MakePolicy(std::string_view name,
                                                 const nlohmann::json& params) {
  const auto* entry = std::find_if(kModules.begin(), kModules.end(),
                                   [&](const Entry& e) { return e.name == name; });
  if (entry == kModules.end()) {
    return Error{ErrorKind::kInvalid,
                 "unknown module \"" + std::string(name) + "\"; known are: " + JoinNames()};
  }
  return entry->make(params);
}

std::vector<std::string> PolicyNames() {
  std::vector<std::string> names;
  for (const Entry& entry : kModules) names.emplace_back(entry.name);
  return names;
}

}  // namespace evenkeel
