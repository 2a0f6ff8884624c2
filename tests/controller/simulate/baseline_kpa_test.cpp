// The numbers are those of Knative's own tests (sample_size_test.go, autoscaler_test.go), where not
// said otherwise.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "controller/simulate/kpa_autoscaler.hpp"
#include "controller/simulate/stage.hpp"
#include "support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kStart = kSimulationBegin;

KpaSpec Spec(double target, double rate = 10) {
  KpaSpec spec;
  spec.target = target;
  spec.max_scale_up_rate = rate;
  spec.max_scale_down_rate = rate;
  return spec;
}

Replicas ScaleOnce(const KpaSpec& spec, Replicas ready, double stable, double panic) {
  // Not in panic: made before there was a second pod.
  return KpaAutoscaler(spec, 1, kStart).Scale(stable, panic, ready, kStart);
}

}  // namespace

TEST_CASE("KPA asks as many pods as a mean needs") {
  const std::vector<std::pair<std::size_t, std::size_t>> published = {
      {0, 0}, {1, 1}, {2, 2}, {5, 4}, {10, 7}, {100, 14}, {1000, 16}};
  for (const auto& [population, sample] : published) CHECK(KpaSampleSize(population) == sample);
  CHECK(KpaSampleSize(3) == 3);
  CHECK(KpaSampleSize(4) == 4);
  CHECK(KpaSampleSize(7) == 6);  // 5.03
  CHECK(KpaSampleSize(1'000'000) == 16);
}

TEST_CASE("KPA's average is over the part of the window that has data") {
  KpaBuckets buckets(6s);
  CHECK(buckets.Empty(kStart));
  CHECK(buckets.Average(kStart) == 0);
  buckets.Record(kStart, 4);
  CHECK(buckets.Average(kStart) == 4);
  buckets.Record(kStart + 1s, 8);
  CHECK(buckets.Average(kStart + 1s) == 6);
  // Last written 2 s ago: the window's newest 2 s are left out, not counted as 0.
  CHECK(buckets.Average(kStart + 3s) == 6);
  // A gap inside counts as 0.
  buckets.Record(kStart + 3s, 8);
  CHECK(buckets.Average(kStart + 3s) == 5);
  // What is older than the window is gone.
  buckets.Record(kStart + 6s, 0);
  CHECK(buckets.Average(kStart + 6s) == Approx(16.0 / 6).margin(1e-6));
}

TEST_CASE("KPA's full window is averaged over the part before the last record") {
  KpaBuckets buckets(6s);
  for (int second = 0; second <= 10; ++second) buckets.Record(kStart + 1s * second, second);
  CHECK(buckets.Average(kStart + 10s) == 7.5);
  CHECK(buckets.Average(kStart + 12s) == 8.5);  // 7 to 10
}

TEST_CASE("KPA has no data when nothing came for a whole window") {
  KpaBuckets buckets(6s);
  buckets.Record(kStart, 4);
  CHECK(buckets.Average(kStart + 5s) == 4);
  CHECK(buckets.Average(kStart + 6s) == 0);
  CHECK_FALSE(buckets.Empty(kStart + 6s));
  CHECK(buckets.Empty(kStart + 7s));
  buckets.Record(kStart + 7s, 9);
  CHECK(buckets.Average(kStart + 7s) == 9);
}

TEST_CASE("KPA cuts averages off to millionths, so that the last bits start no pod") {
  KpaBuckets buckets(6s);
  for (int second = 0; second < 3; ++second) buckets.Record(kStart + 1s * second, 0.1 + 0.2);
  CHECK(buckets.Average(kStart + 2s) == 0.3);
}

TEST_CASE("KPA panics at twice what is ready, before the rates are applied") {
  const auto panics = [](double concurrency, Replicas ready, double rate) {
    KpaAutoscaler kpa(Spec(1, rate), 1, kStart);
    (void)kpa.Scale(0, concurrency, ready, kStart);
    return kpa.Panics();
  };
  CHECK(panics(20, 10, 10));
  CHECK(panics(19.1, 10, 10));  // 20 pods when rounded up
  CHECK_FALSE(panics(19, 10, 10));
  CHECK(panics(20, 10, 1.1));  // though no more than 11 pods are allowed
  CHECK(panics(2, 0, 10));     // no pod counts as one
}

