#include "controller/prometheus/planner.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "controller/prometheus/presets.hpp"
#include "controller/prometheus/templates.hpp"

namespace evenkeel {
namespace {

using std::chrono::seconds;

constexpr seconds kFinestStep{15};
constexpr int kMaxPoints = 1000;  // per series of a range answer
// Targets times instants of one query into the past: some megabytes of answer, and as much work for
// the source as that many instant queries of one target.
constexpr std::int64_t kMaxTargetInstants = 4000;

bool IsRuntimeSignal(std::string_view signal) {
  return signal == signal::kEventLoopLagP99 || signal == signal::kEventLoopUtilization;
}

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
  Grouping grouping;

  auto operator<=>(const Shape&) const = default;
};
using Batches = std::map<Shape, std::vector<Member>>;

Grouping GroupingOf(const PolicyNeeds& needs, const Preset& preset) {
  Grouping grouping{.labels = {preset.namespace_label}};
  for (const auto& [label, value] : needs.metrics.match) {
    if (label != preset.namespace_label) grouping.labels.push_back(label);
  }
  if (!needs.metrics.match.empty()) return grouping;
  if (!preset.target_label.empty()) {
    grouping.labels.push_back(preset.target_label);
    return grouping;
  }
  grouping.labels.emplace_back(kTargetLabel);
  grouping.pod_names = PodNamesOf(needs.target.kind, needs.target.name);
  return grouping;
}

std::vector<std::string> ValuesOf(const PolicyNeeds& needs, const Grouping& grouping) {
  std::vector<std::string> values = {needs.policy.namespace_name};
  for (auto label = grouping.labels.begin() + 1; label != grouping.labels.end(); ++label) {
    const auto match = needs.metrics.match.find(*label);
    const bool by_pod = *label == kTargetLabel;
    values.push_back(match != needs.metrics.match.end() ? match->second
                     : by_pod                           ? PodStem(needs.target.name)
                                                        : needs.target.name);
  }
  return values;
}

std::string Known() {
  std::string known;
  for (const std::string& name : PresetNames()) known += (known.empty() ? "" : ", ") + name;
  return known;
}

class Builder {
 public:
  explicit Builder(Plan& plan) : plan_(plan) {}

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
      AddMember({needs.metrics.source, "", query->second, needs.metrics.window, need.look_back, {}},
                {policy, {need.signal}});
      return;
    }
    AddPresetNeed(policy, need);
  }

  void AddPresetNeed(std::size_t policy, const Need& need) {
    const MetricsSpec& metrics = plan_.policies[policy].metrics;
    const bool runtime = IsRuntimeSignal(need.signal);
    const std::string& name = runtime ? metrics.runtime_preset : metrics.latency_preset;
    const Preset* preset = FindPreset(name);
    if (preset == nullptr) {
      return Refuse(policy, need, ReadingState::kFailed,
                    "unknown preset \"" + name + "\"; known are " + Known());
    }
    for (const auto& [label, value] : metrics.match) {
      if (IsLabelName(label)) continue;
      return Refuse(policy, need, ReadingState::kFailed,
                    "metrics.match: \"" + label + "\" is not a label name");
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
      AddMember(
          {needs.metrics.source, preset.name, text, needs.metrics.window, need.look_back, grouping},
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
  Batches batches_;
};

// Neighbours in a batch should share a namespace: the shorter the selector, the fewer series.
void SortByTarget(std::vector<Member>& members) {
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
    return std::tie(a.values, a.policy) < std::tie(b.values, b.policy);
  });
}

void Render(PlannedQuery& query) {
  if (query.preset == nullptr) return;
  std::vector<std::vector<std::string>> targets;
  targets.reserve(query.members.size());
  for (const Member& member : query.members) targets.push_back(member.values);
  const TemplateInput input{*query.preset, query.window, query.grouping, targets};
  query.promql = query.look_back > seconds{0} ? RangePromql(query.topic, input)
                                              : InstantPromql(query.topic, input);
}

PlannedQuery WithMembers(PlannedQuery query, std::span<const Member> members) {
  query.members.assign(members.begin(), members.end());
  Render(query);
  return query;
}

