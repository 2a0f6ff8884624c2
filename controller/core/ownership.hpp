// Who owns a target: nobody but one ScalingPolicy in mode Enforce may scale it.
//
// An HPA or a KEDA ScaledObject on the same target, or an older ScalingPolicy, makes a policy step
// back (Ready=False/ConflictingOwner). Among ScalingPolicies the oldest keeps the target, by
// creation time, then by name. Mode Observe neither owns nor conflicts: policies in that mode are
// not owners, and leaving them out of the list is the caller's part.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/core/observation.hpp"
#include "controller/core/scaling_policy.hpp"

namespace evenkeel {

struct Owner {
  std::string kind;  // "HorizontalPodAutoscaler", "ScaledObject", "ScalingPolicy"
  ObjectKey key;
  TargetRef target;  // in the owner's namespace
  TimePoint created{};

  bool operator==(const Owner&) const = default;
};

// The obstacle for `policy`, if any of `owners` (all owners of its namespace, itself included)
// has a better claim on its target. Group matters, version does not: apps/v1 = apps/v1beta1.
[[nodiscard]] std::optional<Obstacle> FindConflict(const ScalingPolicy& policy,
                                                   const std::vector<Owner>& owners);

}  // namespace evenkeel
