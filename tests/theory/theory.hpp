// The plant alone, steady and without a scaler, and what queueing theory says of it exactly.
#pragma once

#include <string>
#include <vector>

#include "controller/simulate/scenario.hpp"
#include "tests/theory/queueing.hpp"

namespace evenkeel::test {

// One slice of work of 10 ms per request, warm pods, nothing else; long enough for so many requests
// at `rate` per second.
Scenario BareScenario(double requests, double rate);

struct Steady {
  Sojourn sojourn{};
  double in_flight = 0;  // mean
  double rate = 0;
  double failed = 0;  // share
};

Steady RunSteady(const Scenario& scenario, double rate, int pods);

// One queue whose mean and P99 have a closed form.
struct TheoryCase {
  std::string queue;  // in Kendall's notation
  double load = 0;    // share of the server's, or the servers', capacity
  double rate = 0;    // requests per second
  Scenario scenario{};
  Sojourn exact{};
};

// M/M/1, M/D/1 and M/G/1 (log-normal, c² = 4) for the event loop at loads of 0.3, 0.6 and 0.8,
// M/M/10 for the database at 0.5, 0.8 and 0.95. Each has one pod.
std::vector<TheoryCase> TheoryCases();

}  // namespace evenkeel::test
