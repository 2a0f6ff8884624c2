// Demand where the loops of an overload are not known, or not lately.
#include <chrono>
#include <vector>

#include "policies/slo_demand.hpp"
#include "support/catch.hpp"
#include "support/slo_loops.hpp"

namespace evenkeel::slo {
namespace {

using std::chrono::seconds;
using test::Blind;
using test::Loops;

TEST_CASE("demand: loops that answer no scrape are judged by the rate at the proxy") {
  // 10 ms of loop per request. Of the 45 s between a minute's first sample and its last, 15 s at
  // 600/s.
  const double rate = (30 * 200 + 15 * 600) / 45.0;
  CHECK(Blind(rate, 5).Estimate().overload);
  CHECK(Blind(rate, 5).Estimate().ahead == Approx(6).epsilon(0.01));
  // Long after, the whole window is of the overload.
  CHECK(Blind(600, 5, seconds(120)).Estimate().ahead == Approx(6).epsilon(0.01));
  CHECK(Blind(200, 5).Estimate().ahead == Approx(2).epsilon(0.01));
}

TEST_CASE("demand: a scrape that is overdue while requests are late is one that timed out") {
  const auto estimate = [](double age, double latency, double usual_age = 0) {
    Loops loops(4);
    loops.With(signal::kRequestRate, 200);
    loops.Steady(0.5);
    for (int i = 0; i < 20 && usual_age > 0; ++i) {
      loops.now -= seconds(static_cast<int>(usual_age));
      loops.Turn(std::vector(4, 0.5), std::vector(4, 0.010));
      loops.now += seconds(static_cast<int>(usual_age));
      loops.memory = ToJson(Memory{.model = loops.Estimate().model});
    }
    loops.now = loops.readings.Find(signal::kEventLoopUtilization).sample_time +
                std::chrono::milliseconds(static_cast<int>(1000 * age));
    loops.With(signal::kRequestRate, 300);
    loops.With(signal::kLatencyP99, latency);
    return loops.Estimate();
  };
  CHECK(estimate(16.1, 2).overload);
  // 100 more requests/s in 16.1 s of a minute, of 10 ms each.
  CHECK(estimate(16.1, 2).now == Approx(0.010 * (200 + 100 * (60 - 16.1) / 16.1)));
  CHECK_FALSE(estimate(15.9, 2).overload);
  CHECK_FALSE(estimate(20, 0.2).overload);
  // Where samples usually come with a delay, they are not overdue sooner than that.
  CHECK_FALSE(estimate(24, 2, 24).overload);
  CHECK(estimate(25.1, 2, 24).overload);
  // A scrape that failed is told after two intervals: what is older and still known came late.
  CHECK_FALSE(estimate(31.1, 2).overload);
}

// A service whose database is slow: its requests are late, its loops idle, their scrape overdue.
Loops SlowDatabase() {
  Loops loops(4);
  loops.With(signal::kRequestRate, 200);
  loops.Steady(0.5);
  loops.now += seconds(17);
  loops.With(signal::kRequestRate, 300);
  loops.With(signal::kLatencyP99, 2);
  REQUIRE(loops.Estimate().overload);
  return loops;
}

TEST_CASE("demand: an overdue scrape is no overload that nothing else shows") {
  Loops usual = SlowDatabase();
  usual.With(signal::kRequestRate, 205);
  CHECK_FALSE(usual.Estimate().overload);
  Loops one_source = SlowDatabase();
  one_source.readings.find(signal::kRequestRate)->second.sample_time -= seconds(17);
  CHECK_FALSE(one_source.Estimate().overload);
  // The loops have spoken since requests are late, and were not busy.
  Loops lasting = SlowDatabase();
  const TimePoint spoke = lasting.now - seconds(17);
  const Model model = ReadMemory(lasting.memory, lasting.now).model.value();
  lasting.memory = ToJson(Memory{.model = model, .ascent = Ascent{.at = spoke}});
  CHECK_FALSE(lasting.Estimate().overload);
  lasting.memory = ToJson(Memory{.model = model, .ascent = Ascent{.at = spoke + seconds(1)}});
  CHECK(lasting.Estimate().overload);
  Loops few = SlowDatabase();
  Model unlearned = ReadMemory(few.memory, few.now).model.value();
  unlearned.work = 0;
  few.memory = ToJson(Memory{.model = unlearned});
  CHECK_FALSE(few.Estimate().overload);
}

}  // namespace
}  // namespace evenkeel::slo
