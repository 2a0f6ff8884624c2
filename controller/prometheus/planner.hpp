// Planner: few queries for many policies, and their answers dealt out as readings. Pure.
//
//   needs of all due policies ─ BuildPlan ─> Plan ─ Fetcher ─> answers ─ Deal ─> readings per
//   policy
//
// Needs of one shape (source, preset, topic, window, look-back, grouping) become one grouped query
// per 100 targets, filtered by name and namespace; or, once a census of the source has shown that
// most of its targets are asked for, one unfiltered query. Where recording rules have computed the
// same (rules.hpp), the query asks for their series. A policy's own PromQL runs alone, once per
// text. What a query answers is dealt out by the very label values that the policy's namespace and
// target (or `match`) demand, so no policy sees another namespace's series.
//
// How the state of a preset's signal is found (judge.cpp). Beside each rate the plan asks for three
// things of a series that is in every scrape (the preset's heartbeat): the time of its newest
// sample, and the number of samples in the window's two halves and in the half before it.
//   Failed      the query failed, or a store behind it did
//   NoData      no series
//   Stale       newest sample older than 1.5 × window
//   Uncovered   (rates only) one of the three halves is empty, or the window's halves differ by
//               more than one sample and a quarter: scraping began, stopped or resumed within the
//               window, and the rate reads too low. Judged on the best-scraped pod of a target, so
//               that a young pod among old ones does not matter; per-pod rates leave it out.
//               VictoriaMetrics shows samples up to 4 s after their scrape, so that its windows
//               must be 32 s or longer where scrapes are a second apart, and at least four scrapes
//               long as everywhere else.
//   NoTraffic   request rate 0, for a quantile or a ratio
//   NotANumber  NaN or infinite though there are requests
//   Ambiguous   own PromQL that answers with several series
// Own PromQL carries no sample times: its readings are never Stale or Uncovered.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "controller/core/scaling_policy.hpp"
#include "controller/core/turns.hpp"
#include "controller/prometheus/presets.hpp"
#include "controller/prometheus/promql.hpp"
#include "controller/prometheus/query.hpp"
#include "policies/policy.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

class Census;

struct PolicyNeeds {
  ObjectKey policy;
  TargetRef target;
  MetricsSpec metrics;
  std::vector<Need> needs;                                       // each signal once per look-back
  std::optional<std::chrono::milliseconds> latency_objective{};  // what badRatio is measured by
};

// What the policy's objectives and modules want, and the request rate, which every decision shows.
[[nodiscard]] PolicyNeeds NeedsOf(const ScalingPolicy& policy);

// What a plan rests on besides the needs. The table must outlive the plan.
struct PlanSettings {
  const PresetTable& presets;
  // What the sources are known to hold; nullptr: nothing, so every query names its targets.
  const Census* census = nullptr;
};

// One target within a grouped query.
struct Member {
  std::size_t policy = 0;           // index into Plan::policies
  std::vector<std::string> values;  // of Grouping::labels, in their order

  bool operator==(const Member&) const = default;
};

struct PlannedQuery {
  std::string source;
  // A signal, or "traffic": requestRate and what judges the rates. Of a census (census.hpp) the
  // query has no members, and belongs to no policy.
  std::string topic;
  const Preset* preset = nullptr;  // nullptr: a policy's own PromQL, or a census of rules
  std::chrono::seconds window{60};
  std::chrono::seconds look_back{0};  // above 0: a range query
  double bound = 0;                   // of badRatio: the latency objective, s
  Grouping grouping;
  Filter filter = Filter::kNames;
  bool heartbeat_only = false;  // see TemplateInput
  bool recorded = false;        // asks for what recording rules have computed (rules.hpp)
  std::vector<Member> members;
  std::string promql;
  std::optional<Instants> past{};  // set: asked at all these instants at once (PlanPast)

  bool operator==(const PlannedQuery&) const = default;
};

[[nodiscard]] bool IsOwnPromql(const PlannedQuery& query);

// A need that no query can answer, known without asking.
struct UnmetNeed {
  std::size_t policy = 0;
  std::string signal;
  Reading reading;
};

struct Plan {
  TimePoint time{};  // of every instant query, and the end of every range
  std::vector<PolicyNeeds> policies;
  std::vector<PlannedQuery> queries;
  std::vector<UnmetNeed> unmet;
};

// Of a query that names them, and of one that does not.
inline constexpr std::size_t kMaxTargetsPerQuery = 100;
inline constexpr std::size_t kMaxUnnamedTargets = 5000;
// Of a query's text, unless one target alone needs more: VictoriaMetrics refuses more than 16 KiB
// (-search.maxQueryLen).
inline constexpr std::size_t kMaxPromqlBytes = 15'000;

[[nodiscard]] Plan BuildPlan(std::span<const PolicyNeeds> policies, TimePoint now,
                             const PlanSettings& settings);

// The same plan for many instants of the past: every query as a range query with the very text of
// the instant one, so that each point of its answer is what the instant query answered then. Slices
// (slices.hpp) cuts the answers apart. Queries hold fewer targets the more instants there are.
[[nodiscard]] Plan PlanPast(std::span<const PolicyNeeds> policies, const Instants& past,
                            const PlanSettings& settings);

// The request that asks it. A range for a look-back begins at a multiple of its step, so that the
// same points are seen again by whoever asks at another time.
[[nodiscard]] HttpRequest RequestOf(const PlannedQuery& query, TimePoint time,
                                    std::chrono::milliseconds timeout);

// Queries with fewer targets each, for a batch that failed by its own fault or whose answer was too
// large: one bad target must not blind the others. What names no targets is split by namespaces
// first. One target's past is split into halves of its instants. Empty if it cannot be split.
[[nodiscard]] std::vector<PlannedQuery> Split(const PlannedQuery& query);

struct Answer {
  PlannedQuery query;
  Result<QueryResult> result;
  std::chrono::milliseconds took{0};  // 0: not sent
  std::size_t bytes = 0;              // of the body
};

struct Dealt {
  ObjectKey policy;
  Readings readings;                                  // one per need with look_back 0
  std::map<std::string, Series, std::less<>> series;  // per need with a look-back; absent if failed
};

// In the order of plan.policies. A planned query without an answer reads as Failed. An answer for
// instants of the past (split in time) counts only if plan.time is among them.
[[nodiscard]] std::vector<Dealt> Deal(const Plan& plan, std::span<const Answer> answers);

}  // namespace evenkeel
