#include "policies/slo_demand.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/slo_loops.hpp"

namespace evenkeel::slo {
namespace {

using std::chrono::seconds;
using test::Blind;
using test::Later;
using test::Loops;

// The lag of a pod that was offered `load` for `time` s, and began without a backlog: the iteration
// that had ended by then, its length half an iteration after `time` on average.
double LagAfter(double load, double time) {
  const double rise = load - 1;
  return rise / (1 + rise / 2) * time;
}

TEST_CASE("demand: what steady loops show, whatever the number of pods") {
  CHECK(Loops(4).Steady(0.5).now == Approx(2));
  CHECK(Loops(40).Steady(0.05).now == Approx(2));
  CHECK(Loops(4).Steady(0.5).ahead == Approx(2));
  CHECK_FALSE(Loops(4).Steady(0.5).overload);
}

TEST_CASE("demand: readings at any distance follow the same curve") {
  Loops often(10);
  Loops seldom(10);
  often.Steady(0.5, 1);
  seldom.Steady(0.5, 1);
  const std::vector<double> lag(10, 0.010);
  for (int i = 0; i < 12; ++i) often.Turn(std::vector(10, 0.51), lag, seconds(5));
  for (int i = 0; i < 4; ++i) seldom.Turn(std::vector(10, 0.51), lag, seconds(15));
  CHECK(often.Estimate().model.level == Approx(seldom.Estimate().model.level).epsilon(0.005));
  CHECK(often.Estimate().model.level == Approx(5.1).epsilon(0.01));
}

TEST_CASE("demand: readings a second apart are taken together, for each is mostly noise") {
  Loops loops(4);
  loops.Steady(0.5);
  const std::vector<double> lag(4, 0.010);
  Demand demand;
  for (int i = 0; i < 60; ++i) {
    demand = loops.Turn(std::vector(4, i % 2 == 0 ? 0.6 : 0.4), lag, seconds(1));
    CHECK(demand.now == Approx(2).epsilon(0.03));
  }
  // And five of them that agree are a new level.
  for (int i = 0; i < 5; ++i) demand = loops.Turn(std::vector(4, 0.8), lag, seconds(1));
  CHECK(demand.now == Approx(3.2));
}

TEST_CASE("demand: a rise is followed to the time when a new pod serves") {
  Loops loops(20);
  Demand demand = loops.Steady(0.30);
  double busy = 0.30;
  for (int i = 0; i < 20; ++i) {
    busy += 0.005;  // 0.1 erlangs a turn
    demand = loops.Turn(std::vector(20, busy), std::vector(20, 0.010));
  }
  CHECK(demand.now == Approx(20 * busy).epsilon(0.03));
  // 45 s on: three turns of the rise, of which four fifths are provided for.
  CHECK(demand.ahead - demand.now == Approx(0.8 * 0.3).epsilon(0.1));
}

TEST_CASE("demand: noise is no trend, and a fall is not followed ahead") {
  Loops loops(20);
  loops.Steady(0.5);
  for (int i = 0; i < 40; ++i) {
    const double busy = 0.5 + (i % 2 == 0 ? 0.01 : -0.01);
    const Demand demand = loops.Turn(std::vector(20, busy), std::vector(20, 0.010));
    CHECK(demand.ahead == Approx(demand.now));
  }
  for (int i = 0; i < 10; ++i) {
    const Demand demand = loops.Turn(std::vector(20, 0.5 - 0.004 * i), std::vector(20, 0.010));
    CHECK(demand.ahead == Approx(demand.now));
  }
}

TEST_CASE("demand: a jump is a new level at once, and no trend") {
  Loops loops(20);
  loops.Steady(0.3);
  const Demand up = loops.Turn(std::vector(20, 0.5), std::vector(20, 0.010));
  CHECK(up.now == Approx(10));
  CHECK(up.ahead == Approx(10));
  const Demand down = loops.Turn(std::vector(20, 0.2), std::vector(20, 0.010));
  CHECK(down.now == Approx(4));
}

TEST_CASE("demand: of three jumps upwards in a row, the gentlest is the trend") {
  const std::vector<double> lag(20, 0.010);
  Loops loops(20);
  loops.Steady(0.10);
  for (const double busy : {0.16, 0.22}) {
    const Demand demand = loops.Turn(std::vector(20, busy), lag);
    CHECK(demand.ahead == Approx(20 * busy));
  }
  const Demand third = loops.Turn(std::vector(20, 0.27), lag);
  CHECK(third.now == Approx(5.4));
  // 45 s on: three turns of an erlang, of which four fifths are provided for.
  CHECK(third.ahead == Approx(5.4 + 0.8 * 3));
  // A rest between them begins the row anew.
  Loops rested(20);
  rested.Steady(0.10);
  for (const double busy : {0.16, 0.22, 0.22, 0.28, 0.34}) {
    const Demand demand = rested.Turn(std::vector(20, busy), lag);
    CHECK(demand.ahead == Approx(20 * busy).epsilon(0.1));
  }
  // And none of them may be downwards.
  Loops shaken(20);
  shaken.Steady(0.10);
  for (const double busy : {0.16, 0.08, 0.16, 0.24}) {
    CHECK(shaken.Turn(std::vector(20, busy), lag).ahead == Approx(20 * busy));
  }
}

TEST_CASE("demand: the first readings of an overload tell its size") {
  // Pods are scraped at different times after it began; each tells by its utilization when that
  // was.
  for (const double load : {1.2, 1.5, 2.0}) {
    Loops loops(4);
    loops.Steady(0.5);
    std::vector<double> busy;
    std::vector<double> lag;
    for (const double time : {4.0, 7.0, 10.0, 13.0}) {
      busy.push_back(0.5 + 0.5 * time / 15);
      lag.push_back(0.010 + LagAfter(load, time));
    }
    const Demand demand = loops.Turn(busy, lag);
    CHECK(demand.overload);
    CHECK(demand.ahead == Approx(4 * load).epsilon(0.05));
  }
}

TEST_CASE("demand: an overload that grows is followed, from one scrape to the next") {
  Loops loops(4);
  loops.Steady(0.5);
  loops.Turn(std::vector(4, 0.75), std::vector(4, 0.010 + LagAfter(1.3, 7.5)));
  const double before = 0.010 + LagAfter(1.3, 7.5);
  const Demand demand = loops.Turn(std::vector(4, 1.0), std::vector(4, before + LagAfter(1.8, 15)));
  CHECK(demand.ahead == Approx(4 * 1.8).epsilon(0.05));
}

TEST_CASE("demand: a backlog that drains asks for nothing more") {
  Loops loops(4);
  loops.Steady(0.5);
  double lag = 0.010 + LagAfter(1.5, 15);
  const Demand first = loops.Turn(std::vector(4, 1.0), std::vector(4, lag));
  loops.state.spec_replicas = loops.state.status_replicas = loops.state.ready = 10;
  while (lag > 0.5) {
    lag -= 0.4;
    const Demand demand = loops.Turn(std::vector(10, 1.0), std::vector(10, lag));
    CHECK(demand.ahead == Approx(first.ahead));
  }
}

TEST_CASE("demand: without lag a saturated fleet is taken to lack a fifth") {
  Loops loops(10);
  loops.Set(signal::kEventLoopUtilization, std::vector(10, 1.0));
  const Demand demand = loops.Estimate();
  CHECK(demand.overload);
  CHECK(demand.ahead == Approx(12));
}

// Four pods become eight, or eight four. What they read is of the last minute, in which the four,
// or the eight, had the load for themselves for a while.
TEST_CASE("demand: pods that begin or cease to serve do not change it") {
  for (const auto& [before, after] : {std::pair(4, 8), std::pair(8, 4)}) {
    CAPTURE(before, after);
    Loops loops(before);
    loops.Steady(2.4 / before);
    loops.state.spec_replicas = loops.state.status_replicas = loops.state.ready = after;
    for (const double past : {0.25, 0.5, 0.75, 1.0, 1.0, 1.0}) {
      const double busy = 2.4 / before * (1 - past) + 2.4 / after * past;
      const Demand demand = loops.Turn(std::vector(4, busy), std::vector(4, 0.010));
      CHECK(demand.now == Approx(2.4).epsilon(0.15));
    }
  }
}

TEST_CASE("demand: where turns are closer than scrapes, jumps in a row may all be of one") {
  Loops loops(20);
  loops.Steady(0.10);
  for (const double busy : {0.2, 0.3, 0.4, 0.5}) {
    const Demand demand = loops.Turn(std::vector(20, busy), std::vector(20, 0.010), seconds(5));
    CHECK(demand.ahead == Approx(20 * busy));
  }
}

TEST_CASE("demand: an overload that climbs is followed to the time when a new pod serves") {
  Loops loops = Blind(600, 5, seconds(120));
  CHECK(loops.Estimate().ahead == Approx(6));
  CHECK(Later(loops, 800).ahead == Approx(8));  // one rise may be a part of a step
  const Demand third = Later(loops, 1000);
  CHECK(third.now == Approx(10));
  CHECK(third.ahead == Approx(10 + 0.8 * 2.0 / 15 * (30 + 15)));
  CHECK(Later(loops, 1000).ahead == Approx(10));
  Loops steep = Blind(600, 5, seconds(120));
  Later(steep, 3000);
  CHECK(Later(steep, 6000).ahead == Approx(1.8 * 60));
}

TEST_CASE("demand: in turns of a second a rise is measured over five") {
  Loops loops = Blind(200 + 400 * 15 / 45.0, 5);
  CHECK(loops.Estimate().ahead == Approx(6).epsilon(0.01));
  double rate = 200 + 400 * 15 / 45.0;
  for (int turn = 1; turn <= 4; ++turn) {
    rate += 800 / 55.0;  // 1,000/s come now
    CHECK(Later(loops, rate, seconds(1)).ahead == Approx(6).epsilon(0.01));
  }
  CHECK(Later(loops, rate + 800 / 55.0, seconds(1)).now == Approx(10).epsilon(0.01));
}

TEST_CASE("demand: in turns of a second a climb is provided for until it is measured again") {
  Loops loops = Blind(600, 5, seconds(120));
  Later(loops, 800, seconds(5));
  const Demand climbing = Later(loops, 1000, seconds(5));
  CHECK(climbing.ahead == Approx(10 * 1.8));
  for (int turn = 1; turn <= 4; ++turn) {
    CHECK(Later(loops, 1000, seconds(1)).ahead == Approx(climbing.ahead));
  }
  CHECK(Later(loops, 1000, seconds(1)).ahead == Approx(10));
}

// The proxy counts the backlog's requests, too, when they end.
TEST_CASE("demand: while a backlog drains a little more is nothing new") {
  Loops loops = Blind(600, 5, seconds(120));
  CHECK(loops.Estimate().ahead == Approx(6));
  CHECK(Later(loops, 680).ahead == Approx(6));
  CHECK(Later(loops, 600).ahead == Approx(6));
  CHECK(Later(loops, 700).now == Approx(7));
}

TEST_CASE("demand: what one overload climbed by says nothing of the next one") {
  Loops loops(4);
  loops.Steady(0.5);
  const auto turn = [&](double lag) {
    return loops.Turn(std::vector(4, 1.0), std::vector(4, lag));
  };
  turn(2);
  turn(7);
  const Demand third = turn(15);
  CHECK(third.ahead > third.now + 0.5);
  loops.Steady(0.5);
  turn(2);
  const Demand second = turn(7);
  CHECK(second.ahead == Approx(second.now));
}

TEST_CASE("demand: a decision soon after another does not take a sample for a surge") {
  // 1 s later, with one more sample of one of several proxies.
  CHECK(Blind(220, 5, seconds(1)).Estimate().ahead < 0.01 * (200 + 20 * 55 / 5 + 1));
  // And with none.
  Loops same = Blind(240, 5);
  same.readings.find(signal::kRequestRate)->second.sample_time = same.now - seconds(15);
  CHECK(same.Estimate().ahead < 0.01 * (200 + 40 * 55 / 5 + 1));
}

TEST_CASE("demand: that the loops are not known is an overload only if requests are late") {
  const auto known = [](const Loops& loops) {
    static const std::map<std::string, Series, std::less<>> kNoSeries;
    return EstimateDemand(
        Look({loops.now, loops.target, loops.state, loops.readings, kNoSeries, {}, loops.memory}));
  };
  CHECK(known(Blind(300, 0.3)));
  CHECK_FALSE(known(Blind(300, 0.2)));
  CHECK_FALSE(known(Blind(300, 5, seconds(1000))));
  Loops fresh = Blind(300, 5);
  fresh.memory = nullptr;
  CHECK_FALSE(known(fresh));
}

TEST_CASE("demand: lag that is usual, as of long single calls, is no backlog") {
  Loops loops(10);
  loops.Steady(0.5);
  for (const double lag : {0.150, 0.300, 0.450}) {
    for (int i = 0; i < 20; ++i) {
      CHECK_FALSE(loops.Turn(std::vector(10, 0.5), std::vector(10, lag)).overload);
    }
  }
}

TEST_CASE("demand: one hot pod is left out") {
  Loops loops(6);
  loops.Steady(0.5);
  const Demand demand =
      loops.Turn({0.5, 0.5, 1.0, 0.5, 0.5, 0.5}, {0.01, 0.01, 5.0, 0.01, 0.01, 0.01});
  CHECK_FALSE(demand.overload);
  CHECK(demand.now == Approx(3));
}

TEST_CASE("demand: after a long silence nothing of before counts") {
  Loops loops(4);
  loops.Steady(0.5);
  const Demand before = loops.Turn(std::vector(4, 1.0), std::vector(4, 0.010 + LagAfter(2.0, 15)));
  CHECK(before.ahead == Approx(8).epsilon(0.05));
  const Demand demand = loops.Turn(std::vector(4, 1.0), std::vector(4, 10.0), seconds(601));
  CHECK(demand.ahead == Approx(4));
}

// The same lag at a higher utilization is an older, and so a smaller overload: with a backlog only
// the lag is monotone.
TEST_CASE("demand: more lag, or more utilization without a backlog, never means less demand") {
  const auto demand_at = [](double busy, double lag) {
    Loops loops(5);
    loops.Steady(0.5);
    return loops.Turn(std::vector(5, busy), std::vector(5, lag)).ahead;
  };
  for (const double busy : {0.3, 0.5, 0.7, 0.9, 0.96, 0.98, 1.0}) {
    CAPTURE(busy);
    CHECK(demand_at(std::min(busy + 0.02, 1.0), 0.02) >= demand_at(busy, 0.02) - 1e-9);
    for (const double lag : {0.0, 0.1, 0.3, 1.0, 3.0, 9.0}) {
      CAPTURE(lag);
      CHECK(demand_at(busy, lag + 0.05) >= demand_at(busy, lag) - 1e-9);
    }
  }
}

}  // namespace
}  // namespace evenkeel::slo
