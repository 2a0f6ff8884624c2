#include "controller/simulate/scenario_panels.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string_view>

#include "controller/core/time_format.hpp"
#include "controller/simulate/event_marks.hpp"
#include "controller/simulate/plot_axis.hpp"
#include "controller/simulate/plot_curves.hpp"
#include "controller/simulate/plot_panel.hpp"
#include "controller/simulate/svg.hpp"

namespace evenkeel {
namespace {

constexpr double kTitle = 25;  // height of a panel's title
constexpr double kTimes = 20;  // height of the times at the bottom
constexpr std::size_t kFew = 5;
constexpr std::array<std::string_view, 4> kUsual = {"slo", "hpa-elu", "kpa", "oracle-reactive"};

const Record& RecordOf(const Study& study, std::size_t scenario, const ShownPolicy& shown) {
  return *study.RecordAt(scenario, shown.policy);
}

bool IsUsual(const StudyPolicy& policy) {
  return std::ranges::find(kUsual, policy.family.empty() ? policy.name : policy.family) !=
         kUsual.end();
}

std::string SecondsText(double seconds) {
  return FormatDuration(std::chrono::milliseconds(std::llround(seconds * 1000)));
}

double GreatestOf(const std::vector<PlotCurve>& curves, double greatest) {
  for (const PlotCurve& curve : curves) {
    for (const PlotPoint& point : curve) greatest = std::max(greatest, point.value.value_or(0));
  }
  return greatest;
}

double LeastAboveZero(const std::vector<PlotCurve>& curves, double least) {
  for (const PlotCurve& curve : curves) {
    for (const PlotPoint& point : curve) {
      if (point.value.value_or(0) > 0) least = std::min(least, *point.value);
    }
  }
  return least;
}

// Draws all panels of a scenario, from top to bottom.
class Drawing {
 public:
  Drawing(const Study& study, std::size_t scenario, const std::vector<ShownPolicy>& shown)
      : study_(study),
        scenario_(study.scenarios()[scenario]),
        index_(scenario),
        shown_(shown),
        x_(PlotAxis::Linear(0, scenario_.duration.count(), PlotPanel::kLeft, PlotPanel::kRight)),
        marks_(scenario_, x_) {}

  std::string Svg() {
    bottom_ = marks_.Height();
    std::string panels = Load();  // one by one: each is below the last
    panels += P99();
    panels += Utilization();
    panels += Scale();
    const std::string height = SvgNumber(bottom_ + kTimes);
    return "<svg class=\"panels\" viewBox=\"0 0 " + SvgNumber(PlotPanel::kWidth) + " " + height +
           "\" role=\"img\">\n<title>" + Escaped(scenario_.name) + " over time</title>\n" +
           Warmup() + marks_.Svg(bottom_) + panels + Times() + "</svg>\n";
  }

 private:
  // Room for a panel of this height below all others; y is between it and the one above.
  void Below(double height) {
    top_ = bottom_ + kTitle;
    bottom_ = top_ + height;
  }

  std::vector<PlotCurve> Curves(PlotCurve (*curve)(const Record&)) const {
    std::vector<PlotCurve> curves;
    for (const ShownPolicy& shown : shown_) {
      curves.push_back(curve(RecordOf(study_, index_, shown)));
    }
    return curves;
  }

  [[nodiscard]] PlotAxis FromZero(double greatest) const {
    return PlotAxis::Linear(0, greatest, bottom_, top_);
  }

  [[nodiscard]] CurveName NameOf(const ShownPolicy& shown) const {
    const StudyPolicy& policy = study_.policies()[shown.policy];
    return {shown.policy, policy.name, policy.limit, shown.visible};
  }

  std::string Lines(const PlotPanel& panel, const std::vector<PlotCurve>& curves) const {
    std::string svg;
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      svg += panel.Lines(NameOf(shown_[i]), curves[i]);
    }
    return svg;
  }

  std::string Load() {
    Below(80);
    const PlotCurve load = LoadCurve(RecordOf(study_, index_, shown_.front()));
    const PlotPanel panel(x_, FromZero(GreatestOf({load}, 1) * 1.05), top_, bottom_);
    return panel.Group(panel.Frame("Load, requests/s", 4, TickText) + panel.Common(load, "load"));
  }

  std::string P99() {
    Below(150);
    const double slo = scenario_.Slo().count();
    const std::vector<PlotCurve> curves = Curves(P99Curve);
    const PlotAxis y = PlotAxis::Logarithmic(LeastAboveZero(curves, slo / 2),
                                             GreatestOf(curves, slo * 2), bottom_, top_);
    const PlotPanel panel(x_, y, top_, bottom_);
    return panel.Group(panel.Frame("P99 at the client (logarithmic)", 10, SecondsText) +
                       Lines(panel, curves) +
                       panel.Objective(slo, "objective " + SecondsText(slo)));
  }

  std::string Utilization() {
    Below(110);
    const PlotPanel panel(x_, FromZero(1), top_, bottom_);
    return panel.Group(panel.Frame("Event loop utilization, mean of ready pods", 5, TickText) +
                       Lines(panel, Curves(UtilizationCurve)));
  }

  std::string Scale() {
    Below(170);
    const std::vector<PlotCurve> curves = Curves(ReplicasCurve);
    const PlotCurve needed = NeededCurve(RecordOf(study_, index_, shown_.front()));
    const double most = std::max(GreatestOf(curves, 1), GreatestOf({needed}, 1));
    const PlotPanel panel(x_, FromZero(most * 1.05), top_, bottom_);
    std::string svg =
        panel.Area(needed, "needed") +
        panel.Frame("Replicas asked for; grey: as many as the load needs", 6, TickText);
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      svg += panel.Steps(NameOf(shown_[i]), curves[i]);
    }
    return panel.Group(svg);
  }

  [[nodiscard]] std::string Warmup() const {
    if (scenario_.warmup.count() <= 0) return "";
    const double width = x_.At(scenario_.warmup.count()) - PlotPanel::kLeft;
    const double top = marks_.Height() + kTitle;
    return SvgRect(PlotPanel::kLeft, top, width, bottom_ - top, "warmup");
  }

  [[nodiscard]] std::string Times() const {
    std::string svg;
    for (const double time : x_.TimeTicks(PlotPanel::kMostTimes)) {
      svg += SvgText(x_.At(time), bottom_ + kTimes - PlotPanel::kGap, "time", SecondsText(time));
    }
    return svg;
  }

  const Study& study_;
  const Scenario& scenario_;
  const std::size_t index_;
  const std::vector<ShownPolicy>& shown_;
  const PlotAxis x_;
  const EventMarks marks_;
  double top_ = 0;  // of the newest panel
  double bottom_ = 0;
};

}  // namespace

std::vector<ShownPolicy> ShownPolicies(const Study& study, const ScoreTable& table) {
  std::vector<ShownPolicy> shown;
  for (const ScoreRow& row : table.rows) {
    if (study.RecordAt(table.scenario, row.policy) == nullptr) continue;
    shown.push_back({row.policy, row.policy == 0 || IsUsual(study.policies()[row.policy])});
  }
  if (shown.size() <= kFew) {
    for (ShownPolicy& policy : shown) policy.visible = true;
  }
  return shown;
}

std::string PanelsSvg(const Study& study, std::size_t scenario,
                      const std::vector<ShownPolicy>& shown) {
  return Drawing(study, scenario, shown).Svg();
}

}  // namespace evenkeel
