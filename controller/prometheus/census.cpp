#include "controller/prometheus/census.hpp"

#include <chrono>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "controller/prometheus/planned_query.hpp"
#include "controller/prometheus/rules.hpp"
#include "controller/prometheus/templates.hpp"

namespace evenkeel {
namespace {

Headcount CountIn(const QueryResult& result) {
  Headcount count;
  for (const ResultSeries& row : result.series) {
    if (row.samples.empty() || !std::isfinite(row.samples.front().value)) continue;
    const auto value = std::llround(row.samples.front().value);
    (row.Label(kPartLabel) == part::kBare ? count.bare : count.targets) = value;
  }
  return count;
}

std::set<RecordedTopic> RulesIn(const QueryResult& result) {
  std::set<RecordedTopic> rules;
  for (const ResultSeries& row : result.series) {
    const std::string_view name = row.Label("__name__");
    if (!name.starts_with(kRulePrefix)) continue;
    rules.insert({std::string(name.substr(kRulePrefix.size())), std::string(row.Label(kRulePreset)),
                  std::string(row.Label(kRuleWindow))});
  }
  return rules;
}

CensusKey KeyOf(const PlannedQuery& query) {
  return {query.source, query.preset->name, query.grouping};
}

bool TimedOut(const Answer& answer) {
  return !answer.result && answer.result.error().kind == ErrorKind::kTimeout;
}

// What a source did in a round.
struct Conduct {
  bool answered = false;                // anything; else it hung or was away, whatever it was asked
  std::chrono::milliseconds longest{};  // that a query had
};

std::map<std::string, Conduct> ConductsIn(std::span<const Answer> answers) {
  std::map<std::string, Conduct> conducts;
  for (const Answer& answer : answers) {
    Conduct& conduct = conducts[answer.query.source];
    conduct.answered = conduct.answered || answer.result;
    conduct.longest = std::max(conduct.longest, answer.took);
  }
  return conducts;
}

// It asks for targets without their names, and had time enough.
bool IsTooSlow(const Answer& answer, const Conduct& conduct) {
  const PlannedQuery& query = answer.query;
  return query.preset != nullptr && query.filter != Filter::kNames && TimedOut(answer) &&
         conduct.answered && answer.took.count() > 0 && 2 * answer.took >= conduct.longest;
}

bool Passed(TimePoint at, TimePoint now) { return now - at >= kCensusEvery || now < at; }

}  // namespace

std::optional<Headcount> Census::Find(const CensusKey& key) const {
  const auto found = counted_.find(key);
  return found == counted_.end() ? std::nullopt : found->second.count;
}

bool Census::HasRule(const std::string& source, const RecordedTopic& rule) const {
  const auto found = rules_.find(source);
  return found != rules_.end() && found->second.topics.contains(rule);
}

bool Census::IsDue(const CensusKey& key, TimePoint now) const {
  const auto found = counted_.find(key);
  return found == counted_.end() || Passed(found->second.at, now);
}

bool Census::AreRulesDue(const std::string& source, TimePoint now) const {
  const auto found = rules_.find(source);
  return found == rules_.end() || Passed(found->second.at, now);
}

bool Census::IsLate(const CensusKey& key, TimePoint now) const {
  const auto found = late_.find(key);
  return found != late_.end() && !Passed(found->second, now);
}

void Census::Note(std::span<const Answer> answers, TimePoint now) {
  const auto conducts = ConductsIn(answers);
  for (const Answer& answer : answers) {
    if (answer.query.topic == kCensus) {
      NoteCounted(answer, now);
    } else if (IsTooSlow(answer, conducts.at(answer.query.source))) {
      late_[KeyOf(answer.query)] = now;
    }
  }
}

void Census::NoteCounted(const Answer& answer, TimePoint now) {
  const PlannedQuery& query = answer.query;
  const auto& result = answer.result;
  const bool known = result && result->partial.empty();
  if (query.preset == nullptr) {
    Rules& rules = rules_[query.source];
    rules.at = now;
    if (known) rules.topics = RulesIn(*result);
    return;
  }
  Counted& counted = counted_[KeyOf(query)];
  counted.at = now;
  if (known) counted.count = CountIn(*result);
}

PlannedQuery HeadcountQuery(const std::string& source, const Preset& preset,
                            const Grouping& grouping) {
  PlannedQuery query;
  query.source = source;
  query.topic = kCensus;
  query.preset = &preset;
  query.grouping = grouping;
  query.filter = Filter::kNone;
  query.heartbeat_only = true;
  return WithMembers(std::move(query), {});
}

PlannedQuery RulesQuery(const std::string& source) {
  PlannedQuery query;
  query.source = source;
  query.topic = kCensus;
  query.promql = RulesPromql();
  return query;
}

}  // namespace evenkeel
