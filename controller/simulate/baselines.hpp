// The rivals, by name (design.md § 7; control.md § 1 has the source of each).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "controller/simulate/scaler.hpp"
#include "policies/result.hpp"

namespace evenkeel {

struct Baseline {
  std::string_view name;   // "hpa-elu"
  std::string_view about;  // one sentence for help and report
  bool oracle = false;     // a limit and not a rival: it looks at the truth
  // Settings worth trying, the usual one first; each is an object such as {"target": 0.6}.
  std::vector<nlohmann::json> grid;
};

// In the order of design.md § 7.
[[nodiscard]] const std::vector<Baseline>& Baselines();

// The baseline with these settings, absent ones as in its grid's first point. Named "hpa-elu", or
// with settings that differ "hpa-elu{target=0.5,window=60}". kInvalid names what is not known and
// what is.
[[nodiscard]] Result<ScalerKind> MakeBaseline(std::string_view name,
                                              const nlohmann::json& settings = {});

}  // namespace evenkeel