TEST_CASE("KPA leaves panic when it has been below for more than a stable window") {
  KpaAutoscaler kpa(Spec(1), 1, kStart);
  CHECK(kpa.Scale(11, 25, 10, kStart) == 25);
  CHECK(kpa.Scale(30, 41, 40, kStart + 30s) == 41);
  CHECK(kpa.Panics());
  CHECK(kpa.Scale(50, 56, 55, kStart + 60s) == 56);
  CHECK(kpa.Panics());
  CHECK(kpa.Scale(50, 56, 55, kStart + 62s) == 50);
  CHECK_FALSE(kpa.Panics());
}

TEST_CASE("KPA's panic is extended by every tick above the threshold") {
  KpaAutoscaler kpa(Spec(1), 1, kStart);
  CHECK(kpa.Scale(11, 25, 10, kStart) == 25);
  CHECK(kpa.Scale(30, 80, 40, kStart + 30s) == 80);
  (void)kpa.Scale(30, 41, 40, kStart + 90s);
  CHECK(kpa.Panics());
  (void)kpa.Scale(30, 41, 40, kStart + 91s);
  CHECK_FALSE(kpa.Panics());
}

TEST_CASE("KPA keeps the most it asked for in panic, and then lets go") {
  KpaAutoscaler kpa(Spec(10), 1, kStart);
  CHECK(kpa.Scale(100, 100, 1, kStart) == 10);
  CHECK(kpa.Scale(100, 1000, 10, kStart) == 100);
  CHECK(kpa.Scale(1, 1, 10, kStart + 30s) == 100);
  CHECK(kpa.Scale(1, 1, 10, kStart + 61s) == 1);
}

TEST_CASE("KPA begins a second panic without the ratchet of the first") {
  KpaAutoscaler kpa(Spec(1), 1, kStart);
  CHECK(kpa.Scale(10, 100, 10, kStart) == 100);
  CHECK(kpa.Scale(10, 10, 10, kStart + 61s) == 10);
  CHECK(kpa.Scale(10, 20, 10, kStart + 63s) == 20);
}

TEST_CASE("KPA's published scales") {
  CHECK(ScaleOnce(Spec(10), 1, 50, 10) == 5);
  CHECK(ScaleOnce(Spec(10), 5, 50, 50) == 5);
  CHECK(ScaleOnce(Spec(181), 1, 21, 26) == 1);
  CHECK(ScaleOnce(Spec(10), 8, 100, 100) == 10);
  CHECK(ScaleOnce(Spec(10), 1, 50, 100) == 10);     // panic takes precedence
  CHECK(ScaleOnce(Spec(10), 1, 1000, 1001) == 10);  // ten times as many at once
  CHECK(ScaleOnce(Spec(10), 10, 1000, 1001) == 100);
  CHECK(ScaleOnce(Spec(10), 100, 1, 1) == 10);
  CHECK(ScaleOnce(Spec(10), 0, 1000, 888) == 10);
  CHECK(ScaleOnce(Spec(10), 1, 0, 0) == 0);
  KpaSpec slow_up = Spec(1);
  slow_up.max_scale_up_rate = 1.1;
  CHECK(ScaleOnce(slow_up, 2, 3, 3.1) == 3);
  KpaSpec slow_down = Spec(10);
  slow_down.max_scale_down_rate = 1.1;
  CHECK(ScaleOnce(slow_down, 100, 1, 1) == 90);
}

TEST_CASE("KPA in panic takes the larger of both windows") {
  CHECK(KpaAutoscaler(Spec(1), 5, kStart).Scale(50, 30, 5, kStart + 5s) == 50);
  CHECK(KpaAutoscaler(Spec(1), 5, kStart).Scale(20, 30, 5, kStart + 5s) == 30);
}

TEST_CASE("a new KPA panics at the present size if that is more than one pod") {
  for (const Replicas ready : {0, 1}) CHECK_FALSE(KpaAutoscaler(Spec(100), ready, kStart).Panics());
  KpaAutoscaler kpa(Spec(100), 8, kStart);
  CHECK(kpa.Panics());
  CHECK(kpa.Scale(0, 0, 8, kStart + 60s) == 8);
  CHECK(kpa.Scale(0, 0, 8, kStart + 61s) == 0);
}

TEST_CASE("KPA halves at every tick on the way down by default") {
  KpaSpec spec;
  spec.target = 10;
  CHECK(ScaleOnce(spec, 40, 1, 1) == 20);
  CHECK(ScaleOnce(spec, 5, 1, 1) == 2);
  CHECK(ScaleOnce(spec, 3, 1, 1) == 1);
}

