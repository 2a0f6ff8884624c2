// aws, holt and pid.
#include <algorithm>
#include <cmath>
#include <vector>

#include "controller/simulate/holt_trend.hpp"
#include "controller/simulate/stage.hpp"
#include "support/catch.hpp"

using namespace evenkeel;

TEST_CASE("aws scales out after three minutes of three above the target, in proportion") {
  Stage stage("aws");
  CHECK(stage.Made().Period() == SimSeconds{60});
  stage.Serve(4);
  stage.Utilization(0.9);
  CHECK(stage.Tick(60).replicas == 4);
  CHECK(stage.Tick(120).replicas == 4);
  CHECK(stage.Tick(180).replicas == 6);
}

TEST_CASE("a minute at the target begins aws's count anew") {
  Stage stage("aws");
  stage.Serve(4);
  for (const double utilization : {0.9, 0.9, 0.6, 0.9, 0.9}) {
    stage.Utilization(utilization);
    CHECK(stage.Tick(60).replicas == 4);
  }
  CHECK(stage.Tick(60).replicas == 6);
}

TEST_CASE("aws goes on every minute while it is above, and rounds up") {
  Stage stage("aws");
  stage.Serve(4);
  stage.Utilization(0.61);
  (void)stage.Tick(60);
  (void)stage.Tick(120);
  CHECK(stage.Follow(180) == 5);
  stage.Utilization(0.9);
  CHECK(stage.Follow(240) == 8);  // 7.5
}

TEST_CASE("aws scales in after fifteen minutes of fifteen below 0.9 of the target") {
  Stage stage("aws");
  stage.Serve(10);
  stage.Utilization(0.53);
  for (int minute = 1; minute <= 14; ++minute) CHECK(stage.Tick(60 * minute).replicas == 10);
  const Verdict verdict = stage.Tick(60 * 15);
  CHECK(verdict.replicas == 9);  // 8.83
  CHECK(verdict.reason == "AlarmLow");
  Stage between("aws");
  between.Serve(20);
  between.Utilization(0.55);  // 18.3, and below the target, but not below 0.54
  for (int minute = 1; minute <= 30; ++minute) CHECK(between.Tick(60 * minute).replicas == 20);
}

TEST_CASE("aws waits 300 s after a scale-in, unless a scale-out comes between") {
  Stage stage("aws");
  stage.Serve(20);
  stage.Utilization(0.3);
  int second = 0;
  const auto minute = [&] { return stage.Follow(second += 60); };
  for (int i = 1; i < 15; ++i) CHECK(minute() == 20);
  CHECK(minute() == 10);
  stage.Utilization(0.3);
  for (int i = 1; i < 5; ++i) CHECK(minute() == 10);
  CHECK(minute() == 5);
}

TEST_CASE("a scale-out ends aws's cooldown of scale-in") {
  Stage stage("aws", {{"cooldown", 3600}});
  int second = 0;
  const auto minutes = [&](int count, double utilization) {
    for (int i = 0; i < count; ++i) {
      stage.Utilization(utilization);
      (void)stage.Follow(second += 60);
    }
    return stage.state.spec_replicas;
  };
  stage.Serve(20);
  CHECK(minutes(15, 0.3) == 10);
  CHECK(minutes(15, 0.3) == 10);
  CHECK(minutes(3, 0.9) == 15);
  CHECK(minutes(15, 0.3) == 8);  // 7.5
}

TEST_CASE("missing data never scales aws in, and begins its counts anew") {
  Stage stage("aws");
  stage.Serve(10);
  stage.Utilization(0.3);
  for (int i = 0; i < 14; ++i) (void)stage.Tick(60);
  stage.Lose(signal::kEventLoopUtilization, ReadingState::kNoData);
  for (int i = 0; i < 30; ++i) CHECK(stage.Tick(60).replicas == 10);
  stage.Utilization(0.3);
  for (int i = 0; i < 14; ++i) CHECK(stage.Tick(60).replicas == 10);
  CHECK(stage.Tick(60).replicas == 5);
}

TEST_CASE("aws counts on through a restart of what runs here") {
  Stage stage("aws");
  stage.Serve(20);
  stage.Utilization(0.3);
  for (int minute = 1; minute <= 14; ++minute) CHECK(stage.Follow(60 * minute) == 20);
  stage.Replace();
  CHECK(stage.Follow(60 * 15) == 10);
  stage.Replace();
  stage.Utilization(0.3);
  for (int minute = 16; minute <= 19; ++minute) CHECK(stage.Follow(60 * minute) == 10);
  CHECK(stage.Follow(60 * 20) == 5);
}

