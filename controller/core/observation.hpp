// Observation: all that was gathered for one decision. Judging functions take it and nothing else.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "policies/policy.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

// Why a policy cannot be acted on at all this round.
struct Obstacle {
  std::string reason;   // "TargetNotFound", "ConflictingOwner", ...
  std::string message;  // one sentence, naming the other owner or the missing object

  bool operator==(const Obstacle&) const = default;
};

// Who set the target's spec.replicas, as its managed fields have it.
struct ReplicasWriter {
  std::string manager;  // "kubectl"
  bool ours = false;    // we did
  TimePoint time{};     // when; to the second, by the API server's clock

  bool operator==(const ReplicasWriter&) const = default;
};

struct Observation {
  TargetState target;
  Readings readings;
  std::map<std::string, Series, std::less<>> series{};
  std::optional<Obstacle> obstacle{};
  std::string target_uid{};
  std::optional<ReplicasWriter> writer{};  // absent where the API server does not tell
  // Why the target, as it is here, may no longer be so; empty: it is as new as can be.
  std::string distrust{};

  bool operator==(const Observation&) const = default;
};

}  // namespace evenkeel
