#include "controller/core/decide.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "controller/core/foreign_change.hpp"
#include "controller/core/replay.hpp"
#include "controller/core/signal_views.hpp"
#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

// The working state of one decision: the number as it passes the stages, and what explains it.
struct Judgement {
  const ScalingPolicy& policy;
  const Observation& observation;
  TimePoint now;
  Decision decision;
  bool recovering = false;      // a signal was unknown at the last decision
  Replicas replicas = 0;        // as the stages leave it
  std::string wanted_reason{};  // of the proposal that won
  std::string wanted_message{};
  std::string held_reason{};  // of the last stage that took something away from it
  std::string held_message{};

  [[nodiscard]] Replicas current() const { return decision.current; }
};

// Signals that scale-in rests on: every objective's, and every query that the policy names.
std::optional<SignalView> FirstUnknown(const Judgement& judgement) {
  const auto& queries = judgement.policy.metrics.queries;
  for (const SignalView& view : judgement.decision.signals) {
    const bool counts = view.objective || queries.contains(view.name);
    if (counts && !view.reading.AllowsScaleIn()) return view;
  }
  return std::nullopt;
}

bool AnyKnown(const Judgement& judgement) {
  return std::ranges::any_of(judgement.decision.signals,
                             [](const SignalView& view) { return view.reading.AllowsScaleIn(); });
}

bool AnyValue(const Judgement& judgement) {
  return std::ranges::any_of(judgement.decision.signals,
                             [](const SignalView& view) { return view.reading.HasValue(); });
}

void AddStep(Judgement& judgement, Stage stage, Replicas after, std::string_view reason,
             std::string rule = {}) {
  const Replicas before = judgement.replicas;
  const bool changed = before != after;
  judgement.decision.steps.push_back(
      {stage, before, after, std::string(changed ? reason : ""), std::move(rule)});
  judgement.replicas = after;
}

void Take(Judgement& judgement, std::string_view reason, std::string message) {
  judgement.held_reason = reason;
  judgement.held_message = std::move(message);
}

ModuleProposal Ask(const Judgement& judgement, const PolicyModule& module, const History& history) {
  static const nlohmann::json kNoMemory;
  const auto memory = history.memory.find(module.name);
  const ScalingPolicy& policy = judgement.policy;
  const Input input{judgement.now,
                    policy.target,
                    judgement.observation.target,
                    judgement.observation.readings,
                    judgement.observation.series,
                    {policy.behavior.scale_up.tolerance, policy.behavior.scale_down.tolerance},
                    memory == history.memory.end() ? kNoMemory : memory->second};
  Result<Proposal> proposal = module.policy->Propose(input);
  if (!proposal) return {module.name, {}, proposal.error()};
  return {module.name, std::move(*proposal), {}};
}

void AskModules(Judgement& judgement, const History& history) {
  Decision& decision = judgement.decision;
  for (const PolicyModule& module : judgement.policy.policies) {
    decision.proposals.push_back(Ask(judgement, module, history));
    const ModuleProposal& answer = decision.proposals.back();
    if (!answer.error && !answer.proposal.memory.is_null()) {
      decision.next.memory[module.name] = answer.proposal.memory;
    }
  }
}

void Want(Judgement& judgement, Replicas& wanted, const Proposal& proposal) {
  wanted = proposal.replicas;
  judgement.wanted_reason = proposal.reason;
  judgement.wanted_message = proposal.message;
}

// The largest reactive proposal; then floors, which only raise. With no reactive proposal the
// present size stands. Returns whether any module reacted.
bool Combine(Judgement& judgement) {
  Replicas wanted = judgement.current();
  bool reacted = false;
  for (const ModuleProposal& answer : judgement.decision.proposals) {
    const Proposal& proposal = answer.proposal;
    if (answer.error || proposal.kind != ProposalKind::kReactive) continue;
    if (!reacted || proposal.replicas > wanted) Want(judgement, wanted, proposal);
    reacted = true;
  }
  for (const ModuleProposal& answer : judgement.decision.proposals) {
    const Proposal& proposal = answer.proposal;
    if (answer.error || proposal.kind != ProposalKind::kFloor) continue;
    if (proposal.replicas > wanted) Want(judgement, wanted, proposal);
  }
  AddStep(judgement, Stage::kCombine, wanted, judgement.wanted_reason);
  return reacted;
}

