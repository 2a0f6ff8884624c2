// The interface of a policy module, and the values it works on.
//
// A module turns what is known of a target (readings of its signals, its pods, its objectives) into
// a proposal of replicas, and says why. It is stateless and const, does no IO and reads no clock:
// the same module runs in production, in the simulator and in a backtest. What it must remember
// from one decision to the next is a small JSON value ("memory") that it returns and is handed
// back.
//
// Writing a module: one file policies/<name>.cpp with a class in an anonymous namespace, a factory
// that validates its params (see params.hpp), and a line in registry.cpp. step.cpp-sized is normal.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/reading.hpp"
#include "policies/result.hpp"

namespace evenkeel {

using Replicas = int;

// The service's objectives; what is absent is not steered by.
struct Objectives {
  std::optional<std::chrono::milliseconds> latency_p99{};
  std::optional<double> error_rate{};  // (0, 1]
  std::optional<std::chrono::milliseconds> event_loop_lag_p99{};
  std::optional<double> event_loop_utilization{};  // (0, 1]

  bool operator==(const Objectives&) const = default;
};

// What a module may know of the policy it belongs to.
struct TargetSpec {
  Replicas min_replicas = 1;
  Replicas max_replicas = 1;
  Objectives objectives;
  std::chrono::seconds window{60};  // range of the rates behind the readings

  bool operator==(const TargetSpec&) const = default;
};

enum class PodPhase { kPending, kRunning, kSucceeded, kFailed, kUnknown };

// One pod of the target, as far as a module may have to tell it from others.
struct PodFact {
  std::string name;
  PodPhase phase = PodPhase::kUnknown;
  bool ready = false;
  bool starting = false;  // not ready, and never was: too young for its samples to mean anything
  bool terminating = false;

  bool operator==(const PodFact&) const = default;
};

// The target's population, from the watch caches. Terminating and finished pods are not counted
// anywhere but in `terminating`.
struct TargetState {
  Replicas spec_replicas = 0;    // what was last asked for: the population to reason on
  Replicas status_replicas = 0;  // pods that exist, surge pods of a rollout included
  Replicas ready = 0;
  Replicas pending = 0;  // exist, not ready yet
  Replicas terminating = 0;
  bool rollout_in_progress = false;                    // a new template is being rolled out
  std::optional<TimePoint> newest_ready{};             // when the youngest ready pod became ready
  std::optional<std::chrono::milliseconds> startup{};  // typical time from creation to ready
  // Every pod that exists, finished and terminating ones included; empty where the target's pods
  // are not watched.
  std::vector<PodFact> pods{};

  bool operator==(const TargetState&) const = default;
};

// A signal that a module wants to see, and how far back.
struct Need {
  std::string signal;                 // a preset's name or one of the policy's own queries
  std::chrono::seconds look_back{0};  // 0: only the current reading

  bool operator==(const Need&) const = default;
};

struct Sample {
  TimePoint time;
  double value = 0;

  bool operator==(const Sample&) const = default;
};

// Oldest first.
using Series = std::vector<Sample>;

// How far a ratio may lie from 1 without a change (HPA: behavior.scaleUp|scaleDown.tolerance).
struct Tolerance {
  double up = 0.1;
  double down = 0.1;

  bool operator==(const Tolerance&) const = default;
};

struct Input {
  TimePoint now;
  const TargetSpec& target;
  const TargetState& state;
  const Readings& readings;
  const std::map<std::string, Series, std::less<>>& series;  // for needs with a look-back
  Tolerance tolerance;
  const nlohmann::json& memory;  // what this module returned last time; null at first
};

// The part of a module's memory that changes within hours only, if it has one. After a restart the
// turns of the stabilization window are decided on once more: at first with this part alone.
inline constexpr const char* kLasting = "lasting";

enum class ProposalKind {
  kNoOpinion,  // says nothing, which is not zero
  kReactive,   // replicas wanted now: may lower
  kFloor,      // at least this many: only ever raises
  kHold,       // blocks a direction
};

enum class Direction { kUp, kDown, kBoth };

struct Proposal {
  ProposalKind kind = ProposalKind::kNoOpinion;
  Replicas replicas = 0;                               // kReactive, kFloor
  Direction direction = Direction::kBoth;              // kHold
  std::string reason;                                  // CamelCase, stable: "LatencyAboveObjective"
  std::string message;                                 // one sentence for people
  nlohmann::json evidence = nlohmann::json::object();  // the numbers behind it
  std::string working;  // how the number came about, for the decision line: "demand:4.9,target:60%"
  nlohmann::json memory{};  // handed back next time; see kLasting
  // Set while the module believes that more replicas do not help, e.g. "Downstream" (condition
  // Bottleneck); the message carries the evidence.
  std::string bottleneck;

  bool operator==(const Proposal&) const = default;
};

class Policy {
 public:
  virtual ~Policy() = default;

  // The signals that this module wants for such a target. Objectives' own signals are always
  // fetched and need not be named.
  [[nodiscard]] virtual std::vector<Need> Needs(const TargetSpec& target) const = 0;

  // Called from one thread at a time. An error harms this module's opinion only, and forbids
  // scale-in for this round.
  [[nodiscard]] virtual Result<Proposal> Propose(const Input& input) const = 0;

 protected:
  Policy() = default;
  Policy(const Policy&) = default;
  Policy& operator=(const Policy&) = default;
};

// "NoOpinion", "Reactive", "Floor", "Hold".
[[nodiscard]] std::string_view ToString(ProposalKind kind);

}  // namespace evenkeel
