#include "controller/core/history.hpp"

#include <algorithm>

#include "controller/core/conditions.hpp"
#include "controller/core/foreign_change.hpp"
#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

template <class Entry>
void PruneEntries(std::vector<Entry>& entries, TimePoint now, std::chrono::seconds keep) {
  std::erase_if(entries, [&](const Entry& entry) { return entry.time <= now - keep; });
  for (Entry& entry : entries) entry.time = std::min(entry.time, now);
}

std::optional<ScaleEvent> ParseEvent(const nlohmann::json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto time = json.find("time");
  const auto from = json.find("from");
  const auto to = json.find("to");
  if (time == json.end() || from == json.end() || to == json.end()) return std::nullopt;
  if (!time->is_string() || !from->is_number_integer() || !to->is_number_integer()) {
    return std::nullopt;
  }
  const auto when = ParseTime(time->get_ref<const std::string&>());
  if (!when) return std::nullopt;
  return ScaleEvent{*when, from->get<Replicas>(), to->get<Replicas>()};
}

}  // namespace

void StandIn(History& history, Replicas size, TimePoint now) {
  const Recommendation assumed{now, size, true};
  auto& past = history.recommendations;
  if (past.empty() || past.back() != assumed) past.push_back(assumed);
}

void Prune(History& history, TimePoint now, std::chrono::seconds keep_recommendations,
           std::chrono::seconds keep_events) {
  PruneEntries(history.recommendations, now, keep_recommendations);
  PruneEntries(history.scale_events, now, keep_events);
}

History RestoreHistory(const nlohmann::json& status) {
  History history;
  if (!status.is_object()) return history;
  history.scaled_to_zero =
      TextField(FindCondition(status, condition::kScaledToZero), "status") == "True";
  RestoreReplicas(status, history);
  if (const auto events = status.find("scaleEvents"); events != status.end()) {
    for (const nlohmann::json& json : *events) {
      if (const auto event = ParseEvent(json)) history.scale_events.push_back(*event);
    }
  }
  std::ranges::sort(history.scale_events, {}, &ScaleEvent::time);
  if (const auto memory = status.find("memory"); memory != status.end() && memory->is_object()) {
    for (const auto& [module, value] : memory->items()) history.memory[module] = value;
  }
  return history;
}

}  // namespace evenkeel
