// Outcome: a decision and what became of it at the API server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "controller/core/decision.hpp"

namespace evenkeel {

enum class PatchResult {
  kNotNeeded,  // nothing to change
  kObserved,   // mode Observe: decided, not sent
  kApplied,    // the API server took it
  kFailed,     // refused or lost; decided again next round
};

struct Outcome {
  Decision decision;
  PatchResult patch = PatchResult::kNotNeeded;
  int patch_status = 0;       // HTTP status of the patch; 0 when none came back
  std::string patch_error{};  // for people, with kFailed
  std::uint64_t round = 0;
};

}  // namespace evenkeel
