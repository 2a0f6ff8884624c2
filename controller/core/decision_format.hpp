// The decision line: the product's main screen, with a stable schema, from an Outcome.
//
// decision policy=shop/checkout target=Deployment/checkout replicas=4→7
//   reason=LatencyAboveObjective p99=412ms/250ms errors=0.2%/1% lag=138ms/100ms rate=812/s slo=9
//   combine=9 stabilize=9 rateLimit=7(+3/60s) bounds=7 mode=Enforce patch=200 round=48213
//
// (one line). The order of the keys is fixed; `replicas` always has its arrow. An unknown signal
// shows its state instead of a number: p99=NoData/250ms; p99=≥10s/250ms is "at least". A signal
// without an objective is left out while it is unknown, unless it is the policy's own query. `hold`
// appears when it held something: hold=4(SignalMissing). A module may say how its number came
// about: slo=9(demand:4.9,ahead:5.31,…,target:60%). One that proposes no number shows its kind
// instead: slo=NoOpinion, slo=Hold, slo=Failed. The policy's own signals and the modules have their
// name as key, behind "signal." or "policy." where a key of ours has that name, and with a number
// from the second on: ratio#2. `patch` is the API server's status, or none, observed (mode Observe)
// or failed (no answer); patchError says why. Values with spaces are in quotes, and whatever could
// forge a line is escaped.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "controller/core/outcome.hpp"
#include "controller/core/signal_format.hpp"  // IWYU pragma: export

namespace evenkeel {

[[nodiscard]] std::string FormatDecision(const Outcome& outcome);

// The same keys in the same order; numbers as numbers, in the signals' own units (s, 0..1, 1/s):
//   "replicas": {"current": 4, "desired": 7}
//   "message": "P99 is ..."                     after reason
//   "p99": {"state": "Value", "value": 0.412, "objective": 0.25, ...}   every signal, known or not
//   "slo": {"kind": "Reactive", "replicas": 9, "reason": ..., "message": ..., "evidence": {...}}
//   "rateLimit": {"before": 9, "after": 7, "reason": "RateLimited", "rule": "+3/60s"}
[[nodiscard]] nlohmann::ordered_json DecisionToJson(const Outcome& outcome);

// "NoOpinion", "Reactive", "Floor", "Hold", or "Failed" for a module that returned an error.
[[nodiscard]] std::string_view ProposalKindName(const ModuleProposal& proposal);

// "Enforce", "Observe".
[[nodiscard]] std::string_view ToString(Mode mode);

}  // namespace evenkeel
