#include "tests/theory/theory.hpp"

#include <chrono>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "controller/simulate/plant.hpp"

namespace evenkeel::test {
namespace {

constexpr double kService = 0.010;
constexpr double kHeavyTail = 4;  // c²

// The queue forgets slowly when it is long: more requests the higher the load is.
double RequestsFor(double load) { return 4e5 / ((1 - load) * (1 - load)); }

TheoryCase EventLoop(std::string queue, double load, double requests, Sojourn exact) {
  const double rate = load / kService;
  return {std::move(queue), load, rate, BareScenario(requests, rate), exact};
}

TheoryCase Exponential(double load) {
  return EventLoop("M/M/1", load, RequestsFor(load), MM1(load / kService, kService));
}

TheoryCase Fixed(double load) {
  const auto exceeds = [](double t) { return t < kService ? 1.0 : 0.0; };
  TheoryCase made =
      EventLoop("M/D/1", load, RequestsFor(load), MG1(load / kService, kService, 0, exceeds));
  made.scenario.pod.distribution = WorkDistribution::kFixed;
  return made;
}

TheoryCase HeavyTailed(double load) {
  const auto exceeds = [](double t) { return LogNormalExceeds(t, kService, kHeavyTail); };
  TheoryCase made = EventLoop("M/G/1", load, 4 * RequestsFor(load),
                              MG1(load / kService, kService, kHeavyTail, exceeds));
  made.scenario.pod.distribution = WorkDistribution::kLogNormal;
  made.scenario.pod.variation = kHeavyTail;
  return made;
}

TheoryCase Database(double load) {
  constexpr int kServers = 10;
  const double rate = kServers * load / kService;
  TheoryCase made{"M/M/10", load, rate, BareScenario(8e6, rate), MMc(rate, kService, kServers)};
  made.scenario.pod.work = SimSeconds{1e-9};
  made.scenario.database = {.servers = kServers,
                            .service = SimSeconds{kService},
                            .pool_per_pod = 1'000'000,
                            .per_connection = 0};
  return made;
}

}  // namespace

Scenario BareScenario(double requests, double rate) {
  Scenario scenario;
  scenario.objectives.latency_p99 = std::chrono::milliseconds{250};
  scenario.duration = SimSeconds{std::ceil(requests / rate)};
  scenario.warmup = scenario.duration / 50;
  scenario.pod.cold_for = SimSeconds{0};
  // Who comes on a new connection to a busy loop may be overtaken; theory's queues are in order.
  scenario.pod.keep_alive = SimSeconds{3600};
  scenario.database.servers = 0;
  return scenario;
}

Steady RunSteady(const Scenario& scenario, double rate, int pods) {
  const std::vector<double> rates(static_cast<std::size_t>(scenario.duration.count()), rate);
  Plant plant(scenario, rates, 7);
  for (int i = 0; i < pods; ++i) plant.MakeReady(plant.CreatePod(1));
  for (SimSeconds now{1}; now < scenario.duration; now += SimSeconds{1}) plant.RunTo(now);
  plant.RunTo(scenario.duration);
  plant.ledger().Finish();
  Steady seen;
  seen.sojourn = {plant.ledger().MeanLatency(), plant.ledger().Total().Quantile(0.99)};
  for (int i = 0; i < pods; ++i) {
    seen.in_flight += plant.InFlightSeconds(static_cast<PodIndex>(i)) / scenario.duration.count();
  }
  seen.rate = static_cast<double>(plant.requests()) / scenario.duration.count();
  const RequestCounters& ingress = plant.IngressCounters();
  seen.failed = static_cast<double>(ingress.failed) / static_cast<double>(ingress.requests);
  return seen;
}

std::vector<TheoryCase> TheoryCases() {
  std::vector<TheoryCase> cases;
  for (const auto& made : {Exponential, Fixed, HeavyTailed}) {
    for (const double load : {0.3, 0.6, 0.8}) cases.push_back(made(load));
  }
  for (const double load : {0.5, 0.8, 0.95}) cases.push_back(Database(load));
  return cases;
}

}  // namespace evenkeel::test
