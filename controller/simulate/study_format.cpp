#include "controller/simulate/study_format.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/simulate/score_table.hpp"

namespace evenkeel {
namespace {

using nlohmann::ordered_json;

ordered_json OrNull(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json ToJson(const Estimate& estimate) {
  ordered_json json{{"mean", estimate.mean}, {"low", nullptr}, {"high", nullptr}};
  if (estimate.half) {
    json["low"] = estimate.mean - *estimate.half;
    json["high"] = estimate.mean + *estimate.half;
  }
  return json;
}

ordered_json ToJson(const Difference& difference) {
  ordered_json json = ToJson(difference.absolute);
  json["relative"] = OrNull(difference.relative);
  json["comparison"] = ToString(difference.comparison);
  return json;
}

ordered_json DifferencesToJson(const Study& study, const PolicyOutcome& outcome) {
  if (!outcome.differences) return nullptr;
  ordered_json json{{"against", study.policies().front().name}};
  for (std::size_t i = 0; i < kScoreCount; ++i) {
    json[std::string(ScoreFields()[i].name)] = ToJson((*outcome.differences)[i]);
  }
  return json;
}

void AddGrid(const StudyPolicy& policy, const PolicyOutcome& outcome, ordered_json& json) {
  json["family"] = policy.family.empty() ? policy.name : policy.family;
  ordered_json best = ordered_json::array();
  if (outcome.best_bad_requests) best.push_back("badRequests");
  if (outcome.best_replica_hours) best.push_back("replicaHours");
  json["bestOfFamily"] = std::move(best);
}

ordered_json ToJson(const Study& study, const PolicyOutcome& outcome) {
  const StudyPolicy& policy = study.policies()[outcome.policy];
  ordered_json json{{"scenario", study.scenarios()[outcome.scenario].name},
                    {"policy", policy.name},
                    {"limit", policy.limit},
                    {"seeds", outcome.seeds}};
  for (std::size_t i = 0; i < kScoreCount; ++i) {
    json[std::string(ScoreFields()[i].name)] = ToJson(outcome.scores[i]);
  }
  json["differences"] = DifferencesToJson(study, outcome);
  json["share"] = {{"badRequests", OrNull(outcome.share_of_bad_requests)},
                   {"replicaHours", OrNull(outcome.share_of_replica_hours)}};
  json["paretoFront"] = outcome.on_front;
  if (HasGrid(study)) AddGrid(policy, outcome, json);
  return json;
}

using Row = std::vector<std::string>;

std::vector<Row> TextRows(const ScoreTable& table) {
  std::vector<Row> rows{table.head};
  for (const ScoreRow& scored : table.rows) {
    Row& row = rows.emplace_back();
    for (const ScoreCell& cell : scored.cells) row.push_back(cell.text);
  }
  return rows;
}

// What the numbers are, and whether any are missing.
std::string Legend(const Study& study) {
  const std::string missing = MissingEpisodes(study);
  return ScoreLegend(study) + "\n" + missing + (missing.empty() ? "" : "\n");
}

// Characters, not bytes: ± is one.
std::size_t WidthOf(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string Aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], WidthOf(row[i]));
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - WidthOf(row[i]), ' ');
      line += (i == 0 ? row[i] + padding : "  " + padding + row[i]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

std::string MarkdownCell(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '<' || c == '\\') safe += '\\';
    safe += c == '\n' ? ' ' : c;
  }
  return safe;
}

std::string MarkdownRow(const Row& row) {
  std::string line = "|";
  for (const std::string& cell : row) line += " " + MarkdownCell(cell) + " |";
  return line + "\n";
}

}  // namespace

ordered_json StudyToJson(const Study& study) {
  ordered_json json = ordered_json::array();
  for (const PolicyOutcome& outcome : OutcomesOf(study)) json.push_back(ToJson(study, outcome));
  return json;
}

std::string StudyToText(const Study& study) {
  std::string text;
  for (const ScoreTable& table : ScoreTablesOf(study, OutcomesOf(study))) {
    const Scenario& scenario = study.scenarios()[table.scenario];
    text += scenario.name + (scenario.about.empty() ? "" : ": ") + scenario.about + "\n" +
            Aligned(TextRows(table)) + "\n";
  }
  return text + Legend(study);
}

std::string StudyToMarkdown(const Study& study) {
  std::string text = "# Simulated scores\n\n" + MarkdownCell(Legend(study)) + "\n";
  for (const ScoreTable& table : ScoreTablesOf(study, OutcomesOf(study))) {
    const Scenario& scenario = study.scenarios()[table.scenario];
    text += "\n## " + MarkdownCell(scenario.name) + "\n\n";
    if (!scenario.about.empty()) text += MarkdownCell(scenario.about) + "\n\n";
    const std::vector<Row> rows = TextRows(table);
    text += MarkdownRow(rows.front()) + "|:--|";
    for (std::size_t i = 1; i < rows.front().size(); ++i) text += "--:|";
    text += "\n";
    for (std::size_t i = 1; i < rows.size(); ++i) text += MarkdownRow(rows[i]);
  }
  return text;
}

}  // namespace evenkeel
