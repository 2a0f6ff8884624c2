#include "controller/core/decision_format.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/text.hpp"
#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMessageBytes = 1024;

constexpr std::array<std::string_view, 22> kOwnKeys = {
    "policy", "target", "replicas", "reason",     "message", "p99",  "errors",    "lag",
    "elu",    "rate",   "bad",      "inFlight",   "combine", "hold", "stabilize", "rateLimit",
    "bounds", "mode",   "patch",    "patchError", "round",   "time"};

// Hands out every key once, and our own only to ourselves.
class Keys {
 public:
  std::string Next(std::string_view prefix, std::string_view name) {
    const bool taken = std::find(kOwnKeys.begin(), kOwnKeys.end(), name) != kOwnKeys.end();
    std::string key = (taken ? std::string(prefix) : "") + std::string(name);
    std::replace_if(key.begin(), key.end(), [](char c) { return !IsKeyCharacter(c); }, '_');
    const int count = ++used_[key];
    return count == 1 ? key : key + "#" + std::to_string(count);
  }

 private:
  static bool IsKeyCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_.-#").find(c) != std::string_view::npos;
  }

  std::map<std::string, int> used_;
};

// Built-in signals by the order of the line, then the policy's own by name.
std::vector<const SignalView*> InOrder(const std::vector<SignalView>& signals) {
  constexpr std::array kOrder = {signal::kLatencyP99,      signal::kErrorRate,
                                 signal::kEventLoopLagP99, signal::kEventLoopUtilization,
                                 signal::kRequestRate,     signal::kBadRatio,
                                 signal::kInFlight};
  const auto rank = [&](const SignalView* view) {
    const auto place = std::find(kOrder.begin(), kOrder.end(), view->name) - kOrder.begin();
    return std::pair(place, std::string_view(view->name));
  };
  std::vector<const SignalView*> ordered;
  for (const SignalView& view : signals) ordered.push_back(&view);
  std::sort(ordered.begin(), ordered.end(),
            [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  return ordered;
}

std::string SignalKeyIn(Keys& keys, const SignalView& view) {
  if (IsBuiltInSignal(view.name)) return std::string(SignalKey(view.name));
  return keys.Next("signal.", view.name);
}

bool WorthShowing(const SignalView& view) {
  return view.reading.HasValue() || view.objective || !IsBuiltInSignal(view.name);
}

std::string FormatSignal(const SignalView& view) {
  std::string text;
  if (view.reading.HasValue()) {
    text = (view.reading.at_least ? "≥" : "") + FormatSignalValue(view.name, view.reading.value);
  } else {
    text = ToString(view.reading.state);
  }
  if (!view.objective) return text;
  return text + "/" + FormatObjective(view.name, *view.objective);
}

bool HasNumber(const ModuleProposal& entry) {
  return !entry.error && (entry.proposal.kind == ProposalKind::kReactive ||
                          entry.proposal.kind == ProposalKind::kFloor);
}

std::string FormatProposal(const ModuleProposal& entry) {
  if (!HasNumber(entry)) return std::string(ProposalKindName(entry));
  const std::string& working = entry.proposal.working;
  return std::to_string(entry.proposal.replicas) + (working.empty() ? "" : "(" + working + ")");
}

std::string FormatStep(const Step& step) {
  const std::string& why =
      step.rule.empty() && step.stage == Stage::kHold ? step.reason : step.rule;
  return std::to_string(step.after) + (why.empty() ? "" : "(" + why + ")");
}

bool WorthShowing(const Step& step) {
  return step.stage != Stage::kHold || step.before != step.after || !step.reason.empty();
}

std::string FormatPatch(const Outcome& outcome) {
  if (outcome.patch_status != 0) return std::to_string(outcome.patch_status);
  switch (outcome.patch) {
    case PatchResult::kNotNeeded:
      return "none";
    case PatchResult::kObserved:
      return "observed";
    case PatchResult::kApplied:
      return "applied";
    case PatchResult::kFailed:
      return "failed";
  }
  return "unknown";
}

ordered_json SignalToJson(const SignalView& view) {
  const Reading& reading = view.reading;
  ordered_json json = {{"state", ToString(reading.state)}};
  if (reading.HasValue()) json["value"] = reading.value;
  if (view.objective) json["objective"] = *view.objective;
  if (reading.at_least) json["atLeast"] = true;
  if (reading.sample_time != TimePoint{}) json["sampleTime"] = FormatMicroTime(reading.sample_time);
  if (!reading.message.empty()) json["message"] = BoundedText(reading.message, kMessageBytes);
  if (reading.pods) {
    json["pods"] = {
        {"count", reading.pods->pods}, {"min", reading.pods->min},
        {"p25", reading.pods->p25},    {"mean", reading.pods->mean},
        {"max", reading.pods->max},    {"maxPod", BoundedText(reading.pods->max_pod, 253)}};
  }
  return json;
}

ordered_json ProposalToJson(const ModuleProposal& entry) {
  const Proposal& proposal = entry.proposal;
  ordered_json json = {{"kind", ProposalKindName(entry)}};
  if (HasNumber(entry)) json["replicas"] = proposal.replicas;
  if (entry.error) {
    json["message"] = BoundedText(entry.error->message, kMessageBytes);
    return json;
  }
  if (!proposal.reason.empty()) json["reason"] = proposal.reason;
  if (!proposal.message.empty()) json["message"] = BoundedText(proposal.message, kMessageBytes);
  if (!proposal.evidence.empty()) json["evidence"] = proposal.evidence;
  if (!proposal.bottleneck.empty()) json["bottleneck"] = proposal.bottleneck;
  return json;
}

ordered_json StepToJson(const Step& step) {
  ordered_json json = {{"before", step.before}, {"after", step.after}};
  if (!step.reason.empty()) json["reason"] = step.reason;
  if (!step.rule.empty()) json["rule"] = step.rule;
  return json;
}

}  // namespace

std::string FormatDecision(const Outcome& outcome) {
  const Decision& decision = outcome.decision;
  std::string line = "decision";
  // `raw` is made of our own words and numbers; text from outside goes through LogfmtValue.
  const auto raw = [&](std::string_view key, const std::string& value) {
    line += " " + std::string(key) + "=" + value;
  };
  raw("policy", LogfmtValue(decision.policy.ToString()));
  raw("target", LogfmtValue(decision.target_ref.ToString()));
  raw("replicas", std::to_string(decision.current) + "→" + std::to_string(decision.desired));
  raw("reason", LogfmtValue(decision.reason));
  Keys keys;
  for (const SignalView* view : InOrder(decision.signals)) {
    if (WorthShowing(*view)) raw(SignalKeyIn(keys, *view), FormatSignal(*view));
  }
  for (const ModuleProposal& entry : decision.proposals) {
    raw(keys.Next("policy.", entry.module), LogfmtValue(FormatProposal(entry)));
  }
  for (const Step& step : decision.steps) {
    if (WorthShowing(step)) raw(ToString(step.stage), LogfmtValue(FormatStep(step)));
  }
  raw("mode", std::string(ToString(decision.mode)));
  raw("patch", FormatPatch(outcome));
  if (!outcome.patch_error.empty()) raw("patchError", LogfmtValue(outcome.patch_error));
  raw("round", std::to_string(outcome.round));
  return line;
}

ordered_json DecisionToJson(const Outcome& outcome) {
  const Decision& decision = outcome.decision;
  ordered_json json = {
      {"policy", decision.policy.ToString()},
      {"target", decision.target_ref.ToString()},
      {"replicas", {{"current", decision.current}, {"desired", decision.desired}}},
      {"reason", decision.reason},
      {"message", BoundedText(decision.message, kMessageBytes)},
  };
  Keys keys;
  for (const SignalView* view : InOrder(decision.signals)) {
    json[SignalKeyIn(keys, *view)] = SignalToJson(*view);
  }
  for (const ModuleProposal& entry : decision.proposals) {
    json[keys.Next("policy.", entry.module)] = ProposalToJson(entry);
  }
  for (const Step& step : decision.steps)
    json[std::string(ToString(step.stage))] = StepToJson(step);
  json["mode"] = ToString(decision.mode);
  json["patch"] = outcome.patch_status != 0 ? ordered_json(outcome.patch_status)
                                            : ordered_json(FormatPatch(outcome));
  if (!outcome.patch_error.empty())
    json["patchError"] = BoundedText(outcome.patch_error, kMessageBytes);
  json["round"] = outcome.round;
  return json;
}

std::string_view ProposalKindName(const ModuleProposal& proposal) {
  return proposal.error ? "Failed" : ToString(proposal.proposal.kind);
}

std::string_view ToString(Mode mode) {
  switch (mode) {
    case Mode::kEnforce:
      return "Enforce";
    case Mode::kObserve:
      return "Observe";
  }
  return "Unknown";
}

}  // namespace evenkeel
