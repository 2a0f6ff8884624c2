#include "controller/runtime/live_check.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/signal_format.hpp"
#include "controller/core/signal_views.hpp"
#include "controller/core/upper_median.hpp"
#include "controller/prometheus/preset_series.hpp"
#include "controller/prometheus/templates.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kDeadline{10'000};
constexpr std::size_t kShownNamespaces = 5;

std::string Any(const std::vector<std::string>& spellings) {
  std::string any;
  for (const std::string& one : spellings) any += (any.empty() ? "" : " or ") + one;
  return any;
}

TemplateInput InputOf(const PlannedQuery& query,
                      const std::vector<std::vector<std::string>>& targets) {
  return {.preset = *query.preset,
          .window = query.window,
          .grouping = query.grouping,
          .targets = targets};
}

const PlannedQuery* FindTopic(const Plan& plan, std::string_view topic) {
  const auto found = std::ranges::find_if(plan.queries, [&](const PlannedQuery& query) {
    return query.preset != nullptr && query.topic == topic && query.look_back == seconds{0};
  });
  return found == plan.queries.end() ? nullptr : &*found;
}

bool Makes(const PlannedQuery& query, const PolicyNeeds& needs, const std::string& signal) {
  if (query.look_back > seconds{0}) return false;
  if (query.preset == nullptr) {
    return !query.members.empty() && query.members.front().values.front() == signal;
  }
  if (needs.metrics.queries.contains(signal)) return false;
  const auto topics = TopicsOf(*query.preset, signal);
  return std::ranges::find(topics, query.topic) != topics.end();
}

std::string ShownObjective(const Objectives& objectives, const std::string& signal) {
  const auto objective = ObjectiveOf(objectives, signal);
  return objective ? FormatObjective(signal, *objective) : std::string{};
}

// What traps are judged by, beyond what the policy needs.
PolicyNeeds NeedsOfCheck(const ScalingPolicy& policy) {
  PolicyNeeds needs = NeedsOf(policy);
  for (const auto signal : {signal::kLatencyP99, signal::kErrorRate, signal::kEventLoopLagP99,
                            signal::kEventLoopUtilization}) {
    const Need need{std::string(signal), seconds{0}};
    if (std::ranges::find(needs.needs, need) == needs.needs.end()) needs.needs.push_back(need);
  }
  return needs;
}

std::optional<double> BoundOf(std::string_view text) {
  double bound = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), bound);
  if (fault != std::errc{} || end != text.data() + text.size() || !std::isfinite(bound)) {
    return std::nullopt;
  }
  return bound;
}

// The median distance of a series' samples.
std::optional<milliseconds> Spacing(const Series& samples) {
  std::vector<milliseconds> gaps;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    gaps.push_back(samples[i].time - samples[i - 1].time);
  }
  return UpperMedian(std::move(gaps));
}

}  // namespace

std::optional<QueryResult> LiveCheck::Ask(const std::string& source, const std::string& promql,
                                          TimePoint now) {
  Plan plan{.time = now, .policies = {}, .queries = {}, .unmet = {}};
  PlannedQuery query;
  query.source = source;
  query.promql = promql;
  plan.queries.push_back(std::move(query));
  Fetched fetched = fetcher_.Fetch(plan, kDeadline, {});
  if (fetched.answers.empty() || !fetched.answers.front().result) return std::nullopt;
  return *std::move(fetched.answers.front().result);
}

void LiveCheck::AddBuckets(const PlannedQuery& query, TimePoint now, LiveFacts& facts) {
  const std::vector<std::vector<std::string>> targets = {query.members.front().values};
  const TemplateInput input = InputOf(query, targets);
  const auto result =
      Ask(query.source, "group by (le) (" + Any(PresetSeries(input).Buckets()) + ")", now);
  if (!result) return;
  for (const ResultSeries& row : result->series) {
    const auto bound = BoundOf(row.Label("le"));
    if (bound) facts.buckets.push_back(*bound * query.preset->requests.seconds_per_unit);
  }
  std::ranges::sort(facts.buckets);
}

