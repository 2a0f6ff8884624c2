#include "controller/simulate/study_overview.hpp"

#include <algorithm>
#include <cstddef>

#include "controller/simulate/score_table.hpp"
#include "controller/simulate/svg.hpp"

namespace evenkeel {
namespace {

// Indices into the study.
std::vector<std::size_t> Columns(const Study& study) {
  const std::vector<StudyPolicy>& policies = study.policies();
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const bool known = std::ranges::any_of(columns, [&](std::size_t column) {
      return !policies[i].family.empty() && policies[column].family == policies[i].family;
    });
    if (!known) columns.push_back(i);
  }
  return columns;
}

std::string Cell(const PolicyOutcome* outcome) {
  if (outcome == nullptr) return "<td></td>";
  return std::string(outcome->on_front ? "<td class=\"front\">" : "<td>") +
         FixedText(outcome->Of(&Scores::bad_requests).mean * 100, 2) + " / " +
         FixedText(outcome->Of(&Scores::replica_hours).mean, 1) + "</td>";
}

std::string Row(const Study& study, std::size_t scenario, const std::vector<std::size_t>& columns,
                const std::vector<PolicyOutcome>& outcomes) {
  std::string html = "<tr><th>" + Escaped(study.scenarios()[scenario].name) + "</th>";
  for (const std::size_t policy : columns) {
    const auto found = std::ranges::find_if(outcomes, [&](const PolicyOutcome& outcome) {
      return outcome.scenario == scenario && outcome.policy == policy;
    });
    html += Cell(found == outcomes.end() ? nullptr : &*found);
  }
  return html + "</tr>\n";
}

}  // namespace

std::string OverviewHtml(const Study& study, const std::vector<PolicyOutcome>& outcomes) {
  if (study.scenarios().size() < 2) return "";
  const std::vector<std::size_t> columns = Columns(study);
  std::string html =
      "<section>\n<h2>At a glance</h2>\n<p class=\"legend\">Bad requests, % / replica hours. Bold: "
      "on the Pareto front of the scenario.</p>\n"
      "<div class=\"wide\"><table class=\"overview\">\n<thead><tr><th>scenario</th>";
  for (const std::size_t policy : columns) {
    html += "<th class=\"p" + std::to_string(policy) + "\">" +
            Escaped(study.policies()[policy].name) + "</th>";
  }
  html += "</tr></thead>\n<tbody>\n";
  for (std::size_t scenario = 0; scenario < study.scenarios().size(); ++scenario) {
    html += Row(study, scenario, columns, outcomes);
  }
  return html + "</tbody>\n</table></div>\n</section>\n";
}

}  // namespace evenkeel
