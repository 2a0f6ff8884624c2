// The plant against queueing theory, before any scaler is run on it: within 2 %.
#include <cmath>
#include <cstddef>
#include <vector>

#include "controller/simulate/episode.hpp"
#include "controller/simulate/plant.hpp"
#include "controller/simulate/queueing.hpp"
#include "support/catch.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

// One slice of work per request, warm pods, nothing else.
Scenario Bare(double requests, double rate) {
  Scenario scenario;
  scenario.objectives.latency_p99 = 250ms;
  scenario.duration = SimSeconds{std::ceil(requests / rate)};
  scenario.warmup = scenario.duration / 50;
  scenario.pod.cold_for = SimSeconds{0};
  scenario.database.servers = 0;
  return scenario;
}

struct Seen {
  Sojourn sojourn{};
  double in_flight = 0;  // mean
  double rate = 0;
  double failed = 0;  // share
};

Seen Run(const Scenario& scenario, double rate, int pods) {
  const std::vector<double> rates(static_cast<std::size_t>(scenario.duration.count()), rate);
  Plant plant(scenario, rates, 7);
  for (int i = 0; i < pods; ++i) plant.MakeReady(plant.CreatePod(1));
  for (SimSeconds now{1}; now < scenario.duration; now += SimSeconds{1}) plant.RunTo(now);
  plant.RunTo(scenario.duration);
  plant.ledger().Finish();
  Seen seen;
  seen.sojourn = {plant.ledger().MeanLatency(), plant.ledger().Total().Quantile(0.99)};
  for (int i = 0; i < pods; ++i) {
    seen.in_flight += plant.InFlightSeconds(static_cast<PodIndex>(i)) / scenario.duration.count();
  }
  seen.rate = static_cast<double>(plant.requests()) / scenario.duration.count();
  const RequestCounters& ingress = plant.IngressCounters();
  seen.failed = static_cast<double>(ingress.failed) / static_cast<double>(ingress.requests);
  return seen;
}

Approx Near(double exact) { return Approx(exact).epsilon(0.02); }

// The queue forgets slowly when it is long: more requests the higher rho is.
double RequestsFor(double rho) { return 4e5 / ((1 - rho) * (1 - rho)); }

}  // namespace

TEST_CASE("theory: M/M/1, mean and P99") {
  const double rho = GENERATE(0.3, 0.6, 0.8);
  const double rate = rho / 0.010;
  const Seen seen = Run(Bare(RequestsFor(rho), rate), rate, 1);
  const Sojourn exact = MM1(rate, 0.010);
  CAPTURE(rho);
  CHECK(seen.sojourn.mean == Near(exact.mean));
  CHECK(seen.sojourn.p99 == Near(exact.p99));
}

TEST_CASE("theory: random balancing makes every pod an M/M/1 of its own") {
  const Seen seen = Run(Bare(4e6, 240), 240, 4);
  CHECK(seen.sojourn.mean == Near(MM1(60, 0.010).mean));
  CHECK(seen.sojourn.p99 == Near(MM1(60, 0.010).p99));
}

TEST_CASE("theory: M/G/1 with heavy-tailed work, mean and P99") {
  const double rho = GENERATE(0.3, 0.6, 0.8);
  const double rate = rho / 0.010;
  Scenario scenario = Bare(4 * RequestsFor(rho), rate);
  scenario.pod.distribution = WorkDistribution::kLogNormal;
  scenario.pod.variation = 4;
  const Seen seen = Run(scenario, rate, 1);
  const Sojourn exact = MG1(rate, 0.010, 4, [](double t) { return LogNormalExceeds(t, 0.010, 4); });
  CAPTURE(rho);
  CHECK(seen.sojourn.mean == Near(exact.mean));
  CHECK(seen.sojourn.p99 == Near(exact.p99));
}

TEST_CASE("theory: M/D/1, mean and P99") {
  const double rho = GENERATE(0.3, 0.6, 0.8);
  const double rate = rho / 0.010;
  Scenario scenario = Bare(RequestsFor(rho), rate);
  scenario.pod.distribution = WorkDistribution::kFixed;
  const Seen seen = Run(scenario, rate, 1);
  const Sojourn exact = MG1(rate, 0.010, 0, [](double t) { return t < 0.010 ? 1.0 : 0.0; });
  CAPTURE(rho);
  CHECK(seen.sojourn.mean == Near(exact.mean));
  CHECK(seen.sojourn.p99 == Near(exact.p99));
}

TEST_CASE("theory: the database is an M/M/c") {
  const double rho = GENERATE(0.5, 0.8, 0.95);
  Scenario scenario = Bare(8e6, 1000 * rho);
  scenario.pod.work = SimSeconds{1e-9};
  scenario.database = {
      .servers = 10, .service = SimSeconds{0.010}, .pool_per_pod = 1'000'000, .per_connection = 0};
  const Seen seen = Run(scenario, 1000 * rho, 1);
  const Sojourn exact = MMc(1000 * rho, 0.010, 10);
  CAPTURE(rho);
  CHECK(seen.sojourn.mean == Near(exact.mean));
  CHECK(seen.sojourn.p99 == Near(exact.p99));
}

TEST_CASE("theory: who waits too long for a connection fails, as in M/M/c+D") {
  Scenario scenario = Bare(2e6, 50);
  scenario.pod.work = SimSeconds{1e-9};
  scenario.database = {.servers = 1000,
                       .service = SimSeconds{0.1},
                       .pool_per_pod = 4,
                       .acquire_timeout = SimSeconds{0.2},
                       .per_connection = 0};
  CHECK(Run(scenario, 50, 1).failed == Near(LostByPatience(50, 0.1, 4, 0.2)));
}

TEST_CASE("theory: Little's law holds for the requests in flight") {
  Scenario scenario = Bare(2e6, 400);
  scenario.database = DatabaseModel{};
  const Seen seen = Run(scenario, 400, 6);
  CHECK(seen.in_flight == Near(seen.rate * seen.sojourn.mean));
}

TEST_CASE("theory: the largest utilization that meets an objective is that of M/M/1") {
  Scenario scenario = Bare(1, 1);
  CHECK(MaxUtilization(scenario) == Near(1 - std::log(100.0) * 0.010 / 0.250));
}
