#include "controller/runtime/reporter.hpp"

#include "controller/core/status.hpp"
#include "controller/core/time_format.hpp"
#include "controller/kubernetes/json_access.hpp"
#include "controller/runtime/log.hpp"

namespace evenkeel {
namespace {

ObjectKey KeyOf(const nlohmann::json& object) {
  return {StringField(object, "metadata.namespace"), StringField(object, "metadata.name")};
}

EventSubject SubjectOf(const nlohmann::json& policy) {
  return {StringField(policy, "apiVersion"), StringField(policy, "kind"), KeyOf(policy),
          StringField(policy, "metadata.uid"), StringField(policy, "metadata.resourceVersion")};
}

std::string_view ResultName(const Error& error) {
  return error.kind == ErrorKind::kThrottled ? "throttled" : "failed";
}

// Not sent at all: the first that failed, or the metrics, have told why.
bool WasNotTried(const Error& error) {
  return error.kind == ErrorKind::kThrottled || error.kind == ErrorKind::kCancelled;
}

void LogForeignChange(const Decision& decision) {
  if (!decision.foreign_change_seen) return;
  const ForeignChange& change = *decision.next.foreign_change;
  Log(LogLevel::kInfo, "replicas were changed by another writer",
      {{"policy", decision.policy.ToString()},
       {"target", decision.target_ref.ToString()},
       {"manager", change.manager.empty() ? "unknown" : std::string_view(change.manager)},
       {"from", std::to_string(change.from)},
       {"to", std::to_string(change.to)},
       {"respectedUntil",
        decision.respected_until ? FormatTime(*decision.respected_until) : "not at all"}});
}

}  // namespace

// The same reason again is not news; what changed, or failed to, always is.
void Reporter::LogOnce(PolicyEntry& entry, const Outcome& outcome) {
  const Decision& decision = outcome.decision;
  const bool news = decision.Changes() || outcome.patch == PatchResult::kFailed ||
                    decision.reason != entry.last_line_reason;
  LogDecision(outcome, news);
  entry.last_line_reason = decision.reason;
}

void Reporter::WriteStatus(PolicyEntry& entry, const nlohmann::json& status, std::stop_token stop) {
  const nlohmann::json before = entry.object.value("status", nlohmann::json());
  const ObjectKey key = KeyOf(entry.object);
  const auto written = writer_.PatchStatus(key, StringField(entry.object, "metadata.uid"), before,
                                           status, std::move(stop));
  metrics_.CountStatusPatch(written ? "applied" : ResultName(written.error()));
  if (!written) {
    const bool expected =
        WasNotTried(written.error()) || written.error().kind == ErrorKind::kNotFound;
    Log(expected ? LogLevel::kDebug : LogLevel::kWarning, "status not written",
        {{"policy", key.ToString()}, {"error", written.error().message}});
    return;
  }
  entry.object["status"] = *written;
  if (auto* policy = std::get_if<ScalingPolicy>(&entry.parsed)) policy->status = *written;
}

void Reporter::SendEvents(const PolicyEntry& entry, const std::vector<EventNote>& notes,
                          const EventSubject& related, TimePoint time, std::stop_token stop) {
  for (const EventNote& note : notes) {
    const Status sent =
        writer_.SendEvent(note, {SubjectOf(entry.object), related, instance_, time}, stop);
    metrics_.CountEvent(sent ? "sent" : ResultName(sent.error()));
    if (sent) continue;
    Log(WasNotTried(sent.error()) ? LogLevel::kDebug : LogLevel::kWarning, "event not sent",
        {{"policy", KeyOf(entry.object).ToString()}, {"error", sent.error().message}});
  }
}

void Reporter::Report(PolicyEntry& entry, const Outcome& outcome, const std::string& target_uid,
                      std::stop_token stop) {
  const ScalingPolicy& policy = *entry.policy();
  LogForeignChange(outcome.decision);
  LogOnce(entry, outcome);
  metrics_.ObserveDecision(outcome);
  const nlohmann::json after = BuildStatus(policy, outcome);
  const nlohmann::json& known = entry.reported.is_null() ? policy.status : entry.reported;
  const EventSubject target{policy.target_ref.api_version,
                            policy.target_ref.kind,
                            {policy.key.namespace_name, policy.target_ref.name},
                            target_uid};
  SendEvents(entry, EventsFor(known, after, outcome), target, outcome.decision.time, stop);
  entry.reported = after;
  if (WorthWriting(policy.status, after, outcome.decision.time)) WriteStatus(entry, after, stop);
}

void Reporter::ReportInvalid(PolicyEntry& entry, TimePoint now, std::stop_token stop) {
  const auto& faults = std::get<std::vector<FieldError>>(entry.parsed);
  const nlohmann::json before = entry.object.value("status", nlohmann::json());
  const nlohmann::json after = BuildInvalidStatus(entry.object, faults, now);
  const nlohmann::json& known = entry.reported.is_null() ? before : entry.reported;
  SendEvents(entry, ConditionEvents(known, after), SubjectOf(entry.object), now, stop);
  entry.reported = after;
  if (!WorthWriting(before, after, now)) return;
  for (const FieldError& fault : faults) {
    Log(LogLevel::kWarning, "invalid policy",
        {{"policy", KeyOf(entry.object).ToString()}, {"fault", fault.ToString()}});
  }
  WriteStatus(entry, after, std::move(stop));
}

}  // namespace evenkeel