TEST_CASE("Holt's gains are 0.2 and 0.12 on the way up, 0.1 and 0.1 on the way down") {
  const auto smooth = [](std::vector<HoltSample> samples) { return SmoothHolt(samples, {}); };
  CHECK(smooth({}).level == 0);
  CHECK(smooth({{5}}).level == 5);
  const HoltState up = smooth({{5}, {10}});
  CHECK(up.level == Approx(6));
  CHECK(up.trend == Approx(0.12));
  CHECK(up.Ahead(10) == Approx(7.2));
  const HoltState down = smooth({{5}, {0}});
  CHECK(down.level == Approx(4.5));
  CHECK(down.trend == Approx(-0.05));
  CHECK(down.Ahead(1000) == 0);
  const HoltState unsettled = smooth({{5}, {10, false}});
  CHECK(unsettled.level == Approx(6));
  CHECK(unsettled.trend == 0);
}

namespace {

// Ticks every second of [from, to) with this utilization of all pods; what is asked for is there at
// once. Returns the sizes of each change.
std::vector<Replicas> RunHolt(Stage& stage, int from, int to, double erlangs) {
  std::vector<Replicas> sizes;
  for (int second = from; second < to; ++second) {
    const Replicas before = stage.state.spec_replicas;
    const Replicas now = stage.Tick(second).replicas;
    if (now == before) continue;
    sizes.push_back(now);
    stage.Serve(now, 0, erlangs / now);
  }
  return sizes;
}

}  // namespace

TEST_CASE("holt leaves 0.1 of the target free on the way out, four pods at once, every 5 s") {
  Stage stage("holt");
  CHECK(stage.Made().Period() == SimSeconds{1});
  CHECK(stage.Made().AsksPods());
  stage.Serve(8, 0, 0.9);  // 7.2 / (0.8 · 0.9) = 10
  CHECK(stage.Tick(1).replicas == 10);
  Stage more("holt");
  more.Serve(10, 0, 1);
  CHECK(more.Tick(1).replicas == 14);  // exactly, 13.9
  Stage most("holt");
  most.Serve(40, 0, 1);
  CHECK(most.Tick(1).replicas == 44);  // of 56
  most.Serve(44, 0, 40.0 / 44);
  for (int second = 2; second <= 5; ++second) CHECK(most.Tick(second).replicas == 44);
  CHECK(most.Tick(6).replicas == 48);
}

TEST_CASE("holt takes away one pod at a time, when the others stay below 0.7 of the target") {
  Stage stage("holt");
  stage.Serve(6, 0, 2.79 / 6);  // 2.79 / 5 is just below 0.56
  CHECK(stage.Tick(1).replicas == 5);
  Stage enough("holt");
  enough.Serve(6, 0, 2.81 / 6);
  CHECK(enough.Tick(1).replicas == 6);
  Stage down("holt");
  down.Serve(10, 0, 0.1);
  // One at once, then one in 60 s.
  CHECK(RunHolt(down, 1, 121, 1) == std::vector<Replicas>{9, 8});
  CHECK(RunHolt(down, 121, 122, 1) == std::vector<Replicas>{7});
}

TEST_CASE("holt takes nothing away within 180 s of a scale-out") {
  Stage stage("holt");
  stage.Serve(8, 0, 0.9);
  CHECK(RunHolt(stage, 1, 2, 2) == std::vector<Replicas>{10});
  CHECK(RunHolt(stage, 2, 181, 2).empty());
  CHECK(RunHolt(stage, 181, 182, 2) == std::vector<Replicas>{9});
}

TEST_CASE("holt takes nothing away for 30 s after pods came or went") {
  Stage stage("holt");
  stage.Serve(10, 0, 0.6);
  CHECK(stage.Tick(1).replicas == 10);
  stage.Serve(10, 9, 0, 0.1);
  for (int second = 2; second < 36; ++second) CHECK(stage.Tick(second).replicas == 10);
  CHECK(stage.Tick(36).replicas == 9);
}

TEST_CASE("holt looks further ahead where pods take longer to start") {
  // Two pods turn ready at 60 s, a ramp begins at 100 s; returns when holt asks for more.
  const auto asks_at = [](int created) {
    Stage stage("holt");
    double erlangs = 8;
    for (int second = 1; second <= 400; ++second) {
      if (second > 100) erlangs += 0.05;
      const Replicas ready = second < 60 ? 18 : 20;
      stage.Serve(second < created ? ready : 20, ready, 0, erlangs / ready);
      if (stage.Tick(second).replicas > 20) return second;
    }
    return 0;
  };
  const int quick = asks_at(55);  // 1.2 · 5 s: 25 s ahead at the least
  const int slow = asks_at(2);    // 1.2 · 58 s: 40 s ahead at the most
  CHECK(quick > 100);
  CHECK(slow <= quick - 10);
}

TEST_CASE("holt looks ahead by the trend") {
  // A ramp of 0.05 erlangs a second: what is asked for leads what the level alone would ask for.
  Stage stage("holt");
  double erlangs = 4;
  stage.Serve(20, 0, erlangs / 20);
  Replicas asked = 20;
  for (int second = 1; second <= 240; ++second) {
    erlangs += 0.05;
    for (PodSample& pod : stage.samples) pod.utilization = erlangs / 20;
    asked = std::max(asked, stage.Tick(second).replicas);
  }
  CHECK(erlangs == Approx(16));
  CHECK(asked == 24);  // 16 / 0.72 = 22.2 would give 23; one step of four is the most
}

