// Studies by hand: records with given bad requests and replica hours.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "controller/simulate/study.hpp"

namespace evenkeel::test {

// Of 1000 requests so many bad, at so many replicas for an hour.
inline Record MakeRecord(std::uint32_t bad, Replicas replicas) {
  Record record;
  record.windows.push_back({.requests = 1000, .bad = bad, .failed = 0, .p99 = 0.3F});
  record.seconds.assign(3600, {.rate = 100, .spec = replicas, .ready = replicas, .needed = 2});
  return record;
}

inline std::vector<Scenario> MakeScenarios(const std::vector<std::string>& names) {
  std::vector<Scenario> scenarios;
  for (const std::string& name : names) {
    Scenario scenario;
    scenario.name = name;
    scenario.objectives.latency_p99 = std::chrono::milliseconds(250);
    scenarios.push_back(std::move(scenario));
  }
  return scenarios;
}

}  // namespace evenkeel::test
