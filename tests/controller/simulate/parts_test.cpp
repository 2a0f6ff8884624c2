// The small parts of the plant: random numbers, queues, histograms.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "controller/simulate/event_queue.hpp"
#include "controller/simulate/log_histogram.hpp"
#include "controller/simulate/random.hpp"
#include "controller/simulate/rate_table.hpp"
#include "controller/simulate/ring.hpp"
#include "support/catch.hpp"

using namespace evenkeel;

TEST_CASE("exponentials by the ziggurat have the right distribution, tail included") {
  Random random(1, 1);
  constexpr int kDraws = 4'000'000;
  double sum = 0;
  double squares = 0;
  std::vector<double> above = {0.01, 0.5, 2.0, Ziggurat::kTail, 9.0};
  std::vector<double> counts(above.size());
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.Exponential();
    sum += x;
    squares += x * x;
    for (std::size_t k = 0; k < above.size(); ++k) counts[k] += x > above[k] ? 1 : 0;
  }
  CHECK(sum / kDraws == Approx(1).margin(0.002));
  CHECK(squares / kDraws == Approx(2).margin(0.01));
  for (std::size_t k = 0; k < above.size(); ++k) {
    const double expected = std::exp(-above[k]);
    const double four_sigma = 4 * std::sqrt(expected * (1 - expected) / kDraws);
    CAPTURE(above[k]);
    CHECK(counts[k] / kDraws == Approx(expected).margin(four_sigma));
  }
}

TEST_CASE("streams of one seed, and seeds of one stream, differ") {
  CHECK(Random(1, 1).Bits() != Random(1, 2).Bits());
  CHECK(Random(1, 1).Bits() != Random(2, 1).Bits());
  CHECK(Random(1, 1).Bits() == Random(1, 1).Bits());
}

TEST_CASE("the event queue gives what it was given, in order of time") {
  Random random(3, 1);
  EventQueue queue(100);
  std::vector<double> pending;
  double now = 0;
  for (int i = 0; i < 200'000; ++i) {
    const bool add = pending.empty() || (pending.size() < 300 && random.Uniform() < 0.55);
    if (add) {
      // Mostly soon, sometimes beyond the calendar's year, sometimes at this very time.
      const double kind = random.Uniform();
      const double ahead = kind < 0.1 ? 0 : random.Exponential() * (kind < 0.2 ? 60 : 0.05);
      queue.Push({.at = now + ahead, .slot = static_cast<std::uint32_t>(i)});
      pending.push_back(now + ahead);
      std::push_heap(pending.begin(), pending.end(), std::greater<>());
    } else {
      std::pop_heap(pending.begin(), pending.end(), std::greater<>());
      REQUIRE(queue.NextTime() == pending.back());
      now = queue.Pop().at;
      REQUIRE(now == pending.back());
      pending.pop_back();
    }
  }
  while (!pending.empty()) {
    std::pop_heap(pending.begin(), pending.end(), std::greater<>());
    REQUIRE(queue.Pop().at == pending.back());
    pending.pop_back();
  }
  CHECK(queue.NextTime() == EventQueue::kNever);
}

TEST_CASE("a ring keeps the order while it grows and wraps") {
  Ring<int> ring;
  int next_in = 0;
  int next_out = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 7 + round; ++i) ring.Push(next_in++);
    for (int i = 0; i < 5 + round; ++i) {
      REQUIRE(ring.Front() == next_out++);
      ring.Pop();
    }
  }
  CHECK(ring.Size() == static_cast<std::size_t>(next_in - next_out));
}

TEST_CASE("a log histogram tells quantiles to a bucket, 1.6 percent, over five decades") {
  LatencyHistogram histogram;
  for (int i = 1; i <= 100'000; ++i) histogram.Add(static_cast<float>(i) * 1e-4F);
  for (const double q : {0.01, 0.1, 0.5, 0.9, 0.99, 1.0}) {
    CHECK(histogram.Quantile(q) == Approx(q * 10).epsilon(1 / 64.0));
  }
  CHECK(LatencyHistogram{}.Quantile(0.99) == 0);
}

TEST_CASE("the load's noise has the mean and spread that the scenario says") {
  Scenario scenario;
  scenario.duration = SimSeconds{400'000};
  scenario.arrivals.rate = {{SimSeconds{0}, 100}};
  scenario.arrivals.noise = {0.3, 0.98};
  const std::vector<double> rates = RateTable(scenario, 5);
  double sum = 0;
  double logs = 0;
  double squares = 0;
  for (const double rate : rates) {
    sum += rate;
    logs += std::log(rate);
    squares += std::log(rate) * std::log(rate);
  }
  const auto count = static_cast<double>(rates.size());
  const double mean_log = logs / count;
  CHECK(mean_log == Approx(std::log(100) - 0.3 * 0.3 / 2).margin(0.02));
  CHECK(sum / count == Approx(100).epsilon(0.02));
  CHECK(std::sqrt(squares / count - mean_log * mean_log) == Approx(0.3).epsilon(0.05));
  CHECK(RateTable(scenario, 5) == rates);
  CHECK(RateTable(scenario, 6) != rates);
}
