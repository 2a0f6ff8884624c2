#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/core/conditions.hpp"
#include "controller/core/foreign_change.hpp"
#include "controller/core/status.hpp"
#include "controller/core/text.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

constexpr std::size_t kMessageBytes = 1024;

EventNote Note(bool warning, std::string_view reason, std::string_view action,
               const std::string& message) {
  return {warning, std::string(reason), std::string(action), BoundedText(message, kMessageBytes)};
}

int Sign(int number) { return (number > 0 ? 1 : 0) - (number < 0 ? 1 : 0); }

// Where a status wants to go: 1 up, -1 down, 0 nowhere (or it is not in mode Observe).
int ObservedDirection(const json& status) {
  if (TextField(FindCondition(status, condition::kObservedOnly), "status") != "True") return 0;
  const auto current = status.find("currentReplicas");
  const auto desired = status.find("desiredReplicas");
  if (current == status.end() || desired == status.end()) return 0;
  if (!current->is_number_integer() || !desired->is_number_integer()) return 0;
  return Sign(desired->get<int>() - current->get<int>());
}

std::string DescribeChange(const Decision& decision) {
  return std::to_string(decision.current) + "→" + std::to_string(decision.desired) + ": " +
         decision.message;
}

std::optional<EventNote> ScaleEventFor(const json& before, const Outcome& outcome) {
  const Decision& decision = outcome.decision;
  if (!decision.Changes()) return std::nullopt;
  const int direction = Sign(decision.desired - decision.current);
  if (outcome.patch == PatchResult::kApplied) {
    return Note(false, direction > 0 ? "ScaledUp" : "ScaledDown", "Scale",
                DescribeChange(decision));
  }
  if (outcome.patch == PatchResult::kObserved && ObservedDirection(before) != direction) {
    return Note(false, "WouldScale", "Observe", DescribeChange(decision));
  }
  return std::nullopt;
}

// One condition before and after.
struct Transition {
  std::string_view was;
  std::string_view is;
  std::string_view was_reason;
  std::string_view reason;
  std::string message;

  [[nodiscard]] bool Happened() const { return was != is || was_reason != reason; }
};

Transition TransitionOf(std::string_view type, const json& before, const json& after) {
  const json* old = FindCondition(before, type);
  const json* now = FindCondition(after, type);
  return {TextField(old, "status"), TextField(now, "status"), TextField(old, "reason"),
          TextField(now, "reason"), std::string(TextField(now, "message"))};
}

}  // namespace

std::vector<EventNote> ConditionEvents(const json& before, const json& after) {
  std::vector<EventNote> notes;
  const Transition ready = TransitionOf(condition::kReady, before, after);
  if (ready.Happened() && ready.is == "False") {
    notes.push_back(Note(true, ready.reason, "Evaluate", ready.message));
  }
  const Transition active = TransitionOf(condition::kScalingActive, before, after);
  if (active.Happened() && active.reason == condition::kFailedUpdateScale) {
    notes.push_back(Note(true, "ScaleFailed", "Scale", active.message));
  }
  const Transition signals = TransitionOf(condition::kSignalsHealthy, before, after);
  if (signals.Happened() && signals.is == "False") {
    notes.push_back(Note(true, "SignalsUnhealthy", "Evaluate", signals.message));
  }
  if (signals.was == "False" && signals.is == "True") {
    notes.push_back(Note(false, "SignalsRecovered", "Evaluate", signals.message));
  }
  const Transition bottleneck = TransitionOf(condition::kBottleneck, before, after);
  if (bottleneck.Happened() && bottleneck.is == "True") {
    notes.push_back(Note(true, "Bottleneck", "Evaluate",
                         std::string(bottleneck.reason) + ": " + bottleneck.message));
  }
  return notes;
}

std::vector<EventNote> EventsFor(const json& before, const json& after, const Outcome& outcome) {
  std::vector<EventNote> notes;
  const Decision& decision = outcome.decision;
  if (decision.foreign_change_seen) {
    notes.push_back(Note(false, reason::kForeignChange, "Evaluate",
                         Describe(*decision.next.foreign_change, decision.respected_until)));
  }
  if (auto scaled = ScaleEventFor(before, outcome)) notes.push_back(std::move(*scaled));
  for (EventNote& note : ConditionEvents(before, after)) notes.push_back(std::move(note));
  return notes;
}

}  // namespace evenkeel
