#include "controller/runtime/round.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "controller/core/foreign_change.hpp"
#include "controller/prometheus/zero.hpp"
#include "controller/runtime/gathering.hpp"
#include "controller/runtime/log.hpp"
#include "controller/runtime/recall.hpp"

namespace evenkeel {
namespace {

// Policies that a round begins further on than the one before: a prime, so that all come first in
// their turn.
constexpr std::uint64_t kStride = 7919;

// One policy on its way through the round.
struct Turn {
  ObjectKey key;
  Observation observation{};
  ScaledTarget target{};
  std::optional<Outcome> outcome{};
};

struct Round {
  const RoundContext& context;
  std::uint64_t number;
  TimePoint now;
  std::stop_token stop;
  std::chrono::steady_clock::time_point begin{};
  std::map<ObjectKey, Dealt> dealt{};
  Pasts pasts{};
  std::vector<ObjectKey> again{};
};

Obstacle Missing(const ScalingPolicy& policy, const std::string& why) {
  return {std::string(reason::kTargetNotFound),
          policy.target_ref.ToString() + " in namespace " + policy.key.namespace_name + ": " + why};
}

void FindTarget(const Round& round, const ScalingPolicy& policy, Turn& turn) {
  if (World::Watches(policy.target_ref)) {
    const auto target = round.context.world.FindTarget(policy);
    if (!target) turn.observation.obstacle = Missing(policy, "no such object");
    turn.target = target.value_or(ScaledTarget{});
  } else {
    const Result<ScaledTarget> target = round.context.scales.Read(policy, round.stop);
    if (!target) turn.observation.obstacle = Missing(policy, target.error().message);
    turn.target = target ? *target : ScaledTarget{};
  }
  turn.observation.target = turn.target.state;
  turn.observation.target_uid = turn.target.uid;
  turn.observation.writer = turn.target.writer;
}

Turn Gather(Round& round, const ScalingPolicy& policy) {
  Turn turn{policy.key};
  FindTarget(round, policy, turn);
  turn.observation.distrust = round.context.world.watches().Distrust(round.now);
  if (const auto conflict = round.context.world.Conflict(policy);
      conflict && policy.mode == Mode::kEnforce) {
    turn.observation.obstacle = conflict;
  }
  if (const auto fault = NeverComesBack(policy, round.context.planning.presets)) {
    turn.observation.obstacle = {std::string(reason::kInvalidSpec), fault->ToString()};
  }
  if (const auto found = round.dealt.find(policy.key); found != round.dealt.end()) {
    turn.observation.readings = std::move(found->second.readings);
    turn.observation.series = std::move(found->second.series);
  }
  return turn;
}

bool IsUnrecalled(World& world, const ObjectKey& key) {
  const PolicyEntry* entry = world.Find(key);
  return entry != nullptr && entry->policy() != nullptr && !entry->recalled;
}

// Those that the last round left to this one, first. Of the others each round begins with another:
// where there are not tokens for all writes, it is not always the same that wait.
std::vector<ObjectKey> Ordered(World& world, std::vector<ObjectKey> keys, std::uint64_t round) {
  if (keys.empty()) return keys;
  const auto first = static_cast<std::ptrdiff_t>(round * kStride % keys.size());
  std::ranges::rotate(keys, keys.begin() + first);
  std::ranges::stable_partition(keys, [&](const ObjectKey& key) {
    const PolicyEntry* entry = world.Find(key);
    return entry != nullptr && entry->postponed;
  });
  return keys;
}

// By source. Whoever has none that is known waits for nobody.
std::map<std::string, std::vector<ObjectKey>> GroupBySource(const Round& round,
                                                            const std::vector<ObjectKey>& keys) {
  std::map<std::string, std::vector<ObjectKey>> groups;
  for (const ObjectKey& key : keys) {
    const PolicyEntry* entry = round.context.world.Find(key);
    if (entry == nullptr) continue;
    const std::string source = entry->policy() == nullptr ? "" : entry->policy()->metrics.source;
    groups[round.context.fetcher.Knows(source) ? source : ""].push_back(key);
  }
  return groups;
}

Plan PlanReadings(const Round& round, const std::vector<ObjectKey>& keys) {
  std::vector<PolicyNeeds> needs;
  for (const ObjectKey& key : keys) {
    const ScalingPolicy* policy = round.context.world.Find(key)->policy();
    if (policy != nullptr) needs.push_back(NeedsOf(*policy));
  }
  std::vector<UnmetNeed> refused = RefuseRawQueries(needs, round.context.raw_queries);
  const Planning& planning = round.context.planning;
  Plan plan = BuildPlan(needs, round.now, {planning.presets, &planning.census});
  plan.unmet.insert(plan.unmet.end(), refused.begin(), refused.end());
  return plan;
}

// Almost every round has no past to ask for, and is spared the index of owners.
std::vector<Batch> MakeBatches(const Round& round, const std::vector<ObjectKey>& keys) {
  const RoundContext& context = round.context;
  const bool past = std::ranges::any_of(
      keys, [&](const ObjectKey& key) { return IsUnrecalled(context.world, key); });
  if (past) context.world.IndexOwners();
  std::vector<Batch> batches;
  for (auto& [source, group] : GroupBySource(round, keys)) {
    Batch batch{.source = source, .plan = PlanReadings(round, group)};
    if (past) {
      const RecallPlan recall = PlanRecall(context.world, group, context.sync_period);
      batch.past = PlanPasts(context.world, recall, context.planning.presets, context.raw_queries,
                             round.now, context.sync_period);
    }
    for (const ObjectKey& key : group) {
      batch.revisions.push_back(context.world.Find(key)->revision);
    }
    batch.keys = std::move(group);
    batches.push_back(std::move(batch));
  }
  return batches;
}

void TakeIn(Round& round, Batch& batch) {
  Metrics& metrics = round.context.metrics;
  if (!batch.plan.queries.empty()) metrics.ObserveFetch(batch.took);
  const bool asked = !batch.source.empty();
  if (asked && round.context.plan_page != nullptr) {
    round.context.plan_page->Show(batch, round.number);
  }
  for (const Answer& answer : batch.readings.answers) {
    metrics.CountQuery(answer.query.source, answer.result ? "ok" : "failed");
  }
  round.context.planning.census.Note(batch.readings.answers, round.now);
  for (Dealt& dealt : Deal(batch.plan, batch.readings.answers)) {
    const ObjectKey key = dealt.policy;
    round.dealt.insert_or_assign(key, std::move(dealt));
  }
  round.pasts.merge(
      DealPasts(std::move(batch.past), std::move(batch.turns.answers), batch.took, metrics));
}

// The decision is about the state whose resourceVersion goes with the patch: if anything changed
// since, the API server refuses it, and it is decided again instead of sent again.
void Patch(Round& round, PolicyEntry& entry, Turn& turn) {
  const ScalingPolicy& policy = *entry.policy();
  Outcome& outcome = *turn.outcome;
  const Result<Resource> resource = round.context.scales.ResourceOf(policy.target_ref, round.stop);
  if (!resource) {
    outcome.patch = PatchResult::kFailed;
    outcome.patch_error = resource.error().message;
    return;
  }
  const Result<Scale> scale = round.context.writer.PatchScale(
      *resource, {policy.key.namespace_name, policy.target_ref.name}, outcome.decision.desired,
      turn.target.resource_version, outcome.patch_status, round.stop);
  if (scale) {
    outcome.patch = PatchResult::kApplied;
    entry.conflicts = 0;
    outcome.decision.next.scale_events.push_back(
        {round.now, outcome.decision.current, outcome.decision.desired});
    outcome.decision.next.scaled_to_zero = outcome.decision.desired == 0;
    round.context.world.NoteWrite(
        policy, {turn.target.uid, turn.target.resource_version, scale->resource_version,
                 scale->spec_replicas, round.now});
    round.context.metrics.CountScalePatch("applied");
    return;
  }
  const bool conflict = scale.error().kind == ErrorKind::kConflict;
  outcome.patch = PatchResult::kFailed;
  outcome.patch_error = scale.error().message;
  round.context.metrics.CountScalePatch(conflict ? "conflict" : "failed");
  if (!conflict) return;
  ++entry.conflicts;
  round.again.push_back(policy.key);
}

void DecideAndAct(Round& round, PolicyEntry& entry, Turn& turn) {
  const ScalingPolicy& policy = *entry.policy();
  if (!turn.observation.obstacle) {
    const auto past = round.pasts.find(policy.key);
    Recall(round.context.world, entry, past == round.pasts.end() ? nullptr : &past->second,
           turn.observation.target.spec_replicas, round.now);
  }
  turn.outcome =
      Outcome{.decision = Decide(policy, turn.observation, entry.history.value_or(History{}),
                                 round.now, round.context.settings),
              .round = round.number};
  if (turn.outcome->decision.Changes()) {
    if (policy.mode == Mode::kObserve) {
      turn.outcome->patch = PatchResult::kObserved;
    } else {
      Patch(round, entry, turn);
    }
  }
  if (!entry.history) return;
  entry.history = turn.outcome->decision.next;
  RememberReplicas(*turn.outcome, turn.target.uid, *entry.history);
}

bool IsLate(const Round& round, const Batch& batch) {
  const auto answered = round.begin + batch.took;
  return std::chrono::steady_clock::now() - answered >= round.context.decide_within;
}

// What is wanted meanwhile is not known, as behind an obstacle.
void Postpone(const Round& round, const Batch& batch, std::size_t first) {
  const std::size_t policies = batch.keys.size() - first;
  for (std::size_t i = first; i < batch.keys.size(); ++i) {
    PolicyEntry* entry = round.context.world.Find(batch.keys[i]);
    if (entry == nullptr) continue;
    entry->postponed = true;
    if (entry->history) entry->history->stopped = true;
  }
  round.context.metrics.CountPostponed(policies);
  Log(LogLevel::kWarning, "decisions wait for the next round",
      {{"policies", std::to_string(policies)},
       {"source", batch.source},
       {"reason", "the API server answers so slowly that their readings have grown old"}});
}

// All of a source's patches before all its reports: when writes are scarce, scaling comes first.
// Readings are of the spec that they were asked for; one that has changed meanwhile has a round to
// itself.
std::vector<Turn> DecideAll(Round& round, const Batch& batch) {
  std::vector<Turn> turns;
  for (std::size_t i = 0; i < batch.keys.size(); ++i) {
    if (round.stop.stop_requested()) break;
    if (IsLate(round, batch)) {
      Postpone(round, batch, i);
      break;
    }
    round.context.progress();
    const ObjectKey& key = batch.keys[i];
    PolicyEntry* entry = round.context.world.Find(key);
    if (entry == nullptr || entry->revision != batch.revisions[i]) continue;
    entry->postponed = false;
    if (entry->policy() == nullptr) {
      turns.push_back({key});
      continue;
    }
    turns.push_back(Gather(round, *entry->policy()));
    DecideAndAct(round, *entry, turns.back());
  }
  return turns;
}

void ReportAll(Round& round, const std::vector<Turn>& turns) {
  for (const Turn& turn : turns) {
    PolicyEntry* entry = round.context.world.Find(turn.key);
    if (entry == nullptr || round.stop.stop_requested()) continue;
    round.context.progress();
    if (turn.outcome) {
      round.context.reporter.Report(*entry, *turn.outcome, turn.target.uid, round.stop);
    } else {
      round.context.reporter.ReportInvalid(*entry, round.now, round.stop);
    }
  }
}

}  // namespace

std::vector<ObjectKey> RunRound(const RoundContext& context, const std::vector<ObjectKey>& keys,
                                std::uint64_t number, TimePoint now, std::stop_token stop) {
  const auto begin = std::chrono::steady_clock::now();
  Round round{context, number, now, std::move(stop), begin};
  context.writer.BeginRound();
  context.scales.BeginRound();
  Gathering gathering(context.fetcher, MakeBatches(round, Ordered(context.world, keys, number)),
                      context.fetch_deadline, round.stop);
  std::vector<Turn> unreported;
  while (Batch* batch = gathering.Next()) {
    TakeIn(round, *batch);
    context.absorb();
    context.world.ForgetWrites(now);
    context.world.IndexOwners();
    std::ranges::move(DecideAll(round, *batch), std::back_inserter(unreported));
    // Another source's decisions are worth more than these reports.
    if (!gathering.HasNext()) ReportAll(round, std::exchange(unreported, {}));
  }
  ReportAll(round, unreported);
  context.metrics.CountRound(std::chrono::steady_clock::now() - begin);
  return round.again;
}

}  // namespace evenkeel
