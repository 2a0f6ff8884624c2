#include "controller/prometheus/planner.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/prometheus/census.hpp"
#include "controller/prometheus/planned_query.hpp"
#include "controller/prometheus/presets.hpp"
#include "controller/prometheus/rules.hpp"
#include "controller/prometheus/templates.hpp"

namespace evenkeel {
namespace {

using std::chrono::seconds;

// Targets times instants of one query into the past: some megabytes of answer, and as much work for
// the source as that many instant queries of one target.
constexpr std::int64_t kMaxTargetInstants = 4000;
// From this share on an unfiltered query is asked: it costs the source about as much per target as
// a filtered one (research/node.md § 3), so at most 1/0.6 of it, and is one instead of many.
constexpr double kMostCovered = 0.6;

void Want(std::vector<Need>& needs, Need need) {
  if (std::find(needs.begin(), needs.end(), need) == needs.end()) needs.push_back(std::move(need));
}

// What makes two needs the same query.
struct Shape {
  std::string source;
  std::string preset;  // empty: own PromQL, then `topic` is its text
  std::string topic;
  seconds window;
  seconds look_back;
  double bound = 0;  // of badRatio
  Grouping grouping{};

  auto operator<=>(const Shape&) const = default;
};
using Batches = std::map<Shape, std::vector<Member>>;

// The label `match` names besides the namespace's and, with a joint label, besides that.
Grouping GroupingOf(const PolicyNeeds& needs, const Preset& preset) {
  Grouping grouping{.labels = {preset.namespace_label}, .pod_label = preset.pod_label};
  grouping.joint = preset.joint;
  if (preset.joint) grouping.labels = {std::string(kTargetLabel)};
  for (const auto& [label, value] : needs.metrics.match) {
    const bool taken =
        preset.joint ? label == preset.joint->label : label == preset.namespace_label;
    if (!taken) grouping.labels.push_back(label);
  }
  if (preset.joint || !needs.metrics.match.empty()) return grouping;
  if (!preset.target_label.empty()) {
    grouping.labels.push_back(preset.target_label);
    return grouping;
  }
  grouping.labels.emplace_back(kTargetLabel);
  grouping.pod_names = PodNamesOf(needs.target.kind, needs.target.name);
  return grouping;
}

// The value of kTargetLabel.
std::string TargetValue(const PolicyNeeds& needs, const Grouping& grouping) {
  if (!grouping.joint) return PodStem(needs.target.name);
  const auto given = needs.metrics.match.find(grouping.joint->label);
  const bool named = given != needs.metrics.match.end();
  return JointValue(*grouping.joint, needs.policy.namespace_name,
                    named ? given->second : needs.target.name);
}

std::vector<std::string> ValuesOf(const PolicyNeeds& needs, const Grouping& grouping) {
  std::vector<std::string> values;
  for (const std::string& label : grouping.labels) {
    const auto match = needs.metrics.match.find(label);
    if (label == kTargetLabel) {
      values.push_back(TargetValue(needs, grouping));
    } else if (values.empty()) {
      values.push_back(needs.policy.namespace_name);
    } else {
      values.push_back(match != needs.metrics.match.end() ? match->second : needs.target.name);
    }
  }
  return values;
}

double BoundOf(const PolicyNeeds& needs, std::string_view topic) {
  if (topic != signal::kBadRatio || !needs.latency_objective) return 0;
  return std::chrono::duration<double>(*needs.latency_objective).count();
}

std::string Known(const PresetTable& presets) {
  std::string known;
  for (const std::string& name : PresetNames(presets)) known += (known.empty() ? "" : ", ") + name;
  return known;
}

class Builder {
 public:
  Builder(Plan& plan, const PresetTable& presets) : plan_(plan), presets_(presets) {}

  void Add(std::size_t policy) {
    for (const Need& need : plan_.policies[policy].needs) {
      AddNeed(policy, {need.signal, seconds{0}});
      if (need.look_back > seconds{0}) AddNeed(policy, need);
    }
  }

  [[nodiscard]] const Batches& Planned() const { return batches_; }

 private:
  void AddNeed(std::size_t policy, const Need& need) {
    const PolicyNeeds& needs = plan_.policies[policy];
    const auto query = needs.metrics.queries.find(need.signal);
    if (query != needs.metrics.queries.end()) {
      Shape shape{needs.metrics.source, "", query->second, needs.metrics.window, need.look_back};
      AddMember(std::move(shape), {policy, {need.signal}});
      return;
    }
    AddPresetNeed(policy, need);
  }

