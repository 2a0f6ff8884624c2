#include "controller/core/behavior.hpp"

#include <limits>
#include <vector>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kNow{milliseconds(1'800'000'000'000)};

History Recommended(std::vector<std::pair<Replicas, int>> values) {
  History history;
  for (const auto& [replicas, age] : values) {
    history.recommendations.push_back({kNow - seconds(age), replicas});
  }
  return history;
}

Behavior Windows(int up, int down) {
  Behavior behavior;
  behavior.scale_up.stabilization_window = seconds(up);
  behavior.scale_down.stabilization_window = seconds(down);
  return behavior;
}

struct StabilizeRow {
  int number;  // of the case in the HPA's own tests, as research lists them
  int up;
  int down;
  Replicas current;
  Replicas recommended;
  std::vector<std::pair<Replicas, int>> history;  // value, seconds ago
  Replicas replicas;
};

TEST_CASE("stabilization holds as the HPA's does") {
  const StabilizeRow rows[] = {
      {79, 0, 180, 100, 3, {{4, 120}, {5, 60}}, 5},
      {80, 300, 0, 1, 7, {{4, 120}, {5, 60}}, 4},
      {81, 300, 0, 1, 100, {{10, 6000}, {6, 60}, {5, 120}, {9, 180}}, 5},
      {82, 300, 300, 2, 1, {{2, 6000}, {3, 180}}, 2},
      {83, 300, 300, 2, 3, {{2, 6000}, {1, 180}}, 2},
      {86, 0, 300, 10, 4, {{10, 15}}, 10},
      {86, 0, 300, 4, 10, {{4, 15}}, 10},
      {86, 60, 300, 4, 10, {{4, 15}}, 4},
      {87, 300, 300, 20, 5, {{5, 120}, {6, 60}}, 6},
  };
  for (const StabilizeRow& row : rows) {
    INFO("case " << row.number << ", recommended " << row.recommended);
    CHECK(Stabilize(Windows(row.up, row.down), Recommended(row.history), row.current,
                    row.recommended, kNow)
              .replicas == row.replicas);
  }
}

TEST_CASE("a recommendation exactly as old as the window no longer counts") {
  CHECK(Stabilize(Windows(0, 300), Recommended({{9, 300}}), 9, 4, kNow).replicas == 4);
  CHECK(Stabilize(Windows(0, 300), Recommended({{9, 299}}), 9, 4, kNow).replicas == 9);
}

TEST_CASE("an assumed recommendation holds a fall and no rise") {
  const History history{.recommendations = {{kNow - seconds(15), 5, true}}};
  CHECK(Stabilize(Windows(300, 300), history, 5, 3, kNow).replicas == 5);
  CHECK(Stabilize(Windows(300, 300), history, 5, 9, kNow).replicas == 9);
}

TEST_CASE("a stage that changes nothing names no rule") {
  CHECK(Stabilize({}, {}, 4, 6, kNow) == Limited{6, ""});
  CHECK(LimitRate({}, {}, 4, 6, kNow) == Limited{6, ""});
}

ScalingRules Rules(SelectPolicy select, std::vector<RatePolicy> policies) {
  return {seconds(0), select, std::move(policies), 0.1};
}

constexpr RatePolicy Pods(int value, int period = 60) {
  return {RateType::kPods, value, seconds(period)};
}
constexpr RatePolicy Percent(int value, int period = 60) {
  return {RateType::kPercent, value, seconds(period)};
}

struct RateRow {
  const char* what;
  ScalingRules up;
  ScalingRules down;
  std::vector<ScaleEvent> events;
  Replicas current;
  Replicas wanted;
  Limited limited;
};

