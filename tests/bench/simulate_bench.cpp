// Times the simulator on one core and holds its plant against queueing theory; prints JSON:
// {"requestsPerSecondPerCore": …, "theory": [{"queue": "M/M/1", "load": 0.3,
//  "mean": {"simulated": …, "exact": …}, "p99": {…}}, …]}, in requests per second of CPU and in
// seconds. What is timed is a whole closed loop: two hours of 400 requests a second on two slices
// of work and a database query each, decided on every 15 s by the default policy.
#include <chrono>
#include <ctime>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>

#include "controller/simulate/decider.hpp"
#include "controller/simulate/episode.hpp"
#include "tests/theory/theory.hpp"

namespace evenkeel {
namespace {

double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

Scenario Steady() {
  Scenario scenario;
  scenario.name = "steady";
  scenario.objectives.latency_p99 = std::chrono::milliseconds{250};
  scenario.duration = std::chrono::hours{2};
  scenario.min_replicas = 2;
  scenario.max_replicas = 40;
  scenario.initial_replicas = 7;
  scenario.arrivals.rate = {{SimSeconds{0}, 400}};
  return scenario;
}

double RequestsPerCpuSecond() {
  const Scenario scenario = Steady();
  const ScalerKind scaler = DeciderOf("slo", DefaultPolicy(), std::chrono::seconds(15));
  const double limit = MaxUtilization(scenario);
  const double begin = CpuSeconds();
  const Record record = Simulate(scenario, limit, scaler, 1);
  return static_cast<double>(record.requests) / (CpuSeconds() - begin);
}

nlohmann::json TheoryTable() {
  nlohmann::json rows = nlohmann::json::array();
  for (const test::TheoryCase& theory : test::TheoryCases()) {
    const test::Sojourn seen = test::RunSteady(theory.scenario, theory.rate, 1).sojourn;
    rows.push_back({{"queue", theory.queue},
                    {"load", theory.load},
                    {"mean", {{"simulated", seen.mean}, {"exact", theory.exact.mean}}},
                    {"p99", {{"simulated", seen.p99}, {"exact", theory.exact.p99}}}});
  }
  return rows;
}

}  // namespace
}  // namespace evenkeel

int main() {
  try {
    std::cout << nlohmann::json{{"requestsPerSecondPerCore", evenkeel::RequestsPerCpuSecond()},
                                {"theory", evenkeel::TheoryTable()}}
              << "\n";
    return std::cout ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "simulate_bench: " << e.what() << "\n";
    return 1;
  }
}