TEST_CASE("KPA's scale-down delay keeps the most of its window") {
  KpaSpec spec = Spec(10);
  spec.panic_threshold = 100;
  spec.scale_down_delay = 5min;
  KpaAutoscaler kpa(spec, 1, kStart);
  CHECK(kpa.Scale(40, 40, 1, kStart + 2s) == 4);
  CHECK(kpa.Scale(0, 0, 1, kStart + 5min) == 4);
  CHECK(kpa.Scale(0, 0, 1, kStart + 5min + 2s) == 0);
  CHECK(kpa.Scale(40, 40, 1, kStart + 9min) == 4);
  CHECK(kpa.Scale(30, 30, 1, kStart + 10min) == 4);
  CHECK(kpa.Scale(0, 0, 1, kStart + 11min) == 4);
  CHECK(kpa.Scale(0, 0, 1, kStart + 14min) == 3);
  CHECK(kpa.Scale(0, 0, 1, kStart + 15min) == 0);
}

// From here on the whole rival; concurrency 3 · 0.7 means 2.1 in flight per pod.

TEST_CASE("kpa asks the pods every second and decides every two") {
  Stage stage("kpa");
  CHECK(stage.Made().Period() == SimSeconds{1});
  CHECK(stage.Made().AsksPods());
  CHECK(stage.Made().Needs().empty());
  stage.Serve(1, 2.0);
  CHECK(stage.Tick(1).replicas == 1);
  stage.Serve(1, 20.0);
  CHECK(stage.Tick(2).reason == "Collecting");
  CHECK(stage.Tick(3).replicas == 7);  // panic: mean of 2, 20 and 20 is 14, by 2.1
  CHECK(stage.Tick(3).reason == "Collecting");
}

TEST_CASE("kpa without any pod to ask leaves the size alone") {
  Stage stage("kpa");
  stage.Serve(4, 0, 0, 0);
  CHECK(stage.Tick(1).replicas == 4);
  CHECK(stage.Tick(1).reason == "Collecting");
  CHECK(stage.Tick(3).reason == "NoData");
}

TEST_CASE("kpa stays within the bounds, and never at zero") {
  Stage stage("kpa");
  stage.scenario.min_replicas = 0;
  stage.scenario.max_replicas = 5;
  stage.Serve(1, 0.0);
  CHECK(stage.Tick(1).replicas == 1);
  stage.Serve(1, 100.0);
  CHECK(stage.Tick(3).replicas == 5);
}

TEST_CASE("kpa goes down by half every 2 s once the stable window has emptied") {
  Stage stage("kpa");
  stage.Serve(1, 0.0);
  for (int second = 1; second <= 4; ++second) (void)stage.Tick(second);
  stage.Serve(16, 0.0);
  std::vector<Replicas> sizes;
  for (int second = 5; second <= 11; second += 2) sizes.push_back(stage.Follow(second));
  CHECK(sizes == std::vector<Replicas>{8, 4, 2, 1});
}

TEST_CASE("kpa counts neither pods that drain nor their requests") {
  Stage stage("kpa", {{"concurrency", 1}, {"utilization", 1}});
  stage.Serve(1, 1.0);
  stage.samples.push_back({.name = "going", .ready = false, .concurrency = 100});
  CHECK(stage.Tick(1).replicas == 1);
}

TEST_CASE("kpa asks only ready pods, the old ones first, and draws lots by its seed") {
  const auto asked = [](std::uint64_t seed) {
    Stage stage("kpa", {{"concurrency", 1}, {"utilization", 1}});
    stage.Serve(1, 1.0);
    stage.Restart(seed);
    (void)stage.Tick(1);
    stage.Serve(100, 1.0);
    // 14 of 100 are asked: no young one while there are that many old ones.
    for (std::size_t i = 20; i < 100; ++i) {
      stage.samples[i].age = SimSeconds{10};
      stage.samples[i].concurrency = 1e6;
    }
    for (std::size_t i = 0; i < 20; ++i) stage.samples[i].concurrency = static_cast<double>(i);
    stage.samples.push_back({.name = "going", .ready = false, .concurrency = 1e9});
    return stage.Tick(3).replicas;
  };
  std::set<Replicas> answers;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CHECK(asked(seed) == asked(seed));
    CHECK(asked(seed) <= 1000);
    answers.insert(asked(seed));
  }
  CHECK(answers.size() > 1);
}
