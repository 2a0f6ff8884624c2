// PlanPage: what each source was asked in its last round, and what came of it (/debug/plan). Safe
// from any thread.
//
//   {"sources": [{"source": "default", "round": 12, "time": "2026-11-25T01:00:00Z", "policies":
//   500,
//     "milliseconds": 96, "bytes": 81920, "omitted": 0, "queries": [
//     {"topic": "latencyP99", "preset": "prom-client", "window": "1m", "targets": 100,
//      "milliseconds": 12, "bytes": 4096, "series": 100, "outcome": "ok", "promql": "…"}]}]}
//
// `targets` counts policies. `preset` is absent for policies' own PromQL; `lookBack` and `instants`
// are there for range queries: over a module's look-back, and over a past that is recalled.
// `outcome` is "ok", "partial: WHY" or why there is no answer. A split batch shows as its parts.
// Bounded: what exceeds kMaxBytes is left out and counted as `omitted`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "controller/runtime/gathering.hpp"

namespace evenkeel {

class PlanPage {
 public:
  // Of all queries together.
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
  // A source that is not asked any more is shown for this many rounds.
  static constexpr std::uint64_t kKeptRounds = 20;

  // In place of what was shown of the batch's source; also a log line per query at level debug.
  void Show(const Batch& batch, std::uint64_t round);

  [[nodiscard]] std::string Serialize() const;

 private:
  struct Section {
    std::uint64_t round = 0;
    nlohmann::json head{};
    std::vector<std::string> rows{};  // of queries, as JSON
    std::size_t omitted = 0;
  };

  // Or counts it as omitted, where it does not fit into what is left of the page.
  static void Add(std::string row, Section& section, std::size_t& left);

  mutable std::mutex mutex_;  // guards sections_
  std::map<std::string, Section> sections_;
};

}  // namespace evenkeel
