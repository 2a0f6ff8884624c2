// Scaler: whoever sets the replicas of a simulated service: Evenkeel's own Decide with a policy, or
// a rival. Virtual because the rivals are many and are chosen by name at run time.
//
// A scaler may keep state from tick to tick; a controller restart in a scenario makes a new one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/simulate/scenario.hpp"
#include "policies/policy.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

// What a pod tells whoever asks it directly, without Prometheus, averaged since the last tick of
// this scaler (KPA's queue-proxy and ICC's agents work like this).
struct PodSample {
  std::string_view name;
  bool ready = true;        // draining pods are not ready, and still tell
  SimSeconds age{0};        // since it turned ready
  double concurrency = 0;   // mean requests in flight, queued ones included
  double utilization = 0;   // ELU, 0..1
  double request_rate = 0;  // completed, 1/s
};

// What is true of the plant, which only the oracles and `static` may look at.
struct Truth {
  std::function<double(SimSeconds)> rate;  // requests/s in the second of that time, noise included
  // Work per request at that time (s of event loop), events and releases included.
  std::function<double(SimSeconds)> work;
  double max_utilization = 0;  // the largest at which a warm pod in steady state meets the SLO
};

// The fewest warm replicas that meet the SLO at that time: ceil(rate · work / max_utilization),
// within the scenario's bounds (control.md § 4, d(t)).
[[nodiscard]] Replicas NeededAt(const Truth& truth, const Scenario& scenario, SimSeconds time);

struct Sight {
  SimSeconds time;
  TimePoint now;             // AtSimTime(time)
  const TargetState& state;  // as the API server tells it
  // What Prometheus answers now to the queries of Needs(), judged as in production.
  const Readings& readings;
  // Every ready or draining pod, asked directly; empty unless AsksPods().
  std::span<const PodSample> pods;
  const Truth& truth;
  // What Prometheus would have answered at an earlier time, for a controller that starts anew.
  std::function<Readings(TimePoint)> past;
};

struct Verdict {
  Replicas replicas = 0;  // wanted; brought into the scenario's bounds by the simulation
  std::string reason{};   // CamelCase, shown in the report
};

class Scaler {
 public:
  virtual ~Scaler() = default;

  // Between two ticks. When the first one comes within it is drawn by the seed, and is the same for
  // all scalers of that period: no load begins to change at a phase of its controller.
  [[nodiscard]] virtual SimSeconds Period() const = 0;
  // Signals wanted from Prometheus at every tick.
  [[nodiscard]] virtual std::vector<Need> Needs() const { return {}; }
  // The range of the rates behind them.
  [[nodiscard]] virtual std::chrono::seconds Window() const { return std::chrono::seconds{60}; }
  [[nodiscard]] virtual bool AsksPods() const { return false; }

  [[nodiscard]] virtual Verdict Tick(const Sight& sight) = 0;

  // What it keeps at the API server, for its successor after a controller restart.
  [[nodiscard]] virtual nlohmann::json Status() const { return nullptr; }
  virtual void Resume(const nlohmann::json& /*status*/) {}

 protected:
  Scaler() = default;
  Scaler(const Scaler&) = default;
  Scaler& operator=(const Scaler&) = default;
};

// Makes a scaler for one episode. `seed` is for scalers that draw lots (KPA samples pods).
struct ScalerKind {
  std::string name;  // "kpa", or the policy's own name
  std::function<std::unique_ptr<Scaler>(const Scenario&, const Truth&, std::uint64_t seed)> make;
};

}  // namespace evenkeel
