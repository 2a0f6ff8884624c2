#include "controller/simulate/score_table.hpp"

#include <algorithm>
#include <cstdio>

namespace evenkeel {
namespace {

constexpr std::array<ScoreColumn, kScoreColumnCount> kColumns = {{
    {"bad req. %", "requests slower than the objective, timed out or failed by overload",
     &Scores::bad_requests, 100, 2},
    {"bad time %", "windows of 10 s in which more than 1 % of the requests were bad",
     &Scores::bad_time, 100, 1},
    {"replica h", "replicas asked for, times the hours they were paid", &Scores::replica_hours, 1,
     1},
    {"recover s", "median time from the first bad window to the first of three good ones",
     &Scores::time_to_recover, 1, 0},
    {"worst P99 s", "P99 of the worst window", &Scores::worst_p99, 1, 2},
    {"changes", "changes of the replicas", &Scores::changes, 1, 1},
    {"reversals", "changes against the direction of one at most 10 min before", &Scores::reversals,
     1, 1},
    {"peak", "most replicas asked for", &Scores::peak, 1, 1},
    {"wasted", "pods that were told to go before they were 5 min old", &Scores::wasted_starts, 1,
     1},
}};

std::string Shown(const Estimate& estimate, const ScoreColumn& column) {
  std::string text = FixedText(estimate.mean * column.scale, column.decimals);
  if (estimate.half) text += " ±" + FixedText(*estimate.half * column.scale, column.decimals);
  return text;
}

// "-48 % better", "+3 %", "0".
std::string Shown(const Difference& difference) {
  std::string text = "0";
  if (difference.relative) {
    const std::string percent = FixedText(*difference.relative * 100, 0);
    text = (*difference.relative > 0 ? "+" : "") + percent + " %";
  } else if (difference.absolute.mean != 0) {
    text = "from 0";
  }
  if (difference.comparison == Comparison::kUndecided) return text;
  return text + " " + std::string(ToString(difference.comparison));
}

ScoreCell Against(const PolicyOutcome& outcome, double Scores::* member) {
  if (!outcome.differences) return {};
  const auto& fields = ScoreFields();
  const auto found = std::ranges::find(fields, member, &ScoreField::member);
  const auto& difference = (*outcome.differences)[static_cast<std::size_t>(found - fields.begin())];
  return {Shown(difference), difference.comparison};
}

std::vector<std::string> Head(const Study& study) {
  std::vector<std::string> head{"policy"};
  for (const ScoreColumn& column : kColumns) head.emplace_back(column.title);
  const std::string first = study.policies().front().name;
  head.push_back("bad req. vs " + first);
  head.push_back("hours vs " + first);
  head.emplace_back("front");
  return head;
}

ScoreRow ToRow(const Study& study, const PolicyOutcome& outcome) {
  const StudyPolicy& policy = study.policies()[outcome.policy];
  ScoreRow row{outcome.policy, {{policy.name}}};
  for (const ScoreColumn& column : kColumns) {
    row.cells.push_back({Shown(outcome.Of(column.member), column)});
  }
  row.cells.push_back(Against(outcome, &Scores::bad_requests));
  row.cells.push_back(Against(outcome, &Scores::replica_hours));
  row.cells.push_back({policy.limit ? "limit" : outcome.on_front ? "*" : ""});
  return row;
}

std::string SeedsOf(const Study& study) {
  const auto& seeds = study.seeds();
  const std::string first = std::to_string(seeds.front());
  return seeds.size() == 1 ? "seed " + first
                           : "seeds " + first + "-" + std::to_string(seeds.back());
}

}  // namespace

const std::array<ScoreColumn, kScoreColumnCount>& ScoreColumns() { return kColumns; }

std::vector<ScoreTable> ScoreTablesOf(const Study& study,
                                      const std::vector<PolicyOutcome>& outcomes) {
  std::vector<ScoreTable> tables;
  for (const PolicyOutcome& outcome : outcomes) {
    if (!outcome.best_bad_requests && !outcome.best_replica_hours) continue;
    if (tables.empty() || tables.back().scenario != outcome.scenario) {
      tables.push_back({outcome.scenario, Head(study), {}});
    }
    tables.back().rows.push_back(ToRow(study, outcome));
  }
  return tables;
}

std::string ScoreLegend(const Study& study) {
  std::string text = SeedsOf(study) + ", mean ±95 % interval; better or worse than " +
                     study.policies().front().name +
                     ": the paired interval excludes 0 and the effect is above 10 %; "
                     "*: on the Pareto front of bad requests and replica hours.";
  if (HasGrid(study)) text += "\nOf each grid: the settings that are best on either axis.";
  return text;
}

std::string MissingEpisodes(const Study& study) {
  if (study.Complete()) return "";
  return "Not complete: " + std::to_string(study.Done()) + " of " +
         std::to_string(study.Cells().size()) + " episodes.";
}

std::string FixedText(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  const std::string_view view(text.data());
  const bool zero = view.find_first_of("123456789") == std::string_view::npos;
  return std::string(zero && view.starts_with('-') ? view.substr(1) : view);
}

}  // namespace evenkeel
