#include "controller/simulate/scenario.hpp"

#include <chrono>

#include "support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;

TEST_CASE("simulated time begins on a turn of every usual period") {
  CHECK(AtSimTime(SimSeconds{0}) == kSimulationBegin);
  CHECK(AtSimTime(SimSeconds{1.0004}) == kSimulationBegin + 1000ms);
  for (const auto period : {5s, 15s, 30s, 60s, 300s}) {
    CHECK(kSimulationBegin.time_since_epoch() % period == 0ms);
  }
}
