// A study's outcomes for machines (JSON) and people (a table for the terminal, Markdown).
//
// JSON: an array with one object per scenario and policy that has at least one seed:
//
//   {"scenario": "step", "policy": "hpa-elu", "limit": false, "seeds": [1, 2, 3],
//    "badRequests": {"mean": 0.0123, "low": 0.011, "high": 0.0136}, ... every score likewise,
//    "differences": {"against": "slo",
//      "badRequests": {"mean": 0.004, "low": 0.003, "high": 0.005, "relative": 0.48,
//                      "comparison": "worse"}, ...},
//    "share": {"badRequests": 0.42, "replicaHours": null},
//    "paretoFront": true}
//
// low and high bound the 95 % interval over seeds, null from one seed. `differences` is the policy
// less the first one on the same seeds, null for the first; `relative` is to the first one's mean,
// null where that is 0. `share`: see PolicyOutcome. Of a study with grids, each object has also
// "family": "hpa-elu" and "bestOfFamily": ["badRequests"], the axes on which no other setting of
// that family is better in that scenario.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "controller/simulate/study.hpp"

namespace evenkeel {

[[nodiscard]] nlohmann::ordered_json StudyToJson(const Study& study);

// Both show of a family with several settings only those that are best on an axis, and say if the
// study is not complete. Scores are "mean ±half"; bad requests and time in %.
[[nodiscard]] std::string StudyToText(const Study& study);
[[nodiscard]] std::string StudyToMarkdown(const Study& study);

}  // namespace evenkeel
