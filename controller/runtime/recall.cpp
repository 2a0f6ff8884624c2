#include "controller/runtime/recall.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "controller/core/time_format.hpp"
#include "controller/core/turns.hpp"
#include "controller/prometheus/slices.hpp"
#include "controller/runtime/log.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Is there a past that is worth asking for, and can it be used in this round?
bool IsToBeRecalled(const World& world, const PolicyEntry& entry) {
  const ScalingPolicy* policy = entry.policy();
  if (policy == nullptr || entry.recalled || ReplaySpan(*policy) <= seconds(0)) return false;
  if (!entry.history && !WasDecidedOn(policy->status)) return false;
  if (policy->mode == Mode::kEnforce && world.Conflict(*policy)) return false;
  return !World::Watches(policy->target_ref) || world.FindTarget(*policy);
}

std::vector<PolicyNeeds> NeedsOfAll(World& world, const std::vector<ObjectKey>& keys) {
  std::vector<PolicyNeeds> needs;
  for (const ObjectKey& key : keys) needs.push_back(NeedsOf(*world.Find(key)->policy()));
  return needs;
}

Pasts DealTurns(Plan plan, std::vector<Answer> answers, const Instants& turns) {
  Pasts pasts;
  Slices slices(std::move(answers));
  for (TimePoint time = turns.first; time <= turns.last; time += turns.step) {
    plan.time = time;
    for (Dealt& dealt : Deal(plan, slices.At(time))) {
      pasts[dealt.policy].push_back({time, std::move(dealt.readings), std::move(dealt.series)});
    }
  }
  return pasts;
}

void Note(const Pasts& pasts, const Instants& turns, milliseconds took, Metrics& metrics) {
  const auto failed = static_cast<std::size_t>(
      std::ranges::count_if(pasts, [](const auto& past) { return NothingAnswered(past.second); }));
  metrics.CountRecalled("ok", pasts.size() - failed);
  metrics.CountRecalled("failed", failed);
  Log(failed > 0 ? LogLevel::kWarning : LogLevel::kInfo, "history restored",
      {{"policies", std::to_string(pasts.size() - failed)},
       {"failed", std::to_string(failed)},
       {"turns", std::to_string(turns.Count())},
       {"since", FormatTime(turns.first)},
       {"took", std::to_string(took.count()) + "ms"}});
}

// What this controller has decided meanwhile stays; what has stood in for the past goes.
void Join(PolicyEntry& entry, History past) {
  History& live = *entry.history;
  std::erase_if(past.recommendations, [&](const Recommendation& recommendation) {
    return recommendation.time >= entry.first_decided;
  });
  for (const Recommendation& recommendation : live.recommendations) {
    if (!recommendation.assumed) past.recommendations.push_back(recommendation);
  }
  live.recommendations = std::move(past.recommendations);
}

History ReplayFor(const World& world, const ScalingPolicy& policy,
                  const std::vector<PastTurn>& past, const History& remembered, Replicas present) {
  const PopulationAt population = [&](TimePoint time, Replicas size, Replicas taken_away) {
    return world.TargetAt(policy, time, size, taken_away);
  };
  return Replay(policy, past, population, remembered, present);
}

// A first decision.
void Begin(PolicyEntry& entry, Replicas present, TimePoint now) {
  const ScalingPolicy& policy = *entry.policy();
  entry.history = RestoreHistory(policy.status);
  entry.first_decided = now;
  if (ReplaySpan(policy) <= seconds(0)) entry.recalled = true;
  if (WasDecidedOn(policy.status) || entry.recalled) return;
  StandIn(*entry.history, present, now);
  entry.recalled = true;
}

}  // namespace

RecallPlan PlanRecall(World& world, const std::vector<ObjectKey>& keys, milliseconds period) {
  RecallPlan plan;
  for (const ObjectKey& key : keys) {
    const PolicyEntry* entry = world.Find(key);
    if (entry == nullptr || !IsToBeRecalled(world, *entry)) continue;
    const seconds span = std::max(plan.span, ReplaySpan(*entry->policy()));
    const auto turns = static_cast<std::int64_t>(plan.keys.size() + 1) * (span / period + 1);
    if (!plan.keys.empty() && turns > kMostRecalledTurns) continue;
    plan.keys.push_back(key);
    plan.span = span;
  }
  return plan;
}

PastPlan PlanPasts(World& world, const RecallPlan& recall, const PresetTable& presets,
                   const RawQueryRights& rights, TimePoint now, milliseconds period) {
  if (recall.keys.empty()) return {};
  PastPlan past{.turns = TurnsBefore(now, recall.span, period)};
  std::vector<PolicyNeeds> needs = NeedsOfAll(world, recall.keys);
  std::vector<UnmetNeed> refused = RefuseRawQueries(needs, rights);
  past.plan = PlanPast(needs, past.turns, {presets});
  past.plan.unmet.insert(past.plan.unmet.end(), refused.begin(), refused.end());
  return past;
}

Pasts DealPasts(PastPlan past, std::vector<Answer> answers, std::chrono::nanoseconds took,
                Metrics& metrics) {
  if (past.plan.policies.empty()) return {};
  for (const Answer& answer : answers) {
    metrics.CountQuery(answer.query.source, answer.result ? "ok" : "failed");
  }
  Pasts pasts = DealTurns(std::move(past.plan), std::move(answers), past.turns);
  Note(pasts, past.turns, std::chrono::duration_cast<milliseconds>(took), metrics);
  return pasts;
}

void Recall(const World& world, PolicyEntry& entry, const std::vector<PastTurn>* past,
            Replicas present, TimePoint now) {
  const bool first = !entry.history;
  if (first) Begin(entry, present, now);
  if (entry.recalled) return;
  const bool failed = past != nullptr && NothingAnswered(*past);
  if (past == nullptr || (failed && ++entry.recall_failures < kMostFailures)) {
    StandIn(*entry.history, present, now);
    return;
  }
  History replayed = ReplayFor(world, *entry.policy(), *past, *entry.history, present);
  entry.recalled = true;
  if (first) {
    entry.history = std::move(replayed);
  } else {
    Join(entry, std::move(replayed));
  }
}

}  // namespace evenkeel
