// A stage for one scaler: hand-made sights, no plant. The population is what the test says it is.
#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/simulate/baselines.hpp"
#include "controller/simulate/scaler.hpp"
#include "support/catch.hpp"

namespace evenkeel {

// A service with an objective of 250 ms, 1 to 1000 replicas, and no load.
inline Scenario PlainScenario() {
  Scenario scenario;
  scenario.name = "plain";
  scenario.objectives.latency_p99 = std::chrono::milliseconds(250);
  scenario.max_replicas = 1000;
  return scenario;
}

class Stage {
 public:
  Scenario scenario = PlainScenario();
  Truth truth{[](SimSeconds) { return 0.0; }, [](SimSeconds) { return 0.01; }, 0.8};
  TargetState state{};
  Readings readings{};

  explicit Stage(std::string_view name, nlohmann::json settings = {})
      : name_(name), settings_(std::move(settings)) {}

  // So many pods, all asked for and ready, for a long time.
  void Serve(Replicas pods, double concurrency = 0, double utilization = 0) {
    Serve(pods, pods, concurrency, utilization);
  }
  void Serve(Replicas spec, Replicas ready, double concurrency, double utilization) {
    state.spec_replicas = state.status_replicas = spec;
    state.ready = ready;
    state.pending = spec - ready;
    state.pods.clear();
    names_.clear();
    samples.clear();
    for (Replicas i = 0; i < spec; ++i) names_.push_back("p" + std::to_string(1000 + i));
    for (Replicas i = 0; i < spec; ++i) {
      const std::string& name = names_[static_cast<std::size_t>(i)];
      const bool up = i < ready;
      state.pods.push_back({name, PodPhase::kRunning, up, !up, false});
      if (!up) continue;
      samples.push_back({.name = name,
                         .ready = true,
                         .age = SimSeconds{3600},
                         .concurrency = concurrency,
                         .utilization = utilization,
                         .request_rate = 0});
    }
  }

  // ELU as Prometheus has it: of each ready pod.
  void Utilization(double value) {
    Reading reading = Reading::Value(value, kSimulationBegin);
    reading.pods = PodSpread{state.ready, value, value, value, value, "p", {}};
    for (const PodFact& pod : state.pods) {
      if (pod.ready) reading.pods->values.push_back({pod.name, value});
    }
    readings[std::string(signal::kEventLoopUtilization)] = reading;
  }
  void Latency(double seconds) {
    readings[std::string(signal::kLatencyP99)] = Reading::Value(seconds, kSimulationBegin);
  }
  void Lose(std::string_view signal, ReadingState why) {
    readings[std::string(signal)] = Reading::Unknown(why, "lost by the test");
  }

  Verdict Tick(double seconds) {
    const SimSeconds time{seconds};
    const Sight sight{time, AtSimTime(time), state, readings, samples, truth, {}};
    return Made().Tick(sight);
  }
  // Ticks, and all that is asked for is ready at the next tick.
  Replicas Follow(double seconds) {
    const Verdict verdict = Tick(seconds);
    if (verdict.replicas != state.spec_replicas) Serve(verdict.replicas);
    return verdict.replicas;
  }

  Scaler& Made() {
    if (!scaler_) Restart();
    return *scaler_;
  }
  // With what the old one kept for the new one, as the simulation does it.
  void Replace() {
    const nlohmann::json status = Made().Status();
    Restart();
    scaler_->Resume(status);
  }
  void Restart(std::uint64_t seed = 1) {
    const Result<ScalerKind> kind = MakeBaseline(name_, settings_);
    INFO((kind ? "" : kind.error().message));
    REQUIRE(kind);
    scaler_ = kind->make(scenario, truth, seed);
  }

  std::vector<PodSample> samples{};

 private:
  std::string name_;
  nlohmann::json settings_;
  std::vector<std::string> names_;
  std::unique_ptr<Scaler> scaler_;
};

}  // namespace evenkeel