void LiveCheck::AddInterval(const PlannedQuery& query, TimePoint now, LiveFacts& facts) {
  const std::vector<std::vector<std::string>> targets = {query.members.front().values};
  const TemplateInput input = InputOf(query, targets);
  for (const std::string& series : PresetSeries(input).Scrapes(query.topic)) {
    const auto result = Ask(query.source, series + "[10m]", now);
    if (!result) continue;
    for (const ResultSeries& row : result->series) {
      const auto spacing = Spacing(row.samples);
      if (spacing && (!facts.scrape_interval || *spacing < *facts.scrape_interval)) {
        facts.scrape_interval = spacing;
      }
    }
    if (facts.scrape_interval) return;
  }
}

void LiveCheck::AddWhereabouts(const ScalingPolicy& policy, TimePoint now, LiveFacts& facts) {
  for (const auto& [name, reading] : facts.readings) {
    if (reading.state != ReadingState::kNoData || policy.metrics.queries.contains(name)) continue;
    if (!ObjectiveOf(policy.target.objectives, name)) continue;
    const Preset* preset = FindPreset(
        presets_, IsPerPod(name) ? policy.metrics.runtime_preset : policy.metrics.latency_preset);
    if (preset == nullptr) continue;
    const std::string metric = MetricOf(*preset, name);
    if (metric.empty()) continue;
    const std::string bucket = name == signal::kLatencyP99 ? "_bucket" : "";
    const auto result =
        Ask(policy.metrics.source,
            "count by (" + preset->namespace_label + ") (" + metric + bucket + ")", now);
    if (!result) continue;
    std::string namespaces;
    for (std::size_t i = 0; i < std::min(result->series.size(), kShownNamespaces); ++i) {
      const std::string_view value = result->series[i].Label(preset->namespace_label);
      namespaces += (i == 0 ? "" : ", ") + preset->namespace_label + "=\"";
      namespaces.append(value).append("\"");
    }
    facts.found_in.emplace(name, namespaces);
  }
}

LiveFacts LiveCheck::Collect(const ScalingPolicy& policy, const Plan& plan, Readings readings) {
  LiveFacts facts{.readings = std::move(readings)};
  if (const auto* query = FindTopic(plan, signal::kLatencyP99)) {
    AddBuckets(*query, plan.time, facts);
  }
  if (const auto* query = FindTopic(plan, kTraffic)) AddInterval(*query, plan.time, facts);
  AddWhereabouts(policy, plan.time, facts);
  return facts;
}

LiveReport LiveCheck::Look(const ScalingPolicy& policy, TimePoint now) {
  std::vector<PolicyNeeds> needs = {NeedsOfCheck(policy)};
  const std::vector<Need> wanted = NeedsOf(policy).needs;
  std::vector<UnmetNeed> refused = RefuseRawQueries(needs, rights_);
  Plan plan = BuildPlan(needs, now, {presets_});
  std::ranges::move(refused, std::back_inserter(plan.unmet));
  const Fetched fetched = fetcher_.Fetch(plan, kDeadline, {});
  Readings readings = Deal(plan, fetched.answers).front().readings;
  LiveReport report;
  for (const auto& [name, reading] : readings) {
    if (std::ranges::find(wanted, name, &Need::signal) == wanted.end()) continue;
    LiveSignal signal{name, reading, ShownObjective(policy.target.objectives, name), {}};
    for (const PlannedQuery& query : plan.queries) {
      if (Makes(query, needs.front(), name)) signal.queries.push_back(query.promql);
    }
    report.signals.push_back(std::move(signal));
  }
  report.traps = FindLiveTraps(policy, Collect(policy, plan, std::move(readings)), presets_);
  return report;
}

}  // namespace evenkeel
