#include "controller/runtime/plan_page.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "controller/core/time_format.hpp"
#include "controller/prometheus/presets.hpp"
#include "controller/runtime/log.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string OutcomeOf(const Answer& answer) {
  if (!answer.result) return answer.result.error().message;
  return answer.result->partial.empty() ? "ok" : "partial: " + answer.result->partial.front();
}

json RowOf(const Answer& answer) {
  const PlannedQuery& query = answer.query;
  json row = {{"topic", query.topic},
              {"window", FormatDuration(query.window)},
              {"targets", query.members.size()},
              {"milliseconds", answer.took.count()},
              {"bytes", answer.bytes},
              {"series", answer.result ? answer.result->series.size() : 0},
              {"outcome", OutcomeOf(answer)},
              {"promql", query.promql}};
  if (query.preset != nullptr) row["preset"] = query.preset->name;
  if (query.look_back > seconds{0}) row["lookBack"] = FormatDuration(query.look_back);
  if (query.past) row["instants"] = query.past->Count();
  return row;
}

void LogRow(const std::string& source, std::uint64_t round, const json& row) {
  const auto text = [&](const char* name) { return row.value(name, std::string("-")); };
  const auto number = [&](const char* name) { return std::to_string(row.value(name, 0)); };
  Log(LogLevel::kDebug, "query",
      {{"source", source},
       {"round", std::to_string(round)},
       {"topic", text("topic")},
       {"preset", text("preset")},
       {"window", text("window")},
       {"targets", number("targets")},
       {"milliseconds", number("milliseconds")},
       {"bytes", number("bytes")},
       {"series", number("series")},
       {"outcome", text("outcome")},
       {"promql", text("promql")}});
}

}  // namespace

void PlanPage::Add(std::string row, Section& section, std::size_t& left) {
  if (row.size() > left) {
    ++section.omitted;
    return;
  }
  left -= row.size();
  section.rows.push_back(std::move(row));
}

void PlanPage::Show(const Batch& batch, std::uint64_t round) {
  Section section{round,
                  {{"source", batch.source},
                   {"round", round},
                   {"time", FormatTime(batch.plan.time)},
                   {"policies", batch.plan.policies.size()},
                   {"milliseconds", std::chrono::duration_cast<milliseconds>(batch.took).count()},
                   {"bytes", batch.readings.bytes + batch.turns.bytes}}};
  std::size_t left = kMaxBytes;
  for (const Fetched* fetched : {&batch.readings, &batch.turns}) {
    for (const Answer& answer : fetched->answers) {
      const json row = RowOf(answer);
      LogRow(batch.source, round, row);
      Add(Dump(row), section, left);
    }
  }
  const std::lock_guard lock(mutex_);
  sections_[batch.source] = std::move(section);
  std::erase_if(sections_,
                [&](const auto& entry) { return entry.second.round + kKeptRounds < round; });
}

std::string PlanPage::Serialize() const {
  std::string page;
  std::size_t left = kMaxBytes;
  const std::lock_guard lock(mutex_);
  for (const auto& [source, section] : sections_) {
    Section shown{section.round, section.head, {}, section.omitted};
    for (const std::string& row : section.rows) Add(row, shown, left);
    shown.head["omitted"] = shown.omitted;
    std::string text = Dump(shown.head);
    text.pop_back();  // the closing brace
    page += (page.empty() ? "" : ",\n") + text + ",\"queries\":[";
    for (std::size_t i = 0; i < shown.rows.size(); ++i) {
      page += (i == 0 ? "\n" : ",\n") + shown.rows[i];
    }
    page += "]}";
  }
  return "{\"sources\":[" + page + "]}\n";
}

}  // namespace evenkeel