// After `fallback.after` without any known signal, at least `fallback.replicas`.
void ApplyFallback(Judgement& judgement) {
  const auto& fallback = judgement.policy.fallback;
  TimePoint& last_known = *judgement.decision.next.last_known;
  if (!fallback || judgement.now - last_known < fallback->after) return;
  if (judgement.replicas >= fallback->replicas) return;
  judgement.replicas = fallback->replicas;
  judgement.decision.steps.back().after = fallback->replicas;
  judgement.decision.steps.back().reason = reason::kFallback;
  judgement.wanted_reason = reason::kFallback;
  judgement.wanted_message = "no signal has been known for " + FormatDuration(fallback->after) +
                             ", so the fallback is the floor";
}

bool Blocks(const Proposal& proposal, bool up) {
  if (proposal.kind != ProposalKind::kHold) return false;
  return proposal.direction == Direction::kBoth ||
         proposal.direction == (up ? Direction::kUp : Direction::kDown);
}

const ModuleProposal* FindHold(const Judgement& judgement, bool up) {
  for (const ModuleProposal& answer : judgement.decision.proposals) {
    if (!answer.error && Blocks(answer.proposal, up)) return &answer;
  }
  return nullptr;
}

// Why scale-in must not happen; nothing if it may.
std::optional<Obstacle> AgainstScaleIn(const Judgement& judgement) {
  if (const std::string& distrust = judgement.observation.distrust; !distrust.empty()) {
    return Obstacle{std::string(reason::kClusterUnseen),
                    distrust + ": nothing is taken away on an old picture of the cluster"};
  }
  if (const auto unknown = FirstUnknown(judgement)) {
    return Obstacle{std::string(reason::kSignalMissing),
                    Describe(*unknown) + ": nothing is taken away on unknown signals"};
  }
  for (const ModuleProposal& answer : judgement.decision.proposals) {
    if (answer.error) {
      return Obstacle{std::string(reason::kModuleError),
                      "module " + answer.module + " failed: " + answer.error->message};
    }
  }
  if (judgement.observation.target.rollout_in_progress) {
    return Obstacle{std::string(reason::kRolloutInProgress),
                    "a rollout is in progress: scale-in waits for its end"};
  }
  if (const ModuleProposal* hold = FindHold(judgement, false)) {
    return Obstacle{hold->proposal.reason, hold->proposal.message};
  }
  return std::nullopt;
}

std::optional<Obstacle> AgainstScaleOut(const Judgement& judgement) {
  if (const ModuleProposal* hold = FindHold(judgement, true)) {
    return Obstacle{hold->proposal.reason, hold->proposal.message};
  }
  const bool from_signals =
      std::ranges::any_of(judgement.decision.proposals, [&](const ModuleProposal& answer) {
        return !answer.error && answer.proposal.kind == ProposalKind::kReactive &&
               answer.proposal.replicas == judgement.replicas;
      });
  if (from_signals && !AnyValue(judgement)) {
    return Obstacle{std::string(reason::kSignalMissing), "no signal has a fresh value"};
  }
  return std::nullopt;
}

void ApplyHolds(Judgement& judgement) {
  std::optional<Obstacle> against;
  if (judgement.replicas < judgement.current()) against = AgainstScaleIn(judgement);
  if (judgement.replicas > judgement.current()) against = AgainstScaleOut(judgement);
  if (against) {
    Take(judgement, against->reason, against->message);
    AddStep(judgement, Stage::kHold, judgement.current(), against->reason);
  }
}

// Comes after the recommendation is recorded: the windows are about what the signals want, so the
// hold and a window run side by side instead of one after the other.
void ApplyForeignHold(Judgement& judgement) {
  const Decision& decision = judgement.decision;
  if (!decision.respected_until || judgement.replicas == judgement.current()) return;
  Take(judgement, reason::kForeignChange,
       Describe(*decision.next.foreign_change, decision.respected_until) + "; " +
           std::to_string(judgement.replicas) + " are wanted");
  AddStep(judgement, Stage::kHold, judgement.current(), reason::kForeignChange);
}

