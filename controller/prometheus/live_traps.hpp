// Traps that only the source of signals shows: a policy that is valid, and would still never work,
// or work worse than it could. Pure; `evenkeel check --prometheus` collects the facts.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/core/scaling_policy.hpp"
#include "controller/prometheus/presets.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

// What the source says of one policy's target now.
struct LiveFacts {
  Readings readings{};
  // Between samples of the target's series; nothing if it has none, or one.
  std::optional<std::chrono::milliseconds> scrape_interval{};
  std::vector<double> buckets{};  // finite bounds of the latency histogram, s, ascending
  // Of signals without data: the namespaces in which their metric exists, "" for none at all.
  std::map<std::string, std::string> found_in{};
};

// Path and advice, as traps.hpp gives them for what needs no source.
[[nodiscard]] std::vector<FieldError> FindLiveTraps(const ScalingPolicy& policy,
                                                    const LiveFacts& facts,
                                                    const PresetTable& presets);

}  // namespace evenkeel
