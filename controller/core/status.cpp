#include "controller/core/status.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/core/conditions.hpp"
#include "controller/core/decision_format.hpp"
#include "controller/core/foreign_change.hpp"
#include "controller/core/text.hpp"
#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

// The CRD's bounds: the API server refuses a whole status for one entry too many.
constexpr std::size_t kMaxSignals = 64;
constexpr std::size_t kMaxProposals = 32;
constexpr std::size_t kMaxEvidence = 32;
constexpr std::size_t kMaxScaleEvents = 256;
constexpr std::size_t kNameBytes = 63;
constexpr std::size_t kReasonBytes = 128;
constexpr std::size_t kMessageBytes = 1024;

constexpr int kDigits = 2;
constexpr std::chrono::seconds kValuesEvery{60};

std::string FormatReading(const SignalView& view) {
  const double rounded = RoundSignificant(view.reading.value, kDigits);
  return (view.reading.at_least ? "≥" : "") + FormatSignalValue(view.name, rounded, kDigits);
}

json SignalToJson(const SignalView& view) {
  const Reading& reading = view.reading;
  json signal = {{"name", BoundedText(view.name, kNameBytes)}, {"state", ToString(reading.state)}};
  if (reading.HasValue()) signal["value"] = FormatReading(view);
  if (view.objective) signal["objective"] = FormatObjective(view.name, *view.objective);
  if (reading.sample_time != TimePoint{}) signal["sampleTime"] = FormatTime(reading.sample_time);
  if (!reading.message.empty()) signal["message"] = BoundedText(reading.message, kMessageBytes);
  return signal;
}

std::string_view ToString(Direction direction) {
  switch (direction) {
    case Direction::kUp:
      return "Up";
    case Direction::kDown:
      return "Down";
    case Direction::kBoth:
      return "Both";
  }
  return "Unknown";
}

json EvidenceToJson(const json& evidence) {
  json numbers = json::object();
  if (!evidence.is_object()) return numbers;
  for (const auto& [name, value] : evidence.items()) {
    if (!value.is_number() || numbers.size() == kMaxEvidence) continue;
    numbers[name] =
        value.is_number_float() ? json(RoundSignificant(value.get<double>(), kDigits)) : value;
  }
  return numbers;
}

json ProposalToJson(const ModuleProposal& entry) {
  const Proposal& proposal = entry.proposal;
  json shown = {{"policy", BoundedText(entry.module, kNameBytes)},
                {"kind", ProposalKindName(entry)}};
  if (entry.error) {
    shown["message"] = BoundedText(entry.error->message, kMessageBytes);
    return shown;
  }
  if (proposal.kind == ProposalKind::kReactive || proposal.kind == ProposalKind::kFloor) {
    shown["replicas"] = proposal.replicas;
  }
  if (proposal.kind == ProposalKind::kHold) shown["direction"] = ToString(proposal.direction);
  if (!proposal.reason.empty()) shown["reason"] = BoundedText(proposal.reason, kReasonBytes);
  if (!proposal.message.empty()) shown["message"] = BoundedText(proposal.message, kMessageBytes);
  if (json evidence = EvidenceToJson(proposal.evidence); !evidence.empty()) {
    shown["evidence"] = std::move(evidence);
  }
  return shown;
}

json StepToJson(const Step& step) {
  json shown = {{"stage", ToString(step.stage)}, {"before", step.before}, {"after", step.after}};
  if (!step.reason.empty()) shown["reason"] = BoundedText(step.reason, kReasonBytes);
  if (!step.rule.empty()) shown["rule"] = BoundedText(step.rule, kNameBytes);
  return shown;
}

template <class Entry, class ToJson>
json ListOf(const std::vector<Entry>& entries, std::size_t most, ToJson to_json) {
  json list = json::array();
  for (const Entry& entry : entries) {
    if (list.size() == most) break;
    list.push_back(to_json(entry));
  }
  return list;
}

json DecisionToStatus(const Outcome& outcome) {
  const Decision& decision = outcome.decision;
  return {{"time", FormatTime(decision.time)},
          {"round", outcome.round},
          {"reason", BoundedText(decision.reason, kReasonBytes)},
          {"message", BoundedText(decision.message, kMessageBytes)},
          {"current", decision.current},
          {"desired", decision.desired},
          {"steps", ListOf(decision.steps, kMaxProposals, StepToJson)},
          {"proposals", ListOf(decision.proposals, kMaxProposals, ProposalToJson)}};
}

// The newest ones, oldest first.
json ScaleEventsToJson(const Outcome& outcome) {
  const Decision& decision = outcome.decision;
  std::vector<ScaleEvent> events = decision.next.scale_events;
  const bool recorded = !events.empty() && events.back().time == decision.time;
  if (outcome.patch == PatchResult::kApplied && !recorded) {
    events.push_back({decision.time, decision.current, decision.desired});
  }
  json list = json::array();
  const std::size_t skip = events.size() - std::min(events.size(), kMaxScaleEvents);
  for (std::size_t i = skip; i < events.size(); ++i) {
    list.push_back({{"time", FormatMicroTime(events[i].time)},
                    {"from", events[i].from},
                    {"to", events[i].to}});
  }
  return list;
}