TEST_CASE("holt does not count pods that have just turned ready, nor without any changes a thing") {
  Stage stage("holt");
  stage.Serve(4, 0, 1);
  for (PodSample& pod : stage.samples) pod.age = SimSeconds{9};
  CHECK(stage.Tick(1).replicas == 4);
  CHECK(stage.Tick(1).reason == "NoData");
  for (PodSample& pod : stage.samples) pod.age = SimSeconds{10};
  CHECK(stage.Tick(2).replicas == 6);
}

TEST_CASE("pid moves by the change of the error and by its integral") {
  Stage stage("pid");
  stage.Serve(10);
  stage.Utilization(0.9);  // e = 0.5: the integral gives 0.01 · 0.5 · 15 = 7.5 %
  CHECK(stage.Follow(15) == 11);
  // N is 10.75 inside. e = 0.8: 0.5 · 0.3 + 0.01 · 0.8 · 15 = 27 %, so 13.65.
  stage.Utilization(1.08);
  CHECK(stage.Follow(30) == 14);
  // e = 0: 0.5 · -0.8 = -40 %, so 8.19.
  stage.Utilization(0.6);
  CHECK(stage.Follow(45) == 9);
}

TEST_CASE("pid's derivative weighs the change of the change") {
  Stage stage("pid", {{"kp", 0}, {"ki", 0}, {"kd", 1}});
  stage.Serve(10);
  stage.Utilization(0.6);
  CHECK(stage.Follow(15) == 10);
  stage.Utilization(0.72);  // e = 0.2, from 0: 20 %
  CHECK(stage.Follow(30) == 12);
  stage.Utilization(0.84);  // the same change again
  CHECK(stage.Follow(45) == 12);
}

TEST_CASE("pid's integral rests while pods are pending") {
  Stage stage("pid", {{"kp", 0}});
  stage.Serve(11, 10, 0, 0);
  stage.Utilization(0.9);
  for (int i = 1; i <= 20; ++i) CHECK(stage.Tick(15 * i).replicas == 11);
  stage.Serve(11);
  stage.Utilization(0.9);
  CHECK(stage.Tick(315).replicas == 12);
}

TEST_CASE("pid does not wind up at a bound") {
  Stage stage("pid", {{"kp", 0}});
  stage.scenario.max_replicas = 10;
  stage.Serve(10);
  stage.Utilization(1);
  for (int i = 1; i <= 100; ++i) CHECK(stage.Tick(15 * i).replicas == 10);
  stage.Utilization(0.3);  // -7.5 % from 10: at once below
  CHECK(stage.Tick(1515).replicas == 10);
  CHECK(stage.Tick(1530).replicas == 9);
}

TEST_CASE("pid's integral rests at a bound, and what lies beyond it is forgotten") {
  const auto run = [](const nlohmann::json& settings, const std::vector<double>& utilizations) {
    Stage stage("pid", settings);
    stage.scenario.max_replicas = 10;
    stage.Serve(10);
    double second = 0;
    Replicas replicas = 0;
    for (const double utilization : utilizations) {
      stage.Utilization(utilization);
      replicas = stage.Follow(second += 15);
    }
    return replicas;
  };
  // e from 0.667 to 0.5: -33 % by kp, and not 7.5 % back by ki.
  CHECK(run({{"kp", 2}, {"ki", 0.01}}, {1, 0.9}) == 7);
  // e from 0 to 0.667 would be 16.7 inside; to 0.333 then takes a third off 10, not off that.
  CHECK(run({{"kp", 1}, {"ki", 0}}, {0.6, 1, 0.8}) == 7);
}

TEST_CASE("pid on latency takes the logarithm of P99 by its target") {
  Stage stage("pid", {{"signal", "latency"}, {"target", 1}, {"kp", 0}});
  stage.Serve(10);
  stage.Latency(0.25 * std::exp(1));  // e = 1: 15 %
  CHECK(stage.Follow(15) == 12);
  stage.Latency(0.25);
  CHECK(stage.Follow(30) == 12);
  stage.Lose(signal::kLatencyP99, ReadingState::kNoTraffic);
  CHECK(stage.Follow(45) == 10);  // e = -1: 9.775
}

TEST_CASE("pid moves nothing while its signal is unknown, and begins anew") {
  Stage stage("pid", {{"ki", 0}});
  stage.Serve(10);
  stage.Utilization(0.6);
  CHECK(stage.Follow(15) == 10);
  stage.Lose(signal::kEventLoopUtilization, ReadingState::kFailed);
  CHECK(stage.Tick(30).reason == "SignalMissing");
  stage.Utilization(1.2);
  CHECK(stage.Follow(45) == 10);  // no difference to an error of before
  stage.Utilization(1.8);
  CHECK(stage.Follow(60) == 15);
}
