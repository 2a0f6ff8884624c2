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

// The same at a past `time`, as far as the pods of today tell: `size` is spec.replicas then,
// `taken_away` how many replicas scale-in has removed since. Those of `size` that are not there any
// more count as ready. If they are more than scale-in has taken, they were replaced (a rollout, an
// eviction), and it counts as a rollout in progress. Terminating pods are not known.
[[nodiscard]] TargetState CountPodsAt(TimePoint time, Replicas size, Replicas taken_away,
                                      const std::vector<const Pod*>& pods);

}  // namespace evenkeel
