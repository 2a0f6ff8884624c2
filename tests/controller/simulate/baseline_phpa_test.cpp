#include <chrono>
#include <vector>

#include "controller/simulate/phpa_models.hpp"
#include "controller/simulate/stage.hpp"
#include "support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;

namespace {

// One value every 15 s.
std::vector<TimedReplicas> History(const std::vector<Replicas>& values) {
  std::vector<TimedReplicas> history;
  TimePoint time = kSimulationBegin;
  for (const Replicas value : values) {
    history.push_back({time, value});
    time += 15s;
  }
  return history;
}

Replicas Linear(const std::vector<Replicas>& values, std::chrono::seconds ahead) {
  const std::vector<TimedReplicas> history = History(values);
  return LinearForecast(history, history.back().time + ahead);
}

Replicas Winters(const std::vector<Replicas>& values, const HoltWintersSpec& spec = {}) {
  return HoltWintersForecast(History(values), spec);
}

std::vector<Replicas> Repeat(const std::vector<Replicas>& season, int times) {
  std::vector<Replicas> values;
  for (int i = 0; i < times; ++i) values.insert(values.end(), season.begin(), season.end());
  return values;
}

}  // namespace

TEST_CASE("phpa's linear model reads a line off at the time to look ahead to, rounded up") {
  CHECK(Linear({2, 4, 6}, 15s) == 8);
  CHECK(Linear({2, 4, 6}, 10s) == 8);  // 7.33
  CHECK(Linear({6, 4, 2}, 15s) == 0);
  CHECK(Linear({5, 5, 5, 5, 5, 5}, 10s) == 5);
  // Least squares: 3 + 2.5 · 1.2 = 6; the line through the ends would be at 6.33.
  CHECK(Linear({1, 3, 3, 5}, 15s) == 6);
  CHECK(Linear({7}, 10s) == 7);
}

TEST_CASE("phpa's Holt-Winters forecasts 0 with fewer values than it needs") {
  CHECK(HoltWintersSpec{}.LeastValues() == 16);  // 10 + 2 · 3
  CHECK(HoltWintersSpec{.periods = 7}.LeastValues() == 16);
  CHECK(HoltWintersSpec{.periods = 20}.LeastValues() == 40);  // two seasons
  CHECK(Winters(std::vector<Replicas>(15, 5)) == 0);
  CHECK(Winters(std::vector<Replicas>(16, 5)) == 5);
}

TEST_CASE("phpa's Holt-Winters goes on with a trend and with a season") {
  std::vector<Replicas> ramp;
  for (Replicas value = 1; value <= 24; ++value) ramp.push_back(value);
  CHECK(Winters(ramp) == 25);
  const std::vector<Replicas> season{3, 3, 3, 9, 9, 9};
  CHECK(Winters(Repeat(season, 4)) == 3);
  std::vector<Replicas> later = Repeat(season, 4);
  later.insert(later.end(), {3, 3, 3});
  CHECK(Winters(later, {.seasons = 5}) == 9);
  CHECK(Winters(Repeat({2, 4, 6, 8, 6}, 5), {.periods = 5}) == 2);
}

TEST_CASE("phpa's Holt-Winters forecasts what statsmodels does") {
  // statsmodels 0.15, ExponentialSmoothing(initialization_method="estimated") with the gains fixed,
  // forecast(1) of the series; here rounded up.
  const std::vector<Replicas> restless{4, 5, 4, 6, 7, 6, 5, 5, 4, 6, 8, 7,
                                       5, 4, 5, 7, 8, 7, 4, 5, 5, 6, 7, 7};
  CHECK(Winters(restless) == 4);                                             // 3.9327
  CHECK(Winters(restless, {.alpha = 0.3, .beta = 0.1, .gamma = 0.3}) == 5);  // 4.4079
  std::vector<Replicas> step(16, 4);
  step.insert(step.end(), 8, 10);
  CHECK(Winters(step) == 12);  // 11.0806
  std::vector<Replicas> outlier = Repeat({3, 5}, 10);
  outlier.back() = 13;
  CHECK(Winters(outlier, {.alpha = 0.5, .beta = 0.5, .gamma = 0.5, .periods = 2}) == 9);  // 9.0000
  // Times a hundred, for two more digits.
  std::vector<Replicas> finer;
  finer.reserve(restless.size());
  for (const Replicas value : restless) finer.push_back(100 * value);
  CHECK(Winters(finer) == 394);
  CHECK(Winters(finer, {.alpha = 0.3, .beta = 0.1, .gamma = 0.3}) == 441);
}

