// Scenario files of the simulator, and the traces that they name.
#pragma once

#include <string>

#include "controller/simulate/scenario.hpp"
#include "policies/result.hpp"

namespace evenkeel {

// A trace's path is relative to the scenario's directory; where there is no such file it is
// relative to `traces`, unless that is empty. kInvalid has every fault, one a line, each behind the
// file's name. Files are at most 1 MiB.
[[nodiscard]] Result<Scenario> LoadScenario(const std::string& file, const std::string& traces);

}  // namespace evenkeel
