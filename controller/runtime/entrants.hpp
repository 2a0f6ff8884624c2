// Who takes part in a simulation: ScalingPolicies from files, and baselines by name.
#pragma once

#include <string>
#include <vector>

#include "controller/runtime/options.hpp"
#include "controller/simulate/scaler.hpp"
#include "controller/simulate/study.hpp"
#include "policies/result.hpp"

namespace evenkeel {

struct Entrant {
  StudyPolicy policy;
  ScalerKind kind;
};

// In the order of the flags; without any, the default policy ("slo") and all baselines. Policies
// decide once in a sync period; baselines have their own. With `grid`, each baseline given without
// settings is there once for every point of its grid. kInvalid names the flag and what is wrong; of
// a policy's file, the first fault. A name may be there only once.
[[nodiscard]] Result<std::vector<Entrant>> FindEntrants(const SimulateOptions& options);

struct BaselineFlag {
  std::string name;
  nlohmann::json settings = nlohmann::json::object();  // numbers, true and false, or text
};
// "hpa-elu{target=0.5,window=60}". kInvalid says what is wrong without naming the flag.
[[nodiscard]] Result<BaselineFlag> ParseBaselineFlag(const std::string& text);

}  // namespace evenkeel
