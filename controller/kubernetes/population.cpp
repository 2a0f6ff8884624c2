#include "controller/kubernetes/population.hpp"

#include <algorithm>
#include <chrono>

namespace evenkeel {
namespace {

using std::chrono::milliseconds;

std::optional<milliseconds> Median(std::vector<milliseconds> times) {
  if (times.empty()) return std::nullopt;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

void CountReady(const Pod& pod, TargetState& state, std::vector<milliseconds>& startups) {
  ++state.ready;
  if (!pod.ready_since) return;
  state.newest_ready = std::max(state.newest_ready.value_or(*pod.ready_since), *pod.ready_since);
  startups.push_back(std::max(*pod.ready_since - pod.created, milliseconds(0)));
}

}  // namespace

TargetState CountPods(const Workload& workload, const std::vector<const Pod*>& pods) {
  TargetState state{.spec_replicas = workload.spec_replicas,
                    .status_replicas = workload.status_replicas};
  state.rollout_in_progress = RolloutInProgress(workload);
  std::vector<milliseconds> startups;
  for (const Pod* pod : pods) {
    if (pod->deleted) {
      ++state.terminating;
    } else if (pod->ready) {
      CountReady(*pod, state, startups);
    } else if (pod->phase != "Succeeded" && pod->phase != "Failed") {
      ++state.pending;
    }
  }
  state.startup = Median(std::move(startups));
  return state;
}

}  // namespace evenkeel
