#include "controller/simulate/study_html.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "controller/core/time_format.hpp"
#include "controller/simulate/pareto_plot.hpp"
#include "controller/simulate/scenario_panels.hpp"
#include "controller/simulate/score_table.hpp"
#include "controller/simulate/study_html_style.hpp"
#include "controller/simulate/study_overview.hpp"
#include "controller/simulate/svg.hpp"

namespace evenkeel {
namespace {

std::string Element(const std::string& tag, const std::string& text) {
  return "<" + tag + ">" + Escaped(text) + "</" + tag + ">\n";
}

std::string Paragraph(const std::string& css_class, const std::string& text) {
  return "<p class=\"" + css_class + "\">" + Escaped(text) + "</p>\n";
}

std::string TimeText(SimSeconds time) {
  return FormatDuration(std::chrono::round<std::chrono::milliseconds>(time));
}

std::string Facts(const Study& study, const Scenario& scenario) {
  return "Objective: P99 at most " + TimeText(scenario.Slo()) + ". " +
         std::to_string(scenario.min_replicas) + " to " + std::to_string(scenario.max_replicas) +
         " replicas. Takes " + TimeText(scenario.duration) + ", of which the first " +
         TimeText(scenario.warmup) + " (shaded) are not scored. Curves: seed " +
         std::to_string(study.seeds().front()) + ".";
}

std::size_t SeedsDone(const Study& study, std::size_t scenario, std::size_t policy) {
  std::size_t done = 0;
  for (std::size_t seed = 0; seed < study.seeds().size(); ++seed) {
    if (study.ScoresAt({scenario, policy, seed})) ++done;
  }
  return done;
}

// Which policies lack which seeds in a scenario; empty if none does.
std::string Missing(const Study& study, std::size_t scenario) {
  std::string text;
  for (std::size_t policy = 0; policy < study.policies().size(); ++policy) {
    const std::size_t done = SeedsDone(study, scenario, policy);
    if (done == study.seeds().size()) continue;
    text += (text.empty() ? "Not all seeds were simulated: " : ", ") +
            study.policies()[policy].name + " (" + std::to_string(done) + " of " +
            std::to_string(study.seeds().size());
    const bool no_curve = done > 0 && study.RecordAt(scenario, policy) == nullptr;
    text += no_curve ? ", not the one of the curves)" : ")";
  }
  return text.empty() ? "" : Paragraph("missing", text + ".");
}

// Check boxes, which are the key to the curves as well.
std::string Policies(const Study& study, const std::vector<ShownPolicy>& shown) {
  std::string html = "<div class=\"policies\">\n";
  for (const ShownPolicy& each : shown) {
    const StudyPolicy& policy = study.policies()[each.policy];
    const std::string number = std::to_string(each.policy);
    html += "<label class=\"p" + number + (each.visible ? "" : " off") + "\" data-p=\"" + number +
            "\" title=\"" + Escaped(policy.about) + "\"><input type=\"checkbox\" data-p=\"" +
            number + "\" autocomplete=\"off\"" + (each.visible ? " checked=\"checked\"" : "") +
            "/><svg viewBox=\"0 0 30 8\">" + SvgLine(0, 4, 30, 4, "key") + "</svg>" +
            Escaped(policy.name) + (policy.limit ? " (limit)" : "") + "</label>\n";
  }
  return html + "</div>\n";
}

std::string Cell(const ScoreCell& cell) {
  const std::string css_class = cell.comparison == Comparison::kUndecided
                                    ? ""
                                    : " class=\"" + std::string(ToString(cell.comparison)) + "\"";
  return "<td" + css_class + ">" + Escaped(cell.text) + "</td>";
}

std::string Table(const ScoreTable& table) {
  std::string html = "<div class=\"wide\"><table>\n<thead><tr>";
  for (const std::string& title : table.head) html += "<th>" + Escaped(title) + "</th>";
  html += "</tr></thead>\n<tbody>\n";
  for (const ScoreRow& row : table.rows) {
    html += "<tr><th class=\"p" + std::to_string(row.policy) + "\">" +
            Escaped(row.cells.front().text) + "</th>";
    for (std::size_t i = 1; i < row.cells.size(); ++i) html += Cell(row.cells[i]);
    html += "</tr>\n";
  }
  return html + "</tbody>\n</table></div>\n";
}

std::string Panels(const Study& study, const ScoreTable& table) {
  const std::vector<ShownPolicy> shown = ShownPolicies(study, table);
  if (shown.empty()) return "";
  return Policies(study, shown) + PanelsSvg(study, table.scenario, shown);
}

std::string Section(const Study& study, std::size_t scenario, const std::vector<ScoreTable>& tables,
                    const std::vector<PolicyOutcome>& outcomes) {
  const Scenario& described = study.scenarios()[scenario];
  std::string html = "<section>\n" + Element("h2", described.name);
  if (!described.about.empty()) html += Element("p", described.about);
  html += Paragraph("facts", Facts(study, described)) + Missing(study, scenario);
  const auto table = std::ranges::find(tables, scenario, &ScoreTable::scenario);
  if (table != tables.end()) {
    html += Panels(study, *table) + Element("h3", "Scores") + Table(*table) +
            Element("h3", "Bad requests against cost") +
            Paragraph("legend",
                      "Down and left is better. Full: on the Pareto front (dashed); empty: behind "
                      "it; squares: limits, which know what no autoscaler can. Bars: 95 % "
                      "intervals.") +
            ParetoSvg(study, scenario, outcomes);
  }
  return html + "</section>\n";
}

std::string Glossary(const Study& study) {
  std::string html = "<section>\n" + Element("h2", "Policies") + "<dl>\n";
  for (const StudyPolicy& policy : study.policies()) {
    html += Element("dt", policy.name) + Element("dd", policy.about);
  }
  html += "</dl>\n" + Element("h2", "Scores") + "<dl>\n";
  for (const ScoreColumn& column : ScoreColumns()) {
    html += Element("dt", std::string(column.title)) + Element("dd", std::string(column.about));
  }
  return html + "</dl>\n</section>\n";
}

}  // namespace

std::string StudyToHtml(const Study& study) {
  const std::vector<PolicyOutcome> outcomes = OutcomesOf(study);
  const std::vector<ScoreTable> tables = ScoreTablesOf(study, outcomes);
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
      "<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<title>Evenkeel: simulated autoscaling</title>\n<style>" +
      std::string(kReportCss) + PolicyCss(study.policies().size()) +
      "</style>\n</head>\n<body>\n<h1>Simulated autoscaling</h1>\n" +
      Paragraph("legend", "Scores: " + ScoreLegend(study));
  if (!study.Complete()) html += Paragraph("missing", MissingEpisodes(study));
  html += OverviewHtml(study, outcomes);
  for (std::size_t scenario = 0; scenario < study.scenarios().size(); ++scenario) {
    html += Section(study, scenario, tables, outcomes);
  }
  return html + Glossary(study) + "<script>" + std::string(kReportScript) +
         "</script>\n</body>\n</html>\n";
}

}  // namespace evenkeel
