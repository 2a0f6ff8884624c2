// The plant against queueing theory, before any scaler is run on it: within 2 %.
#include "tests/theory/theory.hpp"

#include <cmath>
#include <string_view>

#include "controller/simulate/episode.hpp"
#include "support/catch.hpp"
#include "tests/theory/queueing.hpp"

using namespace evenkeel;
using namespace evenkeel::test;
using namespace std::chrono_literals;

namespace {

Approx Near(double exact) { return Approx(exact).epsilon(0.02); }

void CheckQueue(std::string_view queue) {
  int cases = 0;
  for (const TheoryCase& theory : TheoryCases()) {
    if (theory.queue != queue) continue;
    const Steady seen = RunSteady(theory.scenario, theory.rate, 1);
    CAPTURE(theory.load);
    CHECK(seen.sojourn.mean == Near(theory.exact.mean));
    CHECK(seen.sojourn.p99 == Near(theory.exact.p99));
    ++cases;
  }
  CHECK(cases == 3);
}

}  // namespace

TEST_CASE("theory: M/M/1, mean and P99") { CheckQueue("M/M/1"); }
TEST_CASE("theory: M/D/1, mean and P99") { CheckQueue("M/D/1"); }
TEST_CASE("theory: M/G/1 with heavy-tailed work, mean and P99") { CheckQueue("M/G/1"); }
TEST_CASE("theory: the database is an M/M/c") { CheckQueue("M/M/10"); }

TEST_CASE("theory: random balancing makes every pod an M/M/1 of its own") {
  const Steady seen = RunSteady(BareScenario(4e6, 240), 240, 4);
  CHECK(seen.sojourn.mean == Near(MM1(60, 0.010).mean));
  CHECK(seen.sojourn.p99 == Near(MM1(60, 0.010).p99));
}

TEST_CASE("theory: who waits too long for a connection fails, as in M/M/c+D") {
  Scenario scenario = BareScenario(2e6, 50);
  scenario.pod.work = SimSeconds{1e-9};
  scenario.database = {.servers = 1000,
                       .service = SimSeconds{0.1},
                       .pool_per_pod = 4,
                       .acquire_timeout = SimSeconds{0.2},
                       .per_connection = 0};
  CHECK(RunSteady(scenario, 50, 1).failed == Near(LostByPatience(50, 0.1, 4, 0.2)));
}

TEST_CASE("theory: Little's law holds for the requests in flight") {
  Scenario scenario = BareScenario(2e6, 400);
  scenario.database = DatabaseModel{};
  const Steady seen = RunSteady(scenario, 400, 6);
  CHECK(seen.in_flight == Near(seen.rate * seen.sojourn.mean));
}

TEST_CASE("theory: the largest utilization that meets an objective is that of M/M/1") {
  Scenario scenario = BareScenario(1, 1);
  CHECK(MaxUtilization(scenario) == Near(1 - std::log(100.0) * 0.010 / 0.250));
}
