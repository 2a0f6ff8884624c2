#include "controller/kubernetes/population.hpp"

#include <algorithm>
#include <chrono>

#include "controller/core/upper_median.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;

// As the HPA's --horizontal-pod-autoscaler-initial-readiness-delay: a pod that turned unready this
// soon after its start never was ready.
constexpr milliseconds kInitialReadinessDelay = std::chrono::seconds(30);

// As a Deployment's progressDeadlineSeconds: what took longer was no start. A pod tells only when
// it turned ready last, which after a failed probe may be days after its start.
constexpr milliseconds kLongestStart = std::chrono::minutes(10);

bool IsStarting(const Pod& pod) {
  if (pod.ready) return false;
  return !pod.started || !pod.unready_since ||
         *pod.unready_since < *pod.started + kInitialReadinessDelay;
}

PodPhase ParsePhase(const std::string& phase) {
  if (phase == "Pending") return PodPhase::kPending;
  if (phase == "Running") return PodPhase::kRunning;
  if (phase == "Succeeded") return PodPhase::kSucceeded;
  return phase == "Failed" ? PodPhase::kFailed : PodPhase::kUnknown;
}

PodFact Describe(const Pod& pod) {
  const PodPhase phase = ParsePhase(pod.phase);
  return {pod.key.name, phase, pod.ready && phase == PodPhase::kRunning, IsStarting(pod),
          pod.deleted.has_value()};
}

bool IsFinished(const PodFact& pod) {
  return pod.phase == PodPhase::kSucceeded || pod.phase == PodPhase::kFailed;
}

void CountReady(const Pod& pod, TargetState& state, std::vector<milliseconds>& startups) {
  ++state.ready;
  if (!pod.ready_since) return;
  state.newest_ready = std::max(state.newest_ready.value_or(*pod.ready_since), *pod.ready_since);
  const milliseconds took = std::max(*pod.ready_since - pod.created, milliseconds(0));
  if (took <= kLongestStart) startups.push_back(took);
}

}  // namespace

TargetState CountPods(const Workload& workload, const std::vector<const Pod*>& pods) {
  TargetState state{.spec_replicas = workload.spec_replicas,
                    .status_replicas = workload.status_replicas};
  state.rollout_in_progress = RolloutInProgress(workload);
  std::vector<milliseconds> startups;
  state.pods.reserve(pods.size());
  for (const Pod* pod : pods) {
    const PodFact& fact = state.pods.emplace_back(Describe(*pod));
    if (fact.terminating) {
      ++state.terminating;
    } else if (fact.ready) {
      CountReady(*pod, state, startups);
    } else if (!IsFinished(fact)) {
      ++state.pending;
    }
  }
  state.startup = UpperMedian(std::move(startups));
  return state;
}

TargetState CountPodsAt(TimePoint time, Replicas size, Replicas taken_away,
                        const std::vector<const Pod*>& pods) {
  TargetState state{.spec_replicas = size, .status_replicas = size};
  std::vector<milliseconds> startups;
  for (const Pod* pod : pods) {
    const bool finished = pod->phase == "Succeeded" || pod->phase == "Failed";
    if (pod->deleted || finished || pod->created > time) continue;
    if (pod->ready && pod->ready_since.value_or(pod->created) <= time) {
      CountReady(*pod, state, startups);
    } else {
      ++state.pending;
    }
  }
  const Replicas gone = std::max(size - state.ready - state.pending, 0);
  state.ready += gone;
  state.rollout_in_progress = gone > taken_away;
  state.startup = UpperMedian(std::move(startups));
  return state;
}

}  // namespace evenkeel
