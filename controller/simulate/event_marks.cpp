#include "controller/simulate/event_marks.hpp"

#include <algorithm>
#include <utility>

#include "controller/simulate/score_table.hpp"
#include "controller/simulate/svg.hpp"

namespace evenkeel {
namespace {

constexpr double kRowHeight = 13;
constexpr double kCharacterWidth = 6;  // of the labels' font, a little more than its mean
constexpr double kGap = 4;             // from a line to its label

std::string Times(double factor) { return " ×" + TickText(factor); }

std::string Pods(int pods) { return std::to_string(pods) + (pods == 1 ? " pod" : " pods"); }

double WidthOf(const std::string& text) {
  return static_cast<double>(text.size()) * kCharacterWidth + 2 * kGap;
}

}  // namespace

std::string EventText(const ScenarioEvent& event) {
  const std::string kind(ToString(event.kind));
  switch (event.kind) {
    case EventKind::kDatabaseSlow:
    case EventKind::kWorkFactor:
      return kind + Times(event.amount);
    case EventKind::kRelease:
      return event.amount == 1 ? kind : kind + Times(event.amount);
    case EventKind::kErrors:
      return kind + " " + TickText(event.amount * 100) + " %";
    case EventKind::kPodSlow:
      return kind + Times(event.amount) + ", " + Pods(event.pods);
    case EventKind::kPodsLost:
      return kind + " " + Pods(event.pods);
    case EventKind::kMetricsGone:
    case EventKind::kPrometheusRestart:
    case EventKind::kControllerRestart:
      return kind;
  }
  return kind;
}

EventMarks::EventMarks(const Scenario& scenario, const PlotAxis& x) {
  const double right = x.At(scenario.duration.count());
  std::vector<double> taken;  // by row: up to where
  for (const ScenarioEvent& event : scenario.events) {
    const double begin = x.At(event.at.count());
    const double end = event.lasts.count() > 0 ? x.At(event.End().count()) : begin;
    std::string text = EventText(event);
    const double width = WidthOf(text);
    const bool leftward = begin + width > right;
    const double left = leftward ? begin - width : begin;
    const auto row = std::ranges::find_if(taken, [left](double to) { return to <= left; });
    const auto index = static_cast<int>(row - taken.begin());
    if (row == taken.end()) taken.push_back(0);
    taken[static_cast<std::size_t>(index)] = left + width;
    marks_.push_back({begin, end, leftward, index, std::move(text)});
  }
}

double EventMarks::Height() const {
  int rows = 0;
  for (const Mark& mark : marks_) rows = std::max(rows, mark.row + 1);
  return rows * kRowHeight;
}

std::string EventMarks::Svg(double bottom) const {
  std::string svg;
  for (const Mark& mark : marks_) {
    const double top = mark.row * kRowHeight;
    if (mark.end > mark.begin) {
      svg += SvgRect(mark.begin, top, mark.end - mark.begin, bottom - top, "during");
    }
    svg += SvgLine(mark.begin, top, mark.begin, bottom, "event");
    svg += SvgText(mark.leftward ? mark.begin - kGap : mark.begin + kGap, top + kRowHeight - kGap,
                   mark.leftward ? "event to-left" : "event", mark.text);
  }
  return svg;
}

}  // namespace evenkeel