TEST_CASE("phpa takes the larger of the HPA's number and the forecast") {
  Stage stage("phpa", {{"window", 0}});
  stage.Serve(10);
  stage.Utilization(0.6);
  CHECK(stage.Tick(15).replicas == 10);  // one value is its own forecast
  stage.Utilization(0.72);  // the HPA: 12; the line through 10 and 12, 10 s ahead: 13.3
  CHECK(stage.Tick(30).replicas == 14);
  stage.Serve(14);
  stage.Utilization(0.6);  // the HPA: 14; the line through 10, 12 and 14: 15.3
  CHECK(stage.Tick(45).replicas == 16);
}

TEST_CASE("phpa's other decisions take the model at its word") {
  const auto second = [](const char* decision) {
    Stage stage("phpa", {{"window", 0}, {"decision", decision}});
    stage.Serve(10);
    stage.Utilization(0.6);
    (void)stage.Tick(15);
    stage.Utilization(0.9);
    return stage.Tick(30).replicas;  // of 15 and 19
  };
  CHECK(second("maximum") == 19);
  CHECK(second("minimum") == 15);
  CHECK(second("mean") == 17);
  CHECK(second("median") == 17);
  Stage winters("phpa", {{"window", 0}, {"decision", "minimum"}, {"model", "holtWinters"}});
  winters.Serve(10);
  winters.Utilization(0.6);
  CHECK(winters.Tick(15).replicas == 1);  // 0 without enough values
}

TEST_CASE("phpa doubles in 60 s, where Kubernetes has 15 s") {
  Stage stage("phpa");
  stage.Serve(10);
  stage.Utilization(1);
  CHECK(stage.Follow(15) == 17);
  stage.Utilization(1);
  CHECK(stage.Follow(30) == 20);
  stage.Utilization(1);
  CHECK(stage.Follow(45) == 20);
  stage.Utilization(1);
  CHECK(stage.Follow(75) == 34);  // the first 7 are forgotten: twice 20 - 3
}

TEST_CASE("phpa's linear model forgets all but the last values") {
  // With 2 values and the present one the slope is gone after three ticks.
  Stage stage("phpa", {{"window", 0}, {"history", 2}});
  stage.Serve(10);
  stage.Utilization(0.3);
  (void)stage.Tick(15);
  stage.Utilization(0.6);
  CHECK(stage.Tick(30).replicas == 14);  // 5, 10: 13.3
  CHECK(stage.Tick(45).replicas == 13);  // 5, 10, 10: 12.5
  CHECK(stage.Tick(60).replicas == 10);  // 10, 10, 10
}

TEST_CASE("phpa keeps its histories through a restart") {
  Stage stage("phpa");
  stage.Serve(10);
  stage.Utilization(0.6);
  (void)stage.Tick(15);
  stage.Utilization(1);
  CHECK(stage.Follow(30) == 20);  // 17, and the line through 10 and 17: 21.7, by the rate 20
  stage.Replace();
  stage.Utilization(1);
  CHECK(stage.Follow(45) == 20);  // the quota of 60 s is still used up
  stage.Utilization(0.3);
  for (int second = 60; second < 345; second += 15) CHECK(stage.Tick(second).replicas >= 20);
}

TEST_CASE("phpa without its metric does nothing") {
  Stage stage("phpa", {{"window", 0}});
  stage.Serve(10);
  stage.Lose(signal::kEventLoopUtilization, ReadingState::kFailed);
  CHECK(stage.Tick(15).replicas == 10);
  CHECK(stage.Tick(15).reason == "FailedGetMetric");
}
