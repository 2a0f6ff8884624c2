// What reports draw with: axes, curves, paths, marks.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/simulate/event_marks.hpp"
#include "controller/simulate/plot_axis.hpp"
#include "controller/simulate/plot_curves.hpp"
#include "controller/simulate/svg.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

std::vector<std::string> Texts(const std::vector<double>& values) {
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(TickText(value));
  return texts;
}

using Strings = std::vector<std::string>;

TEST_CASE("plot axis: a linear one is straight, and ends where it ends") {
  const PlotAxis axis = PlotAxis::Linear(0, 40, 100, 20);
  CHECK(axis.At(0) == 100);
  CHECK(axis.At(10) == 80);
  CHECK(axis.At(40) == 20);
  CHECK(axis.At(50) == 20);
  CHECK(axis.At(-1) == 100);
  CHECK(Texts(axis.Ticks(4)) == Strings{"0", "10", "20", "30", "40"});
  CHECK(Texts(PlotAxis::Linear(8.3, 9.1, 0, 1).Ticks(5)) == Strings{"8.4", "8.6", "8.8", "9"});
}

TEST_CASE("plot axis: a logarithmic one has round ends, and a decade is as wide as any other") {
  const PlotAxis axis = PlotAxis::Logarithmic(0.11, 9, 0, 200);
  CHECK(axis.At(0.1) == Approx(0));
  CHECK(axis.At(1) == Approx(100));
  CHECK(axis.At(10) == Approx(200));
  CHECK(axis.At(0) == Approx(0));
  CHECK(Texts(axis.Ticks(10)) == Strings{"0.1", "0.2", "0.5", "1", "2", "5", "10"});
  CHECK(Texts(axis.Ticks(5)) == Strings{"0.1", "1", "10"});
}

