// An episode over time, for machines that draw or compare it.
//
// One JSON object in one line, without a line break:
//
//   {"scenario": "step", "policy": "slo", "seed": 1, "duration": 7200, "warmup": 600,
//    "seconds": {"rate": [200, ...], "replicas": [4, ...], "ready": [4, ...], "needed": [4, ...]},
//    "windows": {"length": 10, "requests": [2013, ...], "bad": [0, ...], "failed": [0, ...],
//                "p99": [0.081, ...], "utilization": [0.52, ...]},
//    "changes": [{"at": 2416, "from": 4, "to": 7, "reason": "LatencyAboveObjective"}, ...]}
//
// Times are in seconds. `seconds` has a value for each second, at its end; `windows` one for each
// 10 s, by the arrival of the requests (record.hpp). `p99` is null where there were no requests.
#pragma once

#include <string>

#include "controller/simulate/record.hpp"

namespace evenkeel {

[[nodiscard]] std::string RecordToJsonLine(const Record& record);

}  // namespace evenkeel