PlannedQuery QueryOf(const Shape& shape) {
  PlannedQuery query{.source = shape.source,
                     .topic = shape.topic,
                     .preset = FindPreset(shape.preset),
                     .window = shape.window,
                     .look_back = shape.look_back,
                     .grouping = shape.grouping,
                     .members = {},
                     .promql = {},
                     .past = {}};
  if (query.preset == nullptr) std::swap(query.topic, query.promql);
  return query;
}

void AddQueries(const PlannedQuery& query, std::vector<Member> members, std::size_t most,
                Plan& plan) {
  const std::span<const Member> all = members;
  if (query.preset == nullptr) {
    plan.queries.push_back(WithMembers(query, all));
    return;
  }
  SortByTarget(members);
  for (std::size_t begin = 0; begin < all.size(); begin += most) {
    const std::size_t count = std::min(most, all.size() - begin);
    plan.queries.push_back(WithMembers(query, all.subspan(begin, count)));
  }
}

Plan Build(std::span<const PolicyNeeds> policies, TimePoint now,
           const std::optional<Instants>& past) {
  Plan plan{
      .time = now, .policies = {policies.begin(), policies.end()}, .queries = {}, .unmet = {}};
  Builder builder(plan);
  for (std::size_t policy = 0; policy < plan.policies.size(); ++policy) builder.Add(policy);
  const std::int64_t most = past ? kMaxTargetInstants / past->Count() : kMaxTargetInstants;
  const auto targets = static_cast<std::size_t>(std::max<std::int64_t>(most, 1));
  for (const auto& [shape, members] : builder.Planned()) {
    PlannedQuery query = QueryOf(shape);
    query.past = past;
    AddQueries(query, members, std::min(targets, kMaxTargetsPerQuery), plan);
  }
  return plan;
}

// Four points a window show what a rate over it can show.
seconds StepOf(const PlannedQuery& query) {
  return std::max({kFinestStep, query.window / 4, query.look_back / kMaxPoints + seconds{1}});
}

std::vector<PlannedQuery> SplitInTime(const PlannedQuery& query, const Instants& past) {
  const auto [first, last, step] = past;
  const TimePoint middle = first + (past.Count() / 2) * step;
  std::vector<PlannedQuery> halves = {query, query};
  halves[0].past = Instants{first, middle - step, step};
  halves[1].past = Instants{middle, last, step};
  return halves;
}

}  // namespace

PolicyNeeds NeedsOf(const ScalingPolicy& policy) {
  PolicyNeeds needs{policy.key, policy.target_ref, policy.metrics, {}};
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

Plan BuildPlan(std::span<const PolicyNeeds> policies, TimePoint now) {
  return Build(policies, now, std::nullopt);
}

Plan PlanPast(std::span<const PolicyNeeds> policies, const Instants& past) {
  return Build(policies, past.last, past);
}

HttpRequest RequestOf(const PlannedQuery& query, TimePoint time,
                      std::chrono::milliseconds timeout) {
  const TimePoint first = query.past ? query.past->first : time;
  const TimePoint last = query.past ? query.past->last : time;
  if (query.look_back > seconds{0}) {
    const seconds step = StepOf(query);
    const std::chrono::milliseconds just_less = step - std::chrono::milliseconds{1};
    const TimePoint begin = TurnAt(first - query.look_back + just_less, step);
    return RangeQuery(query.promql, begin, last, step, timeout);
  }
  if (query.past) return RangeQuery(query.promql, first, last, query.past->step, timeout);
  return InstantQuery(query.promql, time, timeout);
}

std::vector<PlannedQuery> Split(const PlannedQuery& query) {
  const std::span<const Member> all = query.members;
  if (query.preset != nullptr && all.size() > 1) {
    const std::size_t half = all.size() / 2;
    return {WithMembers(query, all.first(half)), WithMembers(query, all.subspan(half))};
  }
  if (!query.past || query.look_back > seconds{0} || query.past->Count() < 2) return {};
  return SplitInTime(query, *query.past);
}

}  // namespace evenkeel
