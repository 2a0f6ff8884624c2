// All scenarios of a study at a glance, for its page: a row for each scenario, a column for each
// policy, "bad requests % / replica hours" in each cell.
#pragma once

#include <string>
#include <vector>

#include "controller/simulate/study.hpp"

namespace evenkeel {

// Of a family with several settings, the first one. Empty for a single scenario, which its own
// section tells all of.
[[nodiscard]] std::string OverviewHtml(const Study& study,
                                       const std::vector<PolicyOutcome>& outcomes);

}  // namespace evenkeel
