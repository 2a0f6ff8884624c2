// Score tables: what every report for people shows of a study (study_format.hpp, study_html.hpp),
// cell by cell and as plain text. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "controller/simulate/study.hpp"

namespace evenkeel {

struct ScoreColumn {
  std::string_view title;  // "bad req. %"
  std::string_view about;  // for a reader who does not know the score
  double Scores::* member;
  double scale;  // what is shown is the score times this
  int decimals;
};
inline constexpr std::size_t kScoreColumnCount = 9;
[[nodiscard]] const std::array<ScoreColumn, kScoreColumnCount>& ScoreColumns();

struct ScoreCell {
  std::string text;
  Comparison comparison = Comparison::kUndecided;  // of a cell that compares
};

struct ScoreRow {
  std::size_t policy = 0;  // index into the study
  std::vector<ScoreCell> cells{};
};

// Of one scenario: the policy's name, ScoreColumns(), bad requests and hours against the first
// policy, and "*" for the Pareto front or "limit". A score is "mean ±half".
struct ScoreTable {
  std::size_t scenario = 0;  // index into the study
  std::vector<std::string> head{};
  std::vector<ScoreRow> rows{};
};

// One per scenario in which anything is done. Of a family with several settings, only those that
// are best on an axis.
[[nodiscard]] std::vector<ScoreTable> ScoreTablesOf(const Study& study,
                                                    const std::vector<PolicyOutcome>& outcomes);

// What the numbers and signs in the tables are, in a sentence or two.
[[nodiscard]] std::string ScoreLegend(const Study& study);

// "Not complete: 1 of 8 episodes."; empty if the study is complete.
[[nodiscard]] std::string MissingEpisodes(const Study& study);

// "12.50" with two decimals; what rounds to 0 has no sign.
[[nodiscard]] std::string FixedText(double value, int decimals);

}  // namespace evenkeel
