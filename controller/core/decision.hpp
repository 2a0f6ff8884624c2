// Decision: the one record of what was decided for a policy and why. The log line, the status, the
// events and the metrics are all made from it and from nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/core/history.hpp"
#include "controller/core/observation.hpp"
#include "controller/core/scaling_policy.hpp"
#include "policies/policy.hpp"

namespace evenkeel {

// The reasons that the core itself gives; modules add theirs ("LatencyAboveObjective"). All are
// CamelCase and stable: people alert on them.
namespace reason {
inline constexpr std::string_view kWithinObjectives = "WithinObjectives";
inline constexpr std::string_view kRecovering = "Recovering";  // scale-in held: known only just now
inline constexpr std::string_view kSignalMissing = "SignalMissing";  // scale-in or any move held
inline constexpr std::string_view kStabilized = "Stabilized";        // a window holds the number
inline constexpr std::string_view kRateLimited = "RateLimited";      // a rate policy holds it
inline constexpr std::string_view kAtMaximum = "AtMaximum";          // more wanted than allowed
inline constexpr std::string_view kAtMinimum = "AtMinimum";          // fewer wanted than allowed
inline constexpr std::string_view kBelowMinimum = "BelowMinimum";    // brought up to minReplicas
inline constexpr std::string_view kAboveMaximum = "AboveMaximum";    // brought down to maxReplicas
inline constexpr std::string_view kRolloutInProgress = "RolloutInProgress";  // scale-in held
inline constexpr std::string_view kClusterUnseen = "ClusterUnseen";  // a watch fails: scale-in held
inline constexpr std::string_view kHeld = "Held";                // a module blocks the direction
inline constexpr std::string_view kFallback = "Fallback";        // floor while nothing is known
inline constexpr std::string_view kPaused = "Paused";            // spec.replicas is 0
inline constexpr std::string_view kModuleError = "ModuleError";  // a module failed
inline constexpr std::string_view kTargetNotFound = "TargetNotFound";
inline constexpr std::string_view kConflictingOwner = "ConflictingOwner";
inline constexpr std::string_view kForeignChange = "ForeignChange";
inline constexpr std::string_view kInvalidSpec = "InvalidSpec";
}  // namespace reason

// In this order, as in the HPA.
enum class Stage { kCombine, kHold, kStabilize, kRateLimit, kBounds };

// "combine", "hold", "stabilize", "rateLimit", "bounds".
[[nodiscard]] std::string_view ToString(Stage stage);

struct Step {
  Stage stage = Stage::kCombine;
  Replicas before = 0;
  Replicas after = 0;
  std::string reason{};  // a core reason or a module's; empty when nothing was changed
  std::string rule{};    // "+3/60s"; for people

  bool operator==(const Step&) const = default;
};

struct ModuleProposal {
  std::string module;  // "slo"
  Proposal proposal;
  std::optional<Error> error{};

  bool operator==(const ModuleProposal&) const = default;
};

struct SignalView {
  std::string name;
  Reading reading;
  std::optional<double> objective{};  // in the signal's unit

  bool operator==(const SignalView&) const = default;
};

// "latencyP99 is Stale (why)", for people.
[[nodiscard]] std::string Describe(const SignalView& signal);

struct Decision {
  ObjectKey policy;
  TargetRef target_ref;
  Mode mode = Mode::kEnforce;
  TimePoint time{};
  Replicas current = 0;  // spec.replicas of the target when decided
  Replicas desired = 0;
  std::string reason{};   // of the change, or of there being none
  std::string message{};  // one sentence that a tired person understands
  std::vector<SignalView> signals{};
  std::vector<ModuleProposal> proposals{};
  std::vector<Step> steps{};
  std::optional<Obstacle> obstacle{};
  // Is next.foreign_change new, and until when is it respected, if it still is?
  bool foreign_change_seen = false;
  std::optional<TimePoint> respected_until{};
  History next{};  // hand this to the next Decide

  [[nodiscard]] bool Changes() const { return desired != current; }
};

}  // namespace evenkeel
