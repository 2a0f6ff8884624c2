// A service as the `slo` module sees it, for its tests.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/policy.hpp"
#include "policies/registry.hpp"

namespace evenkeel::test {

inline constexpr TimePoint kNow{std::chrono::milliseconds(1'800'000'000'000)};

// A service of ten pods with the usual objectives, and what its signals read.
struct Scene {
  TargetSpec target{2,
                    100,
                    {std::chrono::milliseconds(250), 0.01, std::chrono::milliseconds(100), {}},
                    std::chrono::seconds(60)};
  TargetState state{.spec_replicas = 10, .status_replicas = 10, .ready = 10};
  Readings readings;
  std::map<std::string, Series, std::less<>> series;
  nlohmann::json memory;
  TimePoint now = kNow;

  Scene& With(std::string_view name, double value) {
    readings.insert_or_assign(std::string(name), Reading::Value(value, now));
    return *this;
  }
  Scene& WithPods(std::string_view name, PodSpread spread) {
    Reading reading = Reading::Value(spread.mean, now);
    reading.pods = std::move(spread);
    readings.insert_or_assign(std::string(name), std::move(reading));
    return *this;
  }
  Scene& Without(std::string_view name, ReadingState state_of) {
    readings.insert_or_assign(std::string(name), Reading::Unknown(state_of, "gone"));
    return *this;
  }
  // Does what was proposed, and gives the pods time to start.
  Scene& Follow(const Proposal& proposal) {
    memory = proposal.memory;
    state.spec_replicas = state.status_replicas = state.ready = proposal.replicas;
    return *this;
  }
  // So many decisions, 15 s apart, each of which remembers.
  void Live(int turns) {
    for (int turn = 0; turn < turns; ++turn) {
      memory = Propose().memory;
      now += std::chrono::seconds(15);
    }
  }
  [[nodiscard]] Proposal Propose() const {
    const auto module = MakePolicy("slo", nullptr);
    const auto proposal =
        module.value()->Propose({now, target, state, readings, series, {}, memory});
    return proposal.value();
  }
};

// What each of the pods "p0", "p1" … reads, at a scrape every 15 s.
inline PodSpread SpreadOf(const std::vector<double>& values) {
  PodSpread spread;
  spread.pods = static_cast<int>(values.size());
  spread.interval = 15;
  std::vector<double> sorted = values;
  std::ranges::sort(sorted);
  spread.min = sorted.front();
  spread.p25 = sorted[sorted.size() / 4];
  spread.max = sorted.back();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string pod = "p" + std::to_string(i);
    spread.mean += values[i] / static_cast<double>(values.size());
    spread.values.push_back({pod, values[i]});
    if (values[i] == spread.max) spread.max_pod = pod;
  }
  return spread;
}

// All well at a given utilization: latency, errors and lag far below their objectives.
inline Scene Calm(double utilization) {
  Scene scene;
  scene.With(signal::kLatencyP99, 0.080)
      .With(signal::kErrorRate, 0.0)
      .With(signal::kEventLoopLagP99, 0.010)
      .With(signal::kEventLoopUtilization, utilization);
  return scene;
}

// A proxy's numbers alone.
inline Scene ProxyOnly() {
  Scene scene = Calm(0).Without(signal::kEventLoopUtilization, ReadingState::kNoData);
  return scene.Without(signal::kEventLoopLagP99, ReadingState::kNoData);
}

}  // namespace evenkeel::test