TEST_CASE("plot axis: times are at whole minutes, hours and days") {
  CHECK(PlotAxis::Linear(0, 600, 0, 1).TimeTicks(10).at(1) == 60);
  CHECK(PlotAxis::Linear(0, 7200, 0, 1).TimeTicks(13).at(1) == 600);
  CHECK(PlotAxis::Linear(0, 86'400, 0, 1).TimeTicks(13).at(1) == 7200);
  CHECK(PlotAxis::Linear(0, 7 * 86'400, 0, 1).TimeTicks(13).size() == 8);
}

TEST_CASE("plot curves: of a short record, every value at its time") {
  Record record;
  record.seconds = {{.rate = 100, .spec = 2, .ready = 2, .needed = 1},
                    {.rate = 120, .spec = 4, .ready = 2, .needed = 3}};
  record.windows = {{.requests = 1000, .p99 = 0.25F, .utilization = 0.5F}};
  CHECK(LoadCurve(record) == PlotCurve{{0.5, 100.0}, {1.5, 120.0}});
  CHECK(ReplicasCurve(record) == PlotCurve{{0, 2.0}, {1, 4.0}, {2, 4.0}});
  CHECK(NeededCurve(record) == PlotCurve{{0, 1.0}, {1, 3.0}, {2, 3.0}});
  CHECK(P99Curve(record) == PlotCurve{{5, 0.25}});
  CHECK(UtilizationCurve(record) == PlotCurve{{5, 0.5}});
}

TEST_CASE("plot curves: without requests no P99 is known, without ready pods no utilization") {
  Record record;
  record.seconds.assign(20, {.rate = 1, .spec = 1, .ready = 0, .needed = 1});
  record.seconds[12].ready = 1;
  record.windows = {{.requests = 0, .p99 = 0, .utilization = 0},
                    {.requests = 5, .p99 = 0.5F, .utilization = 0.25F}};
  CHECK(P99Curve(record) == PlotCurve{{5, std::nullopt}, {15, 0.5}});
  CHECK(UtilizationCurve(record) == PlotCurve{{5, std::nullopt}, {15, 0.25}});
  CHECK(P99Curve({}).empty());
  CHECK(ReplicasCurve({}).empty());
}

TEST_CASE("plot curves: a long record is thinned out, and keeps its peaks") {
  Record record;
  record.seconds.assign(86'400, {.rate = 100, .spec = 2, .ready = 2, .needed = 1});
  record.seconds[50'001].spec = 9;
  record.seconds[50'001].rate = 220;
  record.windows.assign(8640, {.requests = 1, .p99 = 0.1F, .utilization = 0.5F});
  record.windows[4321] = {.requests = 1, .p99 = 7.5F, .utilization = 0.74F};
  const PlotCurve p99 = P99Curve(record);
  REQUIRE(p99.size() == kMostPlotPoints);
  CHECK(p99[4321 / 12] == PlotPoint{4320 * 10 + 60, 7.5});
  CHECK(*UtilizationCurve(record)[4321 / 12].value == Approx(0.52));
  CHECK(ReplicasCurve(record).size() == kMostPlotPoints + 1);
  CHECK(ReplicasCurve(record)[50'001 / 120] == PlotPoint{49'920, 9.0});
  CHECK(*LoadCurve(record)[50'001 / 120].value == Approx(101));
}

TEST_CASE("plot paths: lines end at a gap, and a point between gaps is a dot") {
  const PlotAxis x = PlotAxis::Linear(0, 10, 0, 100);
  const PlotAxis y = PlotAxis::Linear(0, 1, 50, 0);
  const PlotCurve curve{{0, 0.0}, {1, 1.0}, {2, {}}, {3, 0.5}, {4, {}}, {5, 0.25}, {6, 0.0}};
  CHECK(LinePath(curve, x, y) == "M0,50h0L10,0M30,25h0M50,37.5h0L60,50");
  CHECK(LinePath({}, x, y).empty());
}

TEST_CASE("plot paths: steps hold their value, and say it only when it changes") {
  const PlotAxis x = PlotAxis::Linear(0, 10, 0, 100);
  const PlotAxis y = PlotAxis::Linear(0, 10, 100, 0);
  CHECK(StepPath({{0, 2.0}, {1, 2.0}, {2, 4.0}, {3, 4.0}, {4, 4.0}}, x, y) == "M0,80H20V60H40");
  CHECK(StepPath({{0, 2.0}, {2, {}}, {4, 3.0}, {5, 3.0}}, x, y) == "M0,80H20M40,70H50");
}

TEST_CASE("plot text: markup is escaped, control characters are replaced") {
  CHECK(Escaped("a<b>&\"c'\n\x01") == "a&lt;b&gt;&amp;&quot;c&#39;\n\uFFFD");
  CHECK(Escaped("×5 é") == "×5 é");
  CHECK(SvgNumber(-0.01) == "0");
  CHECK(SvgNumber(12.04) == "12");
  CHECK(SvgNumber(12.06) == "12.1");
}

TEST_CASE("event marks: each kind in words") {
  const auto text = [](EventKind kind, double amount, int pods) {
    return EventText({.kind = kind, .amount = amount, .pods = pods});
  };
  CHECK(text(EventKind::kDatabaseSlow, 5, 1) == "databaseSlow ×5");
  CHECK(text(EventKind::kErrors, 0.6, 1) == "errors 60 %");
  CHECK(text(EventKind::kPodSlow, 4, 2) == "podSlow ×4, 2 pods");
  CHECK(text(EventKind::kPodsLost, 1, 1) == "podsLost 1 pod");
  CHECK(text(EventKind::kRelease, 1, 1) == "release");
  CHECK(text(EventKind::kRelease, 1.5, 1) == "release ×1.5");
  CHECK(text(EventKind::kMetricsGone, 1, 1) == "metricsGone");
}

TEST_CASE("event marks: labels that would meet stand in rows, and none leaves the plot") {
  Scenario scenario;
  scenario.duration = SimSeconds{1000};
  const PlotAxis x = PlotAxis::Linear(0, 1000, 0, 1000);
  const auto height = [&](std::vector<ScenarioEvent> events) {
    scenario.events = std::move(events);
    return EventMarks(scenario, x).Height();
  };
  const auto at = [](double time) {
    return ScenarioEvent{.at = SimSeconds{time}, .kind = EventKind::kMetricsGone};
  };
  const double row = height({at(100)});
  CHECK(height({}) == 0);
  CHECK(height({at(100), at(500)}) == row);
  CHECK(height({at(100), at(110), at(500)}) == 2 * row);
  CHECK(height({at(995)}) == row);
  CHECK(EventMarks(scenario, x).Svg(300).find("<text class=\"event to-left\" x=\"991\"") !=
        std::string::npos);
}

TEST_CASE("event marks: a band lasts as long as the event") {
  Scenario scenario;
  scenario.duration = SimSeconds{1000};
  scenario.events = {{.at = SimSeconds{100}, .lasts = SimSeconds{50}}, {.at = SimSeconds{700}}};
  const std::string svg = EventMarks(scenario, PlotAxis::Linear(0, 1000, 0, 500)).Svg(300);
  INFO(svg);
  CHECK(svg.find("<rect class=\"during\" x=\"50\" y=\"0\" width=\"25\" height=\"300\"/>") !=
        std::string::npos);
  CHECK(svg.find("<line class=\"event\" x1=\"350\" y1=\"0\" x2=\"350\" y2=\"300\"/>") !=
        std::string::npos);
}

}  // namespace
}  // namespace evenkeel
