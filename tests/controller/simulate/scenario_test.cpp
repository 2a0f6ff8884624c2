#include "controller/simulate/scenario.hpp"

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

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

TEST_CASE("the rate is a line between its points, a step at two of one time, and level outside") {
  const Arrivals arrivals{.rate = {{10s, 100}, {20s, 200}, {20s, 600}, {40s, 500}}};
  const std::vector<std::pair<SimSeconds, double>> expected = {
      {0s, 100},  {10s, 100}, {15s, 150}, {SimSeconds{19.9}, 199},
      {20s, 600}, {30s, 550}, {40s, 500}, {3600s, 500}};
  for (const auto& [time, rate] : expected) {
    CAPTURE(time.count());
    CHECK(arrivals.RateAt(time) == Approx(rate));
  }
}

TEST_CASE("the rate of a trace is level within its steps, and stays at its end") {
  const Arrivals arrivals{.table = {10, 30, 20}, .step = SimSeconds{60}};
  CHECK(arrivals.RateAt(0s) == 10);
  CHECK(arrivals.RateAt(SimSeconds{59.9}) == 10);
  CHECK(arrivals.RateAt(60s) == 30);
  CHECK(arrivals.RateAt(179s) == 20);
  CHECK(arrivals.RateAt(180s) == 20);
  CHECK(arrivals.RateAt(7200s) == 20);
}

TEST_CASE("a trace has a number a line, or a time and a number, perhaps below a header") {
  const std::vector<double> expected = {188, 187.5, 0};
  for (const std::string_view text :
       {"188\n187.5\n0\n", "188\r\n187.5\r\n0", "\n188\n\n187.5\n 0 \n\n",
        "ts,value\n1700000000,188\n1700000060,187.5\n1700000120, 0\n"}) {
    CAPTURE(text);
    const auto trace = ParseTrace(text);
    REQUIRE(trace);
    CHECK(*trace == expected);
  }
}

TEST_CASE("a trace with anything else is refused, and its line named") {
  constexpr std::string_view kNoRate =
      " is neither a rate (a number of at least 0) nor \"timestamp,rate\"";
  const std::vector<std::pair<std::string_view, std::string>> refused = {
      {"1\nx\n3\n", "line 2" + std::string(kNoRate)},
      {"1\n\n-3\n", "line 3" + std::string(kNoRate)},
      {"ts,value\n1,2,3\n", "line 2" + std::string(kNoRate)},
      {"1\ninf\n", "line 2" + std::string(kNoRate)},
      {"1\n2 3\n", "line 2" + std::string(kNoRate)},
      {"", "holds no rates"},
      {"ts,value\n", "holds no rates"},
  };
  for (const auto& [text, why] : refused) {
    CAPTURE(text);
    const auto trace = ParseTrace(text);
    REQUIRE_FALSE(trace);
    CHECK(trace.error().message == why);
  }
}
