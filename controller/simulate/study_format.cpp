#include "controller/simulate/study_format.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

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

struct Column {
  std::string_view title;
  double Scores::* member;
  double scale;
  int decimals;
};
constexpr std::array kColumns = {
    Column{"bad req. %", &Scores::bad_requests, 100, 2},
    Column{"bad time %", &Scores::bad_time, 100, 1},
    Column{"replica h", &Scores::replica_hours, 1, 1},
    Column{"recover s", &Scores::time_to_recover, 1, 0},
    Column{"worst P99 s", &Scores::worst_p99, 1, 2},
    Column{"changes", &Scores::changes, 1, 1},
    Column{"reversals", &Scores::reversals, 1, 1},
    Column{"peak", &Scores::peak, 1, 1},
    Column{"wasted", &Scores::wasted_starts, 1, 1},
};

std::string Fixed(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string Shown(const Estimate& estimate, const Column& column) {
  std::string text = Fixed(estimate.mean * column.scale, column.decimals);
  if (estimate.half) text += " ±" + Fixed(*estimate.half * column.scale, column.decimals);
  return text;
}

// "-48 % better", "+3 %", "0".
std::string Shown(const Difference& difference) {
  std::string text = "0";
  if (difference.relative) {
    const std::string percent = Fixed(*difference.relative * 100, 0);
    text = (*difference.relative > 0 ? "+" : "") + percent + " %";
  } else if (difference.absolute.mean != 0) {
    text = "from 0";
  }
  if (difference.comparison == Comparison::kUndecided) return text;
  return text + " " + std::string(ToString(difference.comparison));
}

std::string Against(const PolicyOutcome& outcome, double Scores::* member) {
  if (!outcome.differences) return "";
  const auto& fields = ScoreFields();
  const auto found = std::ranges::find(fields, member, &ScoreField::member);
  return Shown((*outcome.differences)[static_cast<std::size_t>(found - fields.begin())]);
}

using Row = std::vector<std::string>;

Row Head(const Study& study) {
  Row row{"policy"};
  for (const Column& column : kColumns) row.emplace_back(column.title);
  const std::string first = study.policies().front().name;
  row.push_back("bad req. vs " + first);
  row.push_back("hours vs " + first);
  row.emplace_back("front");
  return row;
}

Row ToRow(const Study& study, const PolicyOutcome& outcome) {
  const StudyPolicy& policy = study.policies()[outcome.policy];
  Row row{policy.name};
  for (const Column& column : kColumns) row.push_back(Shown(outcome.Of(column.member), column));
  row.push_back(Against(outcome, &Scores::bad_requests));
  row.push_back(Against(outcome, &Scores::replica_hours));
  row.emplace_back(policy.limit ? "limit" : outcome.on_front ? "*" : "");
  return row;
}

// A table per scenario that has outcomes.
struct Table {
  const Scenario* scenario;
  std::vector<Row> rows;
};

std::vector<Table> TablesOf(const Study& study) {
  std::vector<Table> tables;
  for (const PolicyOutcome& outcome : OutcomesOf(study)) {
    if (!outcome.best_bad_requests && !outcome.best_replica_hours) continue;
    const Scenario& scenario = study.scenarios()[outcome.scenario];
    if (tables.empty() || tables.back().scenario != &scenario) {
      tables.push_back({&scenario, {Head(study)}});
    }
    tables.back().rows.push_back(ToRow(study, outcome));
  }
  return tables;
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

std::string SeedsOf(const Study& study) {
  const auto& seeds = study.seeds();
  const std::string first = std::to_string(seeds.front());
  return seeds.size() == 1 ? "seed " + first
                           : "seeds " + first + "-" + std::to_string(seeds.back());
}

// What the numbers are, and whether any are missing.
std::string Legend(const Study& study) {
  std::string text = SeedsOf(study) + ", mean ±95 % interval; better or worse than " +
                     study.policies().front().name +
                     ": the paired interval excludes 0 and the effect is above 10 %; "
                     "*: on the Pareto front of bad requests and replica hours.\n";
  if (HasGrid(study)) text += "Of each grid: the settings that are best on either axis.\n";
  if (!study.Complete()) {
    text += "Not complete: " + std::to_string(study.Done()) + " of " +
            std::to_string(study.Cells().size()) + " episodes.\n";
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
  for (const Table& table : TablesOf(study)) {
    text += table.scenario->name + (table.scenario->about.empty() ? "" : ": ") +
            table.scenario->about + "\n" + Aligned(table.rows) + "\n";
  }
  return text + Legend(study);
}

std::string StudyToMarkdown(const Study& study) {
  std::string text = "# Simulated scores\n\n" + MarkdownCell(Legend(study)) + "\n";
  for (const Table& table : TablesOf(study)) {
    text += "\n## " + MarkdownCell(table.scenario->name) + "\n\n";
    if (!table.scenario->about.empty()) text += MarkdownCell(table.scenario->about) + "\n\n";
    text += MarkdownRow(table.rows.front()) + "|:--|";
    for (std::size_t i = 1; i < table.rows.front().size(); ++i) text += "--:|";
    text += "\n";
    for (std::size_t i = 1; i < table.rows.size(); ++i) text += MarkdownRow(table.rows[i]);
  }
  return text;
}

}  // namespace evenkeel
