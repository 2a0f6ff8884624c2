#include "controller/prometheus/planned_query.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "controller/prometheus/rules.hpp"
#include "controller/prometheus/templates.hpp"

namespace evenkeel {
namespace {

using std::chrono::seconds;

constexpr seconds kFinestStep{15};
constexpr int kMaxPoints = 1000;  // per series of a range answer

std::string PromqlOf(const PlannedQuery& query) {
  std::vector<std::vector<std::string>> targets;
  targets.reserve(query.members.size());
  for (const Member& member : query.members) targets.push_back(member.values);
  const TemplateInput input{
      *query.preset, query.window,         query.grouping, targets,
      query.filter,  query.heartbeat_only, query.bound,
  };
  if (query.look_back > seconds{0}) return RangePromql(query.topic, input);
  return query.recorded ? RecordedPromql(query.topic, input) : InstantPromql(query.topic, input);
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

std::vector<PlannedQuery> WithEach(PlannedQuery query,
                                   const std::vector<std::span<const Member>>& runs) {
  std::vector<PlannedQuery> parts;
  for (const auto& run : runs) parts.push_back(WithMembers(query, run));
  return parts;
}

// Into halves between namespaces; one namespace's targets are named.
std::vector<PlannedQuery> SplitUnnamed(PlannedQuery query) {
  const std::span<const Member> all = query.members;
  query.filter = Filter::kNamespaces;
  auto halves = Cut(all, (all.size() + 1) / 2, true);
  if (halves.size() > 1) return WithEach(query, halves);
  query.filter = Filter::kNames;
  return WithEach(query, Cut(all, kMaxTargetsPerQuery, false));
}

// Where one namespace ends: the last place up to `end`, or else the first one after it.
std::size_t NamespaceBoundary(std::span<const Member> members, std::size_t end) {
  const auto inside = [&](std::size_t at) {
    return at < members.size() && members[at - 1].values.front() == members[at].values.front();
  };
  for (std::size_t at = end; at > 0; --at) {
    if (!inside(at)) return at;
  }
  while (inside(end)) ++end;
  return end;
}

}  // namespace

PlannedQuery WithMembers(PlannedQuery query, std::span<const Member> members) {
  query.members = std::vector<Member>(members.begin(), members.end());
  if (query.preset != nullptr) query.promql = PromqlOf(query);
  return query;
}

void SortByTarget(std::vector<Member>& members) {
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
    return std::tie(a.values, a.policy) < std::tie(b.values, b.policy);
  });
}

std::vector<std::span<const Member>> Cut(std::span<const Member> members, std::size_t most,
                                         bool by_namespace) {
  std::vector<std::span<const Member>> runs;
  while (!members.empty()) {
    const std::size_t end = std::min(most, members.size());
    const std::size_t count = by_namespace ? NamespaceBoundary(members, end) : end;
    runs.push_back(members.first(count));
    members = members.subspan(count);
  }
  return runs;
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
  if (query.preset != nullptr && query.filter != Filter::kNames) return SplitUnnamed(query);
  if (query.preset != nullptr && all.size() > 1) {
    const std::size_t half = all.size() / 2;
    return {WithMembers(query, all.first(half)), WithMembers(query, all.subspan(half))};
  }
  if (!query.past || query.look_back > seconds{0} || query.past->Count() < 2) return {};
  return SplitInTime(query, *query.past);
}

}  // namespace evenkeel