TEST_CASE("rate policies bound a change as the HPA's do, in integers") {
  const ScalingRules up = Behavior::DefaultScaleUp();
  const ScalingRules down = Behavior::DefaultScaleDown();
  using enum SelectPolicy;
  const RateRow rows[] = {
      {"default: four pods win on a small target", up, down, {}, 1, 50, {5, "+4/15s"}},
      {"default: a hundred percent wins on a large one", up, down, {}, 10, 50, {20, "+100%/15s"}},
      {"ten percent of 100 are 10, not 11",
       Rules(kMax, {Percent(10)}),
       down,
       {},
       100,
       200,
       {110, "+10%/60s"}},
      {"a percentage up rounds up",
       Rules(kMax, {Percent(10)}),
       down,
       {},
       11,
       200,
       {13, "+10%/60s"}},
      {"a percentage down rounds the rest down",
       up,
       Rules(kMax, {Percent(90)}),
       {},
       10,
       0,
       {1, "-90%/60s"}},
      {"Min takes the smallest change",
       Rules(kMin, {Pods(1), Percent(100)}),
       down,
       {},
       10,
       50,
       {11, "+1/60s"}},
      {"Disabled freezes the direction",
       Rules(kDisabled, {Pods(1)}),
       down,
       {},
       10,
       50,
       {10, "disabled"}},
      {"what was added in the period counts",
       Rules(kMax, {Pods(4)}),
       down,
       {{kNow - seconds(30), 6, 9}},
       9,
       50,
       {10, "+4/60s"}},
      {"what was added before the period does not",
       Rules(kMax, {Pods(4)}),
       down,
       {{kNow - seconds(60), 6, 9}},
       9,
       50,
       {13, "+4/60s"}},
      {"a used-up quota keeps the size and does not force it down",
       Rules(kMax, {Pods(1)}),
       down,
       {{kNow - seconds(30), 6, 9}},
       9,
       50,
       {9, "+1/60s"}},
      {"down: pods", up, Rules(kMax, {Pods(2)}), {}, 10, 1, {8, "-2/60s"}},
      {"down: Max takes the biggest change",
       up,
       Rules(kMax, {Pods(2), Percent(50)}),
       {},
       10,
       1,
       {5, "-50%/60s"}},
      {"down: Min takes the smallest change",
       up,
       Rules(kMin, {Pods(2), Percent(50)}),
       {},
       10,
       1,
       {8, "-2/60s"}},
      {"down: more than a hundred percent is all",
       up,
       Rules(kMax, {Percent(150)}),
       {},
       10,
       0,
       {0, ""}},
      {"the largest numbers do not overflow",
       Rules(kMax, {Percent(2'147'483'647)}),
       down,
       {},
       2'147'483'000,
       2'147'483'647,
       {2'147'483'647, ""}},
  };
  for (const RateRow& row : rows) {
    INFO(row.what);
    const History history{.scale_events = row.events};
    CHECK(LimitRate({row.up, row.down}, history, row.current, row.wanted, kNow) == row.limited);
  }
}

TEST_CASE("the HPA's arithmetic has its doubles and no floor under a period's start") {
  struct Row {
    Behavior behavior;
    History history;
    Replicas current;
    Replicas wanted;
    Replicas exact;
    Replicas hpa;
  };
  using enum SelectPolicy;
  const ScalingRules ten = Rules(kMax, {Percent(10)});
  const ScalingRules ninety = Rules(kMax, {Percent(90)});
  const ScalingRules huge = Rules(kMax, {Pods(std::numeric_limits<int>::max())});
  History manual;  // 10 of 12 were taken away by hand
  manual.scale_events = {{kNow - seconds(30), 2, 12}};
  const Row rows[] = {
      {{ten, ninety}, {}, 100, 500, 110, 111},
      {{ten, ninety}, {}, 10, 0, 1, 0},
      {{Rules(kMax, {Pods(4)}), ninety}, manual, 2, 20, 4, 2},
      {{huge, ninety}, {}, 10, 50, 50, 10},
      {{ten, ninety}, {}, 0, 5, 1, 0},
  };
  for (Row row : rows) {
    CAPTURE(row.current, row.wanted);
    CHECK(LimitRate(row.behavior, row.history, row.current, row.wanted, kNow).replicas ==
          row.exact);
    row.behavior.arithmetic = Arithmetic::kHpa;
    CHECK(LimitRate(row.behavior, row.history, row.current, row.wanted, kNow).replicas == row.hpa);
  }
}

}  // namespace
}  // namespace evenkeel
