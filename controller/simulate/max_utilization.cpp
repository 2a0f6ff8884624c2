#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "controller/simulate/episode.hpp"
#include "controller/simulate/plant.hpp"

namespace evenkeel {
namespace {

constexpr int kPods = 8;  // random balancing makes them independent; other balancers do not
constexpr double kRequests = 400'000;
constexpr int kHalvings = 9;
constexpr double kAllowedBad = 0.01;

// A copy at rest: warm pods, a database that has a server for everyone, and no events.
Scenario AtRest(const Scenario& scenario, double utilization) {
  Scenario rest = scenario;
  const double rate = kPods * utilization / scenario.pod.work.count();
  rest.duration = SimSeconds{std::max(kRequests / rate, 60.0)};
  rest.warmup = rest.duration / 20;
  rest.pod.cold_for = SimSeconds{0};
  rest.database.servers = scenario.database.servers > 0 ? 1'000'000 : 0;
  rest.arrivals.retries = 0;
  rest.events.clear();
  return rest;
}

double BadShare(const Scenario& scenario, double utilization) {
  const Scenario rest = AtRest(scenario, utilization);
  const auto seconds = static_cast<std::size_t>(std::ceil(rest.duration.count()));
  const std::vector<double> rates(seconds, kPods * utilization / rest.pod.work.count());
  Plant plant(rest, rates, 1);
  for (int i = 0; i < kPods; ++i) plant.MakeReady(plant.CreatePod(1));
  for (double now = 1; now < rest.duration.count(); ++now) plant.RunTo(SimSeconds{now});
  plant.RunTo(rest.duration);
  double requests = 0;
  double bad = 0;
  const auto first = static_cast<std::size_t>(rest.warmup / kRecordWindow);
  const auto& windows = plant.ledger().windows();
  for (std::size_t i = first; i < windows.size(); ++i) {
    requests += windows[i].requests;
    bad += windows[i].bad;
  }
  return requests > 0 ? bad / requests : 0;
}

}  // namespace

double MaxUtilization(const Scenario& scenario) {
  double met = 0.02;
  double missed = 0.98;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (met + missed) / 2;
    (BadShare(scenario, middle) <= kAllowedBad ? met : missed) = middle;
  }
  return met;
}

}  // namespace evenkeel
