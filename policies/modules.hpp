// The factories of the built-in modules, one per file; the registry is their only caller.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>

#include "policies/policy.hpp"
#include "policies/result.hpp"

namespace evenkeel {

using MakeModule = Result<std::shared_ptr<const Policy>> (*)(const nlohmann::json& params);

// The HPA's formula on any signal: ceil(pods · value / target). Params: signal, target, type.
[[nodiscard]] Result<std::shared_ptr<const Policy>> MakeRatio(const nlohmann::json& params);

// Holds the policy's objectives by event-loop demand, latency, lag and errors. No params.
[[nodiscard]] Result<std::shared_ptr<const Policy>> MakeSlo(const nlohmann::json& params);

}  // namespace evenkeel