// The status remembers it longer than the scale events are kept.
std::optional<std::string> LastScaleTime(const ScalingPolicy& policy, const Outcome& outcome) {
  const std::vector<ScaleEvent>& events = outcome.decision.next.scale_events;
  if (outcome.patch == PatchResult::kApplied) return FormatTime(outcome.decision.time);
  if (!events.empty()) return FormatTime(events.back().time);
  std::string last(TextField(&policy.status, "lastScaleTime"));
  if (last.empty()) return std::nullopt;
  return last;
}

json MemoryToJson(const History& history) {
  json memory = json::object();
  for (const auto& [module, value] : history.memory) memory[module] = value;
  return memory;
}

const json* FindField(const json& object, std::string_view field) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(field);
  return found == object.end() ? nullptr : &*found;
}

json FieldOrNull(const json& object, std::string_view field) {
  const json* found = FindField(object, field);
  return found == nullptr ? json() : *found;
}

// What a person or an alert waits for.
json Urgent(const json& status) {
  json urgent = json::array();
  for (const std::string_view field :
       {"observedGeneration", "currentReplicas", "desiredReplicas", "lastScaleTime"}) {
    urgent.push_back(FieldOrNull(status, field));
  }
  urgent.push_back(FieldOrNull(FieldOrNull(status, "lastDecision"), "reason"));
  for (const json& condition : FieldOrNull(status, "conditions")) {
    for (const std::string_view field : {"type", "status", "reason"}) {
      urgent.push_back(TextField(&condition, field));
    }
  }
  return urgent;
}

// Without the times that move every round by themselves.
json Timeless(json status) {
  if (!status.is_object()) return status;
  if (const auto decision = status.find("lastDecision"); decision != status.end()) {
    if (decision->is_object()) {
      decision->erase("time");
      decision->erase("round");
    }
  }
  if (const auto signals = status.find("signals"); signals != status.end()) {
    for (json& signal : *signals) {
      if (signal.is_object()) signal.erase("sampleTime");
    }
  }
  return status;
}

std::string JoinFaults(const std::vector<FieldError>& faults) {
  std::string text;
  for (const FieldError& fault : faults) text += (text.empty() ? "" : "; ") + fault.ToString();
  return text;
}

std::int64_t GenerationOf(const json& object) {
  const json* metadata = FindField(object, "metadata");
  const json* generation = metadata == nullptr ? nullptr : FindField(*metadata, "generation");
  return generation != nullptr && generation->is_number_integer() ? generation->get<std::int64_t>()
                                                                  : 0;
}

}  // namespace

json BuildStatus(const ScalingPolicy& policy, const Outcome& outcome) {
  const Decision& decision = outcome.decision;
  json status = {
      {"observedGeneration", policy.generation},
      {"currentReplicas", decision.current},
      {"desiredReplicas", decision.desired},
      {"signals", ListOf(decision.signals, kMaxSignals, SignalToJson)},
      {"lastDecision", DecisionToStatus(outcome)},
      {"scaleEvents", ScaleEventsToJson(outcome)},
      {"memory", MemoryToJson(decision.next)},
      {"conditions", ConditionsToJson(JudgeConditions(policy, outcome), policy.status,
                                      policy.generation, decision.time)},
  };
  if (const auto scaled = LastScaleTime(policy, outcome)) status["lastScaleTime"] = *scaled;
  if (decision.next.foreign_change) {
    status["externalChange"] = ToJson(*decision.next.foreign_change);
  }
  return status;
}

json BuildInvalidStatus(const json& object, const std::vector<FieldError>& faults, TimePoint now) {
  const json before = FieldOrNull(object, "status");
  json status = before.is_object() ? before : json::object();
  const std::string message = JoinFaults(faults);
  const std::int64_t generation = GenerationOf(object);
  status["observedGeneration"] = generation;
  status["lastDecision"] = {{"time", FormatTime(now)},
                            {"reason", reason::kInvalidSpec},
                            {"message", BoundedText(message, kMessageBytes)}};
  status["conditions"] = ConditionsToJson(InvalidSpecConditions(message), before, generation, now);
  return status;
}

bool WorthWriting(const json& before, const json& after, TimePoint now) {
  if (Urgent(before) != Urgent(after)) return true;
  if (Timeless(before) == Timeless(after)) return false;
  const json last = FieldOrNull(before, "lastDecision");
  const auto written = ParseTime(TextField(&last, "time"));
  return !written || now < *written || now - *written >= kValuesEvery;
}

}  // namespace evenkeel
