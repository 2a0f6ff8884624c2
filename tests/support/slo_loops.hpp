// A service in front of the demand's estimate, turn by turn.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/slo_demand.hpp"
#include "support/slo_scene.hpp"

namespace evenkeel::slo::test {

// A service of pods that are scraped every 15 s, and what their loops read.
struct Loops {
  explicit Loops(Replicas pods) {
    state.spec_replicas = state.status_replicas = state.ready = pods;
    state.startup = std::chrono::milliseconds(30'000);
  }

  TargetSpec target{1, 100, {std::chrono::milliseconds(250), {}, {}, {}}, std::chrono::seconds(60)};
  TargetState state;
  Readings readings;
  nlohmann::json memory;
  TimePoint now{std::chrono::seconds(1'800'000'000)};

  void Set(std::string_view signal, const std::vector<double>& values) {
    PodSpread spread = evenkeel::test::SpreadOf(values);
    Reading reading = Reading::Value(spread.mean, now);
    reading.pods = std::move(spread);
    readings.insert_or_assign(std::string(signal), reading);
  }

  // Of the service, not of its pods.
  void With(std::string_view signal, double value) {
    readings.insert_or_assign(std::string(signal), Reading::Value(value, now));
  }

  // The next turn, with these readings of each pod.
  Demand Turn(const std::vector<double>& busy, const std::vector<double>& lag,
              std::chrono::seconds after = std::chrono::seconds(15)) {
    now += after;
    for (const auto signal : {signal::kRequestRate, signal::kInFlight}) {
      const auto proxy = readings.find(signal);
      if (proxy != readings.end()) proxy->second.sample_time = now;
    }
    Set(signal::kEventLoopUtilization, busy);
    Set(signal::kEventLoopLagP99, lag);
    const Demand demand = Estimate();
    memory = ToJson(Memory{.model = demand.model});
    return demand;
  }
  [[nodiscard]] Demand Estimate() const {
    static const std::map<std::string, Series, std::less<>> kNoSeries;
    return *EstimateDemand(Look({now, target, state, readings, kNoSeries, {}, memory}));
  }
  // Steady for so many turns.
  Demand Steady(double busy, int turns = 20) {
    const auto pods = static_cast<std::size_t>(state.ready);
    Demand demand;
    for (int i = 0; i < turns; ++i) {
      demand = Turn(std::vector(pods, busy), std::vector(pods, 0.010));
    }
    return demand;
  }
};

// A service whose pods answer no scrape any more, while its proxy counts `rate` in the last window.
inline Loops Blind(double rate, double latency,
                   std::chrono::seconds after = std::chrono::seconds(15)) {
  Loops loops(4);
  loops.With(signal::kRequestRate, 200);
  loops.Steady(0.5);
  loops.now += after;
  for (const auto signal : {signal::kEventLoopUtilization, signal::kEventLoopLagP99}) {
    loops.readings.insert_or_assign(std::string(signal),
                                    Reading::Unknown(ReadingState::kStale, "no scrape"));
  }
  loops.With(signal::kRequestRate, rate);
  loops.With(signal::kLatencyP99, latency);
  return loops;
}

// The next turn of a service whose loops are not known.
inline Demand Later(Loops& loops, double rate,
                    std::chrono::seconds after = std::chrono::seconds(15)) {
  loops.memory = ToJson(Memory{.model = loops.Estimate().model});
  loops.now += after;
  loops.With(signal::kRequestRate, rate);
  return loops.Estimate();
}

}  // namespace evenkeel::slo::test