void ApplyStabilization(Judgement& judgement) {
  const Limited limited = Stabilize(judgement.policy.behavior, judgement.decision.next,
                                    judgement.current(), judgement.replicas, judgement.now);
  if (limited.replicas != judgement.replicas) {
    Take(judgement, reason::kStabilized,
         std::to_string(judgement.replicas) +
             " replicas are wanted, but the stabilization window (" + limited.rule + ") holds " +
             std::to_string(limited.replicas));
  }
  AddStep(judgement, Stage::kStabilize, limited.replicas, reason::kStabilized, limited.rule);
}

// The first answer after an outage is the one most likely to be wrong. Like the hold of a foreign
// change it comes after the recommendation is recorded.
void ApplyRecovery(Judgement& judgement) {
  if (!judgement.recovering || judgement.replicas >= judgement.current()) return;
  Take(judgement, reason::kRecovering,
       "a signal was unknown at the last decision: scale-in to " +
           std::to_string(judgement.replicas) + " waits for a second one that knows all");
  AddStep(judgement, Stage::kHold, judgement.current(), reason::kRecovering);
}

void ApplyRateLimit(Judgement& judgement) {
  const Limited limited = LimitRate(judgement.policy.behavior, judgement.decision.next,
                                    judgement.current(), judgement.replicas, judgement.now);
  if (limited.replicas != judgement.replicas) {
    Take(judgement, reason::kRateLimited,
         std::to_string(judgement.replicas) + " replicas are wanted, but the rate policy (" +
             limited.rule + ") allows " + std::to_string(limited.replicas));
  }
  AddStep(judgement, Stage::kRateLimit, limited.replicas, reason::kRateLimited, limited.rule);
}

void ApplyBounds(Judgement& judgement) {
  const TargetSpec& target = judgement.policy.target;
  const Replicas bounded = std::clamp(judgement.replicas, target.min_replicas, target.max_replicas);
  std::string_view why = reason::kAtMaximum;
  if (bounded > judgement.replicas) why = reason::kAtMinimum;
  if (bounded != judgement.replicas) {
    Take(judgement, why,
         std::to_string(judgement.replicas) + " replicas are wanted, but " +
             (why == reason::kAtMaximum ? "maxReplicas is " : "minReplicas is ") +
             std::to_string(bounded));
  }
  AddStep(judgement, Stage::kBounds, bounded, why);
}

// A change that only the bounds ask for: the present size lies outside them.
bool ForcedByBounds(const Judgement& judgement) {
  const TargetSpec& target = judgement.policy.target;
  const Replicas desired = judgement.replicas;
  return (judgement.current() < target.min_replicas && desired == target.min_replicas) ||
         (judgement.current() > target.max_replicas && desired == target.max_replicas);
}

void Conclude(Judgement& judgement) {
  Decision& decision = judgement.decision;
  decision.desired = judgement.replicas;
  if (decision.Changes() && ForcedByBounds(judgement)) {
    const bool below = decision.desired > decision.current;
    decision.reason = below ? reason::kBelowMinimum : reason::kAboveMaximum;
    decision.message = below ? "fewer replicas than minReplicas were running"
                             : "more replicas than maxReplicas were running";
    return;
  }
  const bool held = !decision.Changes() && !judgement.held_reason.empty();
  decision.reason = held ? judgement.held_reason : judgement.wanted_reason;
  decision.message = held ? judgement.held_message : judgement.wanted_message;
  if (decision.Changes() && !judgement.held_message.empty()) {
    decision.message += "; " + judgement.held_message;
  }
}

// Nothing reacted and nothing raised: say which signal is missing, or that no module spoke.
void ExplainSilence(Judgement& judgement) {
  if (!judgement.wanted_reason.empty()) return;
  judgement.wanted_reason = reason::kSignalMissing;
  const auto unknown = FirstUnknown(judgement);
  judgement.wanted_message = unknown ? Describe(*unknown) + ": replicas stay as they are"
                                     : "no module has an opinion: replicas stay as they are";
  for (const ModuleProposal& answer : judgement.decision.proposals) {
    if (!answer.error) continue;
    judgement.wanted_reason = reason::kModuleError;
    judgement.wanted_message = "module " + answer.module + " failed: " + answer.error->message;
  }
}

