#include "controller/kubernetes/watch_health.hpp"

#include "support/catch.hpp"

namespace evenkeel {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow{1'800'000'000s};

WatchUpdate Trouble(ResourceKind resource, int failures = 1) {
  return {resource, WatchTrouble{{ErrorKind::kUnavailable, "down", {}}, failures}};
}

TEST_CASE(
    "watch health: an interruption counts from its first failure, and is distrusted in time") {
  WatchHealth health;
  health.Note(Trouble(ResourceKind::kPods), kNow);
  health.Note(Trouble(ResourceKind::kPods, 2), kNow + 60s);
  CHECK(health.Interrupted(ResourceKind::kPods, kNow + 100s) == 100s);
  CHECK(health.Interrupted(ResourceKind::kDeployments, kNow + 100s) == 0s);
  CHECK(health.Distrust(kNow + 119s).empty());
  CHECK(health.Distrust(kNow + 120s) == "the watch of pods has been interrupted for 2m");
}

TEST_CASE("watch health: whatever a watch says else ends its interruption, and no other's") {
  const WatchUpdate well[] = {{ResourceKind::kPods, WatchRecovered{}},
                              {ResourceKind::kPods, ListReplaced{}},
                              {ResourceKind::kPods, ObjectDeleted{}}};
  for (const WatchUpdate& update : well) {
    WatchHealth health;
    health.Note(Trouble(ResourceKind::kPods), kNow);
    health.Note(Trouble(ResourceKind::kReplicaSets), kNow);
    health.Note(update, kNow + 60s);
    CHECK(health.Interrupted(ResourceKind::kPods, kNow + 60s) == 0s);
    CHECK(health.Distrust(kNow + 200s) ==
          "the watch of replicasets has been interrupted for 3m20s");
  }
}

TEST_CASE("watch health: a watch that had been well and is resumed at once is not interrupted") {
  WatchHealth health;
  health.Note(Trouble(ResourceKind::kPods, 0), kNow);
  CHECK(health.Distrust(kNow + 1h).empty());
}

TEST_CASE("watch health: what the cluster need not have says nothing of its pods") {
  WatchHealth health;
  health.Note(Trouble(ResourceKind::kScaledObjects), kNow);
  CHECK(health.Interrupted(ResourceKind::kScaledObjects, kNow + 1h) == 1h);
  CHECK(health.Distrust(kNow + 1h).empty());
}

TEST_CASE("watch health: a clock that is set back makes no negative time") {
  WatchHealth health;
  health.Note(Trouble(ResourceKind::kPods), kNow);
  CHECK(health.Interrupted(ResourceKind::kPods, kNow - 1h) == 0s);
}

}  // namespace
}  // namespace evenkeel