  void AddPresetNeed(std::size_t policy, const Need& need) {
    const MetricsSpec& metrics = plan_.policies[policy].metrics;
    const bool runtime = IsPerPod(need.signal);
    const std::string& name = runtime ? metrics.runtime_preset : metrics.latency_preset;
    const Preset* preset = FindPreset(presets_, name);
    if (preset == nullptr) {
      return Refuse(policy, need, ReadingState::kFailed,
                    "unknown preset \"" + name + "\"; known are " + Known(presets_));
    }
    for (const auto& [label, value] : metrics.match) {
      if (IsLabelName(label)) continue;
      return Refuse(policy, need, ReadingState::kFailed,
                    "metrics.match: \"" + label + "\" is not a label name");
    }
    if (need.signal == signal::kBadRatio && !plan_.policies[policy].latency_objective) {
      return Refuse(policy, need, ReadingState::kNoData,
                    "badRatio is the share of requests slower than objectives.latencyP99, which is "
                    "not given");
    }
    AddTopics(policy, need, *preset);
  }

  void AddTopics(std::size_t policy, const Need& need, const Preset& preset) {
    const auto topics = TopicsOf(preset, need.signal);
    if (topics.empty()) {
      return Refuse(policy, need, ReadingState::kNoData,
                    "the preset " + preset.name + " has no " + need.signal +
                        "; give a query of your own in metrics.queries");
    }
    const PolicyNeeds& needs = plan_.policies[policy];
    const Grouping grouping = GroupingOf(needs, preset);
    const Member member{policy, ValuesOf(needs, grouping)};
    const bool range = need.look_back > seconds{0};
    for (const std::string_view topic : topics) {
      const std::string text(range ? std::string_view(need.signal) : topic);
      AddMember({needs.metrics.source, preset.name, text, needs.metrics.window, need.look_back,
                 BoundOf(needs, text), grouping},
                member);
      if (range) return;
    }
  }

  void AddMember(Shape shape, Member member) {
    auto& members = batches_[std::move(shape)];
    if (members.empty() || members.back() != member) members.push_back(std::move(member));
  }

  void Refuse(std::size_t policy, const Need& need, ReadingState state, std::string message) {
    if (need.look_back > seconds{0}) return;
    plan_.unmet.push_back({policy, need.signal, Reading::Unknown(state, std::move(message))});
  }

  Plan& plan_;
  const PresetTable& presets_;
  Batches batches_;
};

PlannedQuery QueryOf(const Shape& shape, const PresetTable& presets) {
  PlannedQuery query;
  query.source = shape.source;
  query.topic = shape.topic;
  query.preset = FindPreset(presets, shape.preset);
  query.window = shape.window;
  query.look_back = shape.look_back;
  query.bound = shape.bound;
  query.grouping = shape.grouping;
  if (query.preset == nullptr) std::swap(query.topic, query.promql);
  return query;
}

// Chooses how each shape is asked, and adds its queries to the plan.
class Asker {
 public:
  Asker(Plan& plan, const PlanSettings& settings, const std::optional<Instants>& past)
      : plan_(plan), settings_(settings), past_(past) {}

  void Ask(const Shape& shape, std::vector<Member> members) {
    PlannedQuery query = QueryOf(shape, settings_.presets);
    query.past = past_;
    if (query.preset == nullptr) {
      plan_.queries.push_back(WithMembers(std::move(query), members));
      return;
    }
    SortByTarget(members);
    std::size_t most = MostTargets();
    if (settings_.census != nullptr && !past_ && shape.look_back == seconds{0}) {
      query.recorded = IsRecorded(query);
      if (members.size() > kMaxTargetsPerQuery) most = Choose(query, members.size());
    }
    for (const auto& run : Cut(members, most, query.filter != Filter::kNames)) {
      AddShort(WithMembers(query, run));
    }
  }

 private:
  void AddShort(PlannedQuery query) {
    std::vector<PlannedQuery> parts;
    if (query.promql.size() > kMaxPromqlBytes && query.members.size() > 1) parts = Split(query);
    if (parts.empty()) plan_.queries.push_back(std::move(query));
    for (PlannedQuery& part : parts) AddShort(std::move(part));
  }

