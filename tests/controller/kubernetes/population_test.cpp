#include "controller/kubernetes/population.hpp"

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kNow{milliseconds(1'800'000'000'000)};

Pod Ready(int created_ago, int startup) {
  const TimePoint created = kNow - seconds(created_ago);
  return {.phase = "Running",
          .created = created,
          .ready = true,
          .ready_since = created + seconds(startup)};
}

TargetState Count(const std::vector<Pod>& pods) {
  std::vector<const Pod*> pointers;
  for (const Pod& pod : pods) pointers.push_back(&pod);
  return CountPods({.kind = "Deployment", .spec_replicas = 5, .status_replicas = 6}, pointers);
}

TEST_CASE("population: each pod counts once") {
  Pod terminating = Ready(100, 5);
  terminating.deleted = kNow;
  const TargetState state = Count({Ready(100, 5),
                                   Ready(50, 7),
                                   {.phase = "Pending"},
                                   {.phase = "Running"},
                                   {.phase = "Succeeded"},
                                   {.phase = "Failed"},
                                   terminating});
  CHECK(state.spec_replicas == 5);
  CHECK(state.status_replicas == 6);
  CHECK(state.ready == 2);
  CHECK(state.pending == 2);
  CHECK(state.terminating == 1);
  CHECK(state.newest_ready == kNow - seconds(43));
}

TEST_CASE("population: the start-up time is the median of the ready pods'") {
  CHECK(Count({Ready(100, 5), Ready(100, 7), Ready(100, 300)}).startup == seconds(7));
  CHECK_FALSE(Count({{.phase = "Pending"}}).startup.has_value());
}

TEST_CASE("population: a readiness before creation, by clocks that differ, is no negative time") {
  CHECK(Count({Ready(100, -3)}).startup == seconds(0));
}

// Started at 0 s, not ready since `since`.
Pod Unready(std::optional<int> since) {
  Pod pod{.key = {"shop", "a"}, .phase = "Running", .started = kNow - seconds(300)};
  if (since) pod.unready_since = *pod.started + seconds(*since);
  return pod;
}

TEST_CASE("population: a pod that is ready again after days did not take days to start") {
  const int days = 3 * 24 * 3600;
  CHECK(Count({Ready(100, 5), Ready(days, days - 9), Ready(days, days - 8)}).startup == seconds(5));
  CHECK(Count({Ready(1000, 600)}).startup == seconds(600));
  CHECK_FALSE(Count({Ready(1000, 601)}).startup.has_value());
}

TEST_CASE("population: every pod is known by name, phase and state") {
  Pod ready = Ready(100, 5);
  ready.key = {"shop", "b"};
  Pod failed{.key = {"shop", "c"}, .phase = "Failed", .deleted = kNow};
  CHECK(Count({ready, failed}).pods ==
        std::vector<PodFact>{{"b", PodPhase::kRunning, true, false, false},
                             {"c", PodPhase::kFailed, false, true, true}});
  const std::pair<const char*, PodPhase> phases[] = {{"Pending", PodPhase::kPending},
                                                     {"Succeeded", PodPhase::kSucceeded},
                                                     {"Unknown", PodPhase::kUnknown}};
  for (const auto& [name, phase] : phases) CHECK(Count({{.phase = name}}).pods[0].phase == phase);
}

TEST_CASE("population: a pod is starting until it was ready once, as the HPA tells it") {
  CHECK(Count({Unready(std::nullopt)}).pods[0].starting);
  CHECK(Count({Unready(0)}).pods[0].starting);
  CHECK(Count({Unready(29)}).pods[0].starting);
  CHECK_FALSE(Count({Unready(30)}).pods[0].starting);
  CHECK_FALSE(Count({Ready(100, 5)}).pods[0].starting);
}

TargetState CountAt(int ago, Replicas size, Replicas taken_away, const std::vector<Pod>& pods) {
  std::vector<const Pod*> pointers;
  for (const Pod& pod : pods) pointers.push_back(&pod);
  return CountPodsAt(kNow - seconds(ago), size, taken_away, pointers);
}

TEST_CASE("population of the past: pods count as what they were then") {
  const std::vector<Pod> pods = {Ready(900, 7), Ready(800, 5), Ready(100, 30)};
  const TargetState before = CountAt(200, 2, 0, pods);
  CHECK(before.ready == 2);
  CHECK(before.pending == 0);
  CHECK(before.newest_ready == kNow - seconds(795));
  CHECK(before.startup == seconds(7));
  CHECK_FALSE(before.rollout_in_progress);
  const TargetState starting = CountAt(80, 3, 0, pods);
  CHECK(starting.spec_replicas == 3);
  CHECK(starting.ready == 2);
  CHECK(starting.pending == 1);
  CHECK(CountAt(70, 3, 0, pods).ready == 3);
}

TEST_CASE("population of the past: pods that scale-in has taken since were ready") {
  const TargetState state = CountAt(100, 5, 3, {Ready(900, 5), Ready(900, 5)});
  CHECK(state.ready == 5);
  CHECK_FALSE(state.rollout_in_progress);
}

TEST_CASE("population of the past: more gone than scale-in took means that pods were replaced") {
  const TargetState state = CountAt(100, 3, 0, {Ready(900, 5), Ready(900, 5), Ready(50, 5)});
  CHECK(state.ready == 3);
  CHECK(state.rollout_in_progress);
}

}  // namespace
}  // namespace evenkeel
