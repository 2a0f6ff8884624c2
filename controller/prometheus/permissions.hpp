// Permissions: which sources take PromQL of the policies' own (metrics.queries). Pure.
//
// A preset's query is confined to its policy's namespace; own PromQL can read whatever the source
// holds, with the controller's credentials. So it runs only where an administrator allows it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/prometheus/planner.hpp"

namespace evenkeel {

// Source → does it take own PromQL? A source that is not among them is unknown, and fails by that.
using RawQueryRights = std::map<std::string, bool, std::less<>>;

// Takes out of `policies` the needs that only own PromQL would answer where the source does not
// take it, and returns what they read as instead: Failed, with what an administrator must change.
// The indices are those of `policies`, and so of the plan that is built of them.
[[nodiscard]] std::vector<UnmetNeed> RefuseRawQueries(std::vector<PolicyNeeds>& policies,
                                                      const RawQueryRights& rights);

}  // namespace evenkeel
