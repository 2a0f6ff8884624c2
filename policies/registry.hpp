// All policy modules by name.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "policies/policy.hpp"

namespace evenkeel {

// Makes the module `name` with its `params` (an object, or null for all defaults). Errors are
// kInvalid and name the module or the parameter: `params.target: ...`.
[[nodiscard]] Result<std::shared_ptr<const Policy>> MakePolicy(std::string_view name,
                                                               const nlohmann::json& params);

// In alphabetical order.
[[nodiscard]] std::vector<std::string> PolicyNames();

}  // namespace evenkeel
