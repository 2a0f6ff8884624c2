// Population: the pods of a target, counted once and in one way for all modules.
#pragma once

#include <vector>

#include "controller/kubernetes/objects.hpp"
#include "policies/policy.hpp"

namespace evenkeel {

// Pods that finished (Succeeded, Failed) count nowhere; those being deleted only as terminating.
// Ready pods beyond spec.replicas (a rollout's surge, a scale-in that has not begun) do count: who
// multiplies by them must say how. `startup` is the median time from creation to ready over the
// pods that are ready.
[[nodiscard]] TargetState CountPods(const Workload& workload, const std::vector<const Pod*>& pods);

}  // namespace evenkeel
