// Census: what the sources are known to hold, so that a plan can choose the cheapest way to ask.
//
// Counted every kCensusEvery, by queries that are part of the plan:
//   targets  of a preset and grouping, for which more than one batch of policies asks. When most of
//            them are asked for, one unfiltered query costs the source less than many filtered ones
//            (research: 90 ms of CPU against 100 for 500 of 500 services, but against 3 for 20).
//   bare     targets that count requests and have no heartbeat. Where there are none, scrapes are
//            counted on the heartbeat alone: it is one series a pod, the counts are many.
//   rules    the recording rules (rules.hpp) whose series are there.
// Also remembered, for as long: which unfiltered queries came too late while their source answered
// others. Their targets are asked for
// by name then, in small batches, for one large question that is always late would blind them all.
// Without a census plans ask by name: dearer, and never wrong. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "controller/prometheus/planner.hpp"

namespace evenkeel {

inline constexpr std::chrono::minutes kCensusEvery{10};

struct CensusKey {
  std::string source;
  std::string preset;
  Grouping grouping;

  auto operator<=>(const CensusKey&) const = default;
};

struct Headcount {
  std::int64_t targets = 0;
  std::int64_t bare = 0;

  bool operator==(const Headcount&) const = default;
};

// A rule's series: what it records, and for which preset and window.
struct RecordedTopic {
  std::string topic;
  std::string preset;
  std::string window;  // as PromDuration spells it

  auto operator<=>(const RecordedTopic&) const = default;
};

class Census {
 public:
  // Nothing while it has not been counted.
  [[nodiscard]] std::optional<Headcount> Find(const CensusKey& key) const;
  [[nodiscard]] bool HasRule(const std::string& source, const RecordedTopic& rule) const;

  [[nodiscard]] bool IsDue(const CensusKey& key, TimePoint now) const;
  [[nodiscard]] bool AreRulesDue(const std::string& source, TimePoint now) const;

  // Was an unfiltered query of these too slow for its round, lately?
  [[nodiscard]] bool IsLate(const CensusKey& key, TimePoint now) const;

  // Takes the answers to a plan. Of a census, a failed query is asked again after a while, and what
  // was known before it stays.
  void Note(std::span<const Answer> answers, TimePoint now);

 private:
  struct Counted {
    TimePoint at{};
    std::optional<Headcount> count{};
  };
  struct Rules {
    TimePoint at{};
    std::set<RecordedTopic> topics{};
  };

  void NoteCounted(const Answer& answer, TimePoint now);

  std::map<CensusKey, Counted> counted_;
  std::map<CensusKey, TimePoint> late_;
  std::map<std::string, Rules, std::less<>> rules_;
};

// The queries of a census. Of rules: one per source, without a preset.
[[nodiscard]] PlannedQuery HeadcountQuery(const std::string& source, const Preset& preset,
                                          const Grouping& grouping);
[[nodiscard]] PlannedQuery RulesQuery(const std::string& source);

}  // namespace evenkeel