  [[nodiscard]] std::size_t MostTargets() const {
    const std::int64_t most = past_ ? kMaxTargetInstants / past_->Count() : kMaxTargetInstants;
    const auto targets = static_cast<std::size_t>(std::max<std::int64_t>(most, 1));
    return std::min(targets, kMaxTargetsPerQuery);
  }

  bool IsRecorded(const PlannedQuery& query) {
    if (RecordedGrouping(*query.preset) != query.grouping) return false;
    if (settings_.census->AreRulesDue(query.source, plan_.time) &&
        sources_.insert(query.source).second) {
      plan_.queries.push_back(RulesQuery(query.source));
    }
    return settings_.census->HasRule(query.source,
                                     {query.topic, query.preset->name, PromDuration(query.window)});
  }

  // Sets the filter; returns how many targets one query may have.
  std::size_t Choose(PlannedQuery& query, std::size_t members) {
    if (!CanBeUnfiltered(query.grouping)) return kMaxTargetsPerQuery;
    const CensusKey key{query.source, query.preset->name, query.grouping};
    if (settings_.census->IsDue(key, plan_.time) && counted_.insert(key).second) {
      plan_.queries.push_back(HeadcountQuery(key.source, *query.preset, key.grouping));
    }
    const auto count = settings_.census->Find(key);
    if (!count || settings_.census->IsLate(key, plan_.time) ||
        static_cast<double>(members) < kMostCovered * static_cast<double>(count->targets))
      return kMaxTargetsPerQuery;
    query.heartbeat_only = count->bare == 0;
    const bool few = members <= kMaxUnnamedTargets;
    query.filter = few ? Filter::kNone : Filter::kNamespaces;
    return few ? members : kMaxUnnamedTargets;
  }

  Plan& plan_;
  const PlanSettings& settings_;
  const std::optional<Instants>& past_;
  std::set<CensusKey> counted_;
  std::set<std::string> sources_;
};

Plan Build(std::span<const PolicyNeeds> policies, TimePoint now, const PlanSettings& settings,
           const std::optional<Instants>& past) {
  Plan plan{
      .time = now, .policies = {policies.begin(), policies.end()}, .queries = {}, .unmet = {}};
  Builder builder(plan, settings.presets);
  for (std::size_t policy = 0; policy < plan.policies.size(); ++policy) builder.Add(policy);
  Asker asker(plan, settings, past);
  for (const auto& [shape, members] : builder.Planned()) asker.Ask(shape, members);
  // Nobody knows how long a policy's own PromQL takes: it keeps no other query waiting.
  std::ranges::stable_partition(plan.queries, std::not_fn(&IsOwnPromql));
  return plan;
}

}  // namespace

bool IsOwnPromql(const PlannedQuery& query) {
  return query.preset == nullptr && query.topic != kCensus;
}

PolicyNeeds NeedsOf(const ScalingPolicy& policy) {
  PolicyNeeds needs{policy.key, policy.target_ref, policy.metrics, {}, {}};
  needs.latency_objective = policy.target.objectives.latency_p99;
  const auto want = [&](bool wanted, std::string_view name) {
    if (wanted) Want(needs.needs, {std::string(name), seconds{0}});
  };
  const Objectives& objectives = policy.target.objectives;
  want(objectives.latency_p99.has_value(), signal::kLatencyP99);
  want(objectives.error_rate.has_value(), signal::kErrorRate);
  want(objectives.event_loop_lag_p99.has_value(), signal::kEventLoopLagP99);
  want(objectives.event_loop_utilization.has_value(), signal::kEventLoopUtilization);
  want(true, signal::kRequestRate);
  for (const PolicyModule& module : policy.policies) {
    for (Need& need : module.policy->Needs(policy.target)) Want(needs.needs, std::move(need));
  }
  return needs;
}

Plan BuildPlan(std::span<const PolicyNeeds> policies, TimePoint now, const PlanSettings& settings) {
  return Build(policies, now, settings, std::nullopt);
}

Plan PlanPast(std::span<const PolicyNeeds> policies, const Instants& past,
              const PlanSettings& settings) {
  return Build(policies, past.last, settings, past);
}

}  // namespace evenkeel
