// LiveCheck: what a policy's signals are right now, asked of its source by the planner's own
// queries, and the traps that only the source shows. For `evenkeel check --prometheus`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controller/core/scaling_policy.hpp"
#include "controller/prometheus/live_traps.hpp"
#include "controller/prometheus/permissions.hpp"
#include "controller/runtime/fetcher.hpp"

namespace evenkeel {

struct LiveSignal {
  std::string name;
  Reading reading;
  std::string objective;             // as in the decision line; empty: none
  std::vector<std::string> queries;  // that make it, as they were sent
};

struct LiveReport {
  std::vector<LiveSignal> signals;
  std::vector<FieldError> traps;
};

class LiveCheck {
 public:
  // Both must outlive it.
  LiveCheck(Fetcher& fetcher, const PresetTable& presets, RawQueryRights rights)
      : fetcher_(fetcher), presets_(presets), rights_(std::move(rights)) {}

  // Blocks for some seconds at most. `now` is the instant of all queries.
  [[nodiscard]] LiveReport Look(const ScalingPolicy& policy, TimePoint now);

 private:
  [[nodiscard]] std::optional<QueryResult> Ask(const std::string& source, const std::string& promql,
                                               TimePoint now);
  [[nodiscard]] LiveFacts Collect(const ScalingPolicy& policy, const Plan& plan, Readings readings);
  void AddBuckets(const PlannedQuery& query, TimePoint now, LiveFacts& facts);
  void AddInterval(const PlannedQuery& query, TimePoint now, LiveFacts& facts);
  void AddWhereabouts(const ScalingPolicy& policy, TimePoint now, LiveFacts& facts);

  Fetcher& fetcher_;
  const PresetTable& presets_;
  RawQueryRights rights_;
};

}  // namespace evenkeel
