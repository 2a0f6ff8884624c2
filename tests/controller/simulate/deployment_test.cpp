#include "controller/simulate/deployment.hpp"

#include <chrono>
#include <map>
#include <vector>

#include "controller/simulate/plant.hpp"
#include "support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;

namespace {

Scenario Sized(Replicas replicas) {
  Scenario scenario;
  scenario.objectives.latency_p99 = 250ms;
  scenario.duration = SimSeconds{3600};
  scenario.initial_replicas = replicas;
  return scenario;
}

struct Cluster {
  Scenario scenario;
  std::vector<double> rates = std::vector<double>(3600, 0.0);
  Plant plant;
  std::multimap<double, PodIndex> starts{};
  Deployment deployment;
  double now = 0;

  explicit Cluster(Replicas replicas)
      : scenario(Sized(replicas)),
        plant(scenario, rates, 1),
        deployment(scenario, plant, 1,
                   [this](PodIndex pod, double at) { starts.emplace(at, pod); }) {}

  void RunTo(double end) {
    for (; now < end; now += 1) {
      plant.RunTo(SimSeconds{now});
      while (!starts.empty() && starts.begin()->first <= now) {
        const PodIndex pod = starts.begin()->second;
        starts.erase(starts.begin());
        deployment.BecomeReady(now, pod);
      }
      deployment.EndDrained(now);
    }
  }
};

}  // namespace

TEST_CASE("new pods are pending for their start-up time") {
  Cluster cluster(2);
  cluster.RunTo(10);
  cluster.deployment.SetReplicas(10, 5);
  CHECK(cluster.deployment.State().pending == 3);
  CHECK(cluster.deployment.State().status_replicas == 5);
  cluster.RunTo(29);
  CHECK(cluster.deployment.ready() == 2);
  cluster.RunTo(52);
  CHECK(cluster.deployment.ready() == 5);
  const TargetState state = cluster.deployment.State();
  REQUIRE(state.startup);
  CHECK(*state.startup >= 20s);
  CHECK(*state.startup <= 40s);
  CHECK(state.pods.size() == 5);
}

TEST_CASE("scale-in takes pods that are not ready first, then those that became so last") {
  Cluster cluster(3);
  cluster.RunTo(10);
  cluster.deployment.SetReplicas(10, 5);
  cluster.deployment.SetReplicas(12, 4);
  CHECK(cluster.deployment.State().ready == 3);
  CHECK(cluster.deployment.State().pending == 1);
  cluster.RunTo(100);
  CHECK(cluster.deployment.ready() == 4);
  cluster.deployment.SetReplicas(100, 3);
  CHECK(cluster.deployment.Running().back() == 3);  // the one that is left of the two, draining
  CHECK_FALSE(cluster.deployment.IsReady(3));
  CHECK(cluster.deployment.State().terminating == 1);
  cluster.RunTo(103);
  CHECK(cluster.deployment.State().terminating == 0);
  const std::vector<PodRecord> records = cluster.deployment.Records();
  REQUIRE(records.size() == 5);
  CHECK(records[4].ended.count() == 12);
  CHECK(records[4].ready.count() < 0);
  CHECK(records[4].by_scaler);
  CHECK_FALSE(records[0].by_scaler);
}

TEST_CASE("a release is rolled out within maxSurge and maxUnavailable") {
  Cluster cluster(8);
  cluster.RunTo(10);
  cluster.deployment.Release(10, 1.5);
  Replicas least_ready = 8;
  Replicas most = 0;
  while (cluster.deployment.State().rollout_in_progress) {
    cluster.RunTo(cluster.now + 1);
    const TargetState state = cluster.deployment.State();
    least_ready = std::min(least_ready, state.ready);
    most = std::max(most, state.status_replicas);
    REQUIRE(cluster.now < 600);
  }
  CHECK(least_ready >= 6);
  CHECK(most <= 10);
  cluster.RunTo(cluster.now + 60);
  CHECK(cluster.deployment.ready() == 8);
  CHECK(cluster.deployment.State().status_replicas == 8);
}

TEST_CASE("lost pods are replaced, and are nobody's scale-out") {
  Cluster cluster(4);
  cluster.RunTo(10);
  cluster.deployment.Lose(10, 2);
  CHECK(cluster.deployment.ready() == 2);
  CHECK(cluster.deployment.State().pending == 2);
  cluster.RunTo(60);
  CHECK(cluster.deployment.ready() == 4);
  for (const PodRecord& pod : cluster.deployment.Records()) CHECK_FALSE(pod.by_scaler);
}
