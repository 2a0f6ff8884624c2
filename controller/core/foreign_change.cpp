#include "controller/core/foreign_change.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/conditions.hpp"
#include "controller/core/decision.hpp"
#include "controller/core/text.hpp"
#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

constexpr std::size_t kManagerBytes = 128;

std::string ClockTime(TimePoint time) {
  const std::string text = FormatTime(time);
  return text.substr(text.find('T') + 1);
}

bool WroteIt(const LeftBehind& left, const Observation& observation) {
  if (std::ranges::find(left.replicas, observation.target.spec_replicas) != left.replicas.end()) {
    return true;
  }
  if (observation.writer) return observation.writer->ours;
  return left.target_uid.empty();
}

// The managed fields say when; the change lies between the two decisions, whatever their clock.
TimePoint TimeOf(const LeftBehind& left, const Observation& observation, TimePoint now) {
  if (!observation.writer) return now;
  return std::min(std::max(observation.writer->time, left.time), now);
}

ForeignChange ChangeSince(const LeftBehind& left, const Observation& observation, TimePoint now,
                          const std::optional<ForeignChange>& before) {
  ForeignChange change{.time = TimeOf(left, observation, now),
                       .from = left.replicas.front(),
                       .to = observation.target.spec_replicas};
  if (observation.writer) change.manager = BoundedText(observation.writer->manager, kManagerBytes);
  change.repeated = before && before->manager == change.manager && before->to == change.to;
  return change;
}

// Whatever the other owner does is its own affair, and what came before it is past.
void FollowOwner(History& next) {
  next.left_behind.reset();
  next.foreign_change.reset();
  next.other_owner = true;
}

void TakeOver(const Observation& observation, TimePoint now, History& next) {
  next.recommendations.push_back({now, observation.target.spec_replicas});
  next.other_owner = false;
}

bool Is(const Obstacle& obstacle, std::string_view reason) { return obstacle.reason == reason; }

// A refusal by the API server is clear; with no answer, or an error of its own, the patch may have
// been applied all the same.
std::vector<Replicas> Left(const Outcome& outcome) {
  const Decision& decision = outcome.decision;
  if (outcome.patch == PatchResult::kApplied) return {decision.desired};
  const bool refused = outcome.patch_status >= 400 && outcome.patch_status < 500;
  if (outcome.patch != PatchResult::kFailed || refused) return {decision.current};
  return {decision.current, decision.desired};
}

const json* Find(const json& object, std::string_view field) {
  const auto found = object.find(field);
  return found == object.end() ? nullptr : &*found;
}

std::optional<Replicas> Count(const json& object, std::string_view field) {
  const json* found = Find(object, field);
  if (found == nullptr || !found->is_number_integer()) return std::nullopt;
  return found->get<Replicas>();
}

// The status' last decision with its number; desiredReplicas counts only if its patch was applied.
std::optional<LeftBehind> RestoreLeftBehind(const json& status) {
  const auto current = Count(status, "currentReplicas");
  const auto desired = Count(status, "desiredReplicas");
  const auto time = ParseTime(TextField(Find(status, "lastDecision"), "time"));
  if (!current || !desired || !time) return std::nullopt;
  const bool applied = ParseTime(TextField(&status, "lastScaleTime")) == time;
  return LeftBehind{*time, {applied ? *desired : *current}, {}};
}

std::optional<ForeignChange> RestoreChange(const json& status) {
  const json* change = Find(status, "externalChange");
  if (change == nullptr || !change->is_object()) return std::nullopt;
  const auto time = ParseTime(TextField(change, "time"));
  const auto from = Count(*change, "from");
  const auto to = Count(*change, "to");
  if (!time || !from || !to) return std::nullopt;
  return ForeignChange{*time, *from, *to, std::string(TextField(change, "manager"))};
}

}  // namespace

bool FollowReplicas(const ScalingPolicy& policy, const Observation& observation, TimePoint now,
                    History& next) {
  if (next.foreign_change) next.foreign_change->time = std::min(next.foreign_change->time, now);
  if (observation.obstacle) {  // a missing target is not a changed one
    if (Is(*observation.obstacle, reason::kConflictingOwner)) FollowOwner(next);
    return false;
  }
  if (next.other_owner) TakeOver(observation, now, next);
  const auto left = std::exchange(next.left_behind, std::nullopt);
  const bool other_target =
      left && !left->target_uid.empty() && left->target_uid != observation.target_uid;
  if (policy.mode == Mode::kObserve || other_target) {
    next.foreign_change.reset();
    return false;
  }
  if (!left || WroteIt(*left, observation)) return false;
  next.foreign_change = ChangeSince(*left, observation, now, next.foreign_change);
  return true;
}

std::optional<TimePoint> RespectedUntil(const History& history, std::chrono::milliseconds hold,
                                        TimePoint now) {
  const auto& change = history.foreign_change;
  if (!change || change->from == 0 || now - change->time >= hold) return std::nullopt;
  return change->time + hold;
}

std::string Describe(const ForeignChange& change, std::optional<TimePoint> until) {
  std::string text = change.manager.empty() ? "another writer" : change.manager;
  text += " set " + std::to_string(change.to) + " replicas (from " + std::to_string(change.from) +
          ") at " + ClockTime(change.time);
  if (until) text += "; respected until " + ClockTime(*until);
  if (!change.repeated) return text;
  return text + "; it set the same number before: if a manifest has spec.replicas, remove it there";
}

void RememberReplicas(const Outcome& outcome, const std::string& target_uid, History& history) {
  const Decision& decision = outcome.decision;
  if (decision.obstacle || decision.mode == Mode::kObserve) return;
  history.left_behind = LeftBehind{decision.time, Left(outcome), target_uid};
}

json ToJson(const ForeignChange& change) {
  json shown = {{"time", FormatTime(change.time)}, {"from", change.from}, {"to", change.to}};
  if (!change.manager.empty()) shown["manager"] = change.manager;
  return shown;
}

void RestoreReplicas(const json& status, History& history) {
  if (!status.is_object()) return;
  const json* ready = FindCondition(status, condition::kReady);
  const json* observed = FindCondition(status, condition::kObservedOnly);
  history.other_owner = TextField(ready, "reason") == reason::kConflictingOwner;
  if (TextField(ready, "status") != "True" || TextField(observed, "status") == "True") return;
  history.left_behind = RestoreLeftBehind(status);
  history.foreign_change = RestoreChange(status);
}

}  // namespace evenkeel