// Scale events are kept beyond the rate policies' periods: they tell a new controller what the size
// was when it replays the past.
void PruneFor(const ScalingPolicy& policy, History& history, TimePoint now) {
  const ScalingRules& up = policy.behavior.scale_up;
  const ScalingRules& down = policy.behavior.scale_down;
  Prune(history, now, std::max(up.stabilization_window, down.stabilization_window),
        std::max(LongestPeriod(policy.behavior), ReplaySpan(policy)));
}

// The managed fields know it too, should a controller have died before it could write its status.
bool IsOurZero(const Observation& observation, const History& history) {
  const bool we_wrote = observation.writer && observation.writer->ours;
  return observation.target.spec_replicas == 0 && (history.scaled_to_zero || we_wrote);
}

void Stop(Judgement& judgement, std::string_view reason, std::string message) {
  judgement.decision.desired = judgement.current();
  judgement.decision.reason = reason;
  judgement.decision.message = std::move(message);
}

// An outage or an obstacle has outlasted the window of scale-in: what was wanted before is
// forgotten, and the size as it is stands in for it, so that the window begins anew at the end.
void StandInForForgotten(Judgement& judgement) {
  const auto window = judgement.policy.behavior.scale_down.stabilization_window;
  History& next = judgement.decision.next;
  const bool wanted = std::ranges::any_of(next.recommendations, [&](const Recommendation& past) {
    return !past.assumed && past.time > judgement.now - window;
  });
  if (!wanted) StandIn(next, judgement.current(), judgement.now);
}

void RunStages(Judgement& judgement, const History& history) {
  Decision& decision = judgement.decision;
  if (std::exchange(decision.next.stopped, false)) StandInForForgotten(judgement);
  AskModules(judgement, history);
  judgement.recovering =
      std::exchange(decision.next.signal_missing, FirstUnknown(judgement).has_value());
  if (AnyKnown(judgement) || !decision.next.last_known) decision.next.last_known = judgement.now;
  const bool reacted = Combine(judgement);
  ApplyFallback(judgement);
  ExplainSilence(judgement);
  ApplyHolds(judgement);
  const Replicas recommended = judgement.replicas;
  ApplyForeignHold(judgement);
  ApplyStabilization(judgement);
  if (reacted) {
    decision.next.recommendations.push_back({judgement.now, recommended});
  } else if (decision.next.signal_missing) {
    StandInForForgotten(judgement);
  }
  ApplyRecovery(judgement);
  ApplyRateLimit(judgement);
  ApplyBounds(judgement);
  Conclude(judgement);
}

}  // namespace

Decision Decide(const ScalingPolicy& policy, const Observation& observation, const History& history,
                TimePoint now, const DecideSettings& settings) {
  Judgement judgement{policy, observation, now, {}};
  Decision& decision = judgement.decision;
  decision.policy = policy.key;
  decision.target_ref = policy.target_ref;
  decision.mode = policy.mode;
  decision.time = now;
  decision.current = observation.target.spec_replicas;
  decision.signals = ViewSignals(policy, observation.readings);
  decision.obstacle = observation.obstacle;
  decision.next = history;
  PruneFor(policy, decision.next, now);
  decision.next.scaled_to_zero = IsOurZero(observation, history);
  decision.foreign_change_seen = FollowReplicas(policy, observation, now, decision.next);
  decision.respected_until = RespectedUntil(decision.next, settings.foreign_change_hold, now);
  judgement.replicas = decision.current;
  if (observation.obstacle) {
    decision.next.stopped = true;
    Stop(judgement, observation.obstacle->reason, observation.obstacle->message);
  } else if (decision.current == 0 && !decision.next.scaled_to_zero) {
    Stop(judgement, reason::kPaused, "spec.replicas is 0, which means paused, as with the HPA");
  } else {
    RunStages(judgement, history);
  }
  return decision;
}

}  // namespace evenkeel
