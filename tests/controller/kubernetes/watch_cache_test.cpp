#include "controller/kubernetes/watch_cache.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace evenkeel {
namespace {

ControllerRef Ref(const std::string& uid) { return {"apps/v1", "Kind", "name", uid}; }

Pod MakePod(const std::string& name, const std::string& controller_uid) {
  Pod pod{.key = {"shop", name}, .uid = name, .phase = "Running"};
  if (!controller_uid.empty()) pod.controller = Ref(controller_uid);
  return pod;
}

Workload MakeWorkload(const char* kind, const std::string& name, const std::string& uid) {
  return {.kind = kind, .key = {"shop", name}, .uid = uid};
}

WatchUpdate Upsert(ResourceKind resource, Object object) {
  return {resource, ObjectUpserted{std::move(object)}};
}

std::vector<std::string> Names(const std::vector<const Pod*>& pods) {
  std::vector<std::string> names;
  for (const Pod* pod : pods) names.push_back(pod->key.name);
  std::sort(names.begin(), names.end());
  return names;
}

using Strings = std::vector<std::string>;

TEST_CASE("a list replaces everything: what it does not name is gone") {
  WatchCache cache;
  cache.Apply(Upsert(ResourceKind::kPods, MakePod("a", "rs1")));
  cache.Apply(Upsert(ResourceKind::kPods, MakePod("b", "rs1")));
  cache.Apply({ResourceKind::kPods, ListReplaced{{MakePod("b", "rs2"), MakePod("c", "rs2")}}});
  CHECK(cache.pods.Find({"shop", "a"}) == nullptr);
  CHECK(cache.pods.all().size() == 2);
  CHECK(cache.pods.ControlledBy("rs1").empty());
  CHECK(Names(cache.pods.ControlledBy("rs2")) == Strings{"b", "c"});
}

TEST_CASE("an event changes one object") {
  WatchCache cache;
  cache.Apply({ResourceKind::kPods, ListReplaced{{MakePod("a", "rs"), MakePod("b", "rs")}}});
  Pod ready = MakePod("a", "rs");
  ready.ready = true;
  cache.Apply(Upsert(ResourceKind::kPods, ready));
  REQUIRE(cache.pods.Find({"shop", "a"}) != nullptr);
  CHECK(cache.pods.Find({"shop", "a"})->ready);
  CHECK(Names(cache.pods.ControlledBy("rs")) == Strings{"a", "b"});

  cache.Apply({ResourceKind::kPods, ObjectDeleted{{"shop", "a"}}});
  cache.Apply({ResourceKind::kPods, ObjectDeleted{{"shop", "never-seen"}}});
  CHECK(Names(cache.pods.ControlledBy("rs")) == Strings{"b"});
}

TEST_CASE("a pod that is adopted or released follows its controller") {
  WatchCache cache;
  cache.Apply(Upsert(ResourceKind::kPods, MakePod("a", "")));
  CHECK(cache.pods.ControlledBy("").empty());
  cache.Apply(Upsert(ResourceKind::kPods, MakePod("a", "rs1")));
  CHECK(Names(cache.pods.ControlledBy("rs1")) == Strings{"a"});
  cache.Apply(Upsert(ResourceKind::kPods, MakePod("a", "rs2")));
  CHECK(cache.pods.ControlledBy("rs1").empty());
}

TEST_CASE("a deployment's pods are those of all its replica sets, a stateful set's its own") {
  WatchCache cache;
  Workload old_set = MakeWorkload("ReplicaSet", "checkout-1", "rs1");
  Workload new_set = MakeWorkload("ReplicaSet", "checkout-2", "rs2");
  old_set.controller = Ref("deployment");
  new_set.controller = Ref("deployment");
  cache.Apply({ResourceKind::kReplicaSets, ListReplaced{{old_set, new_set}}});
  cache.Apply({ResourceKind::kPods, ListReplaced{{MakePod("a", "rs1"), MakePod("b", "rs2"),
                                                  MakePod("c", "stateful"), MakePod("d", "")}}});
  CHECK(Names(cache.PodsOf("deployment")) == Strings{"a", "b"});
  CHECK(Names(cache.PodsOf("rs1")) == Strings{"a"});
  CHECK(Names(cache.PodsOf("stateful")) == Strings{"c"});
  CHECK(cache.PodsOf("unknown").empty());
}

TEST_CASE("workloads are found by kind and key") {
  WatchCache cache;
  const ObjectKey key{"shop", "x"};
  cache.Apply(Upsert(ResourceKind::kDeployments, MakeWorkload("Deployment", "x", "d")));
  cache.Apply(Upsert(ResourceKind::kStatefulSets, MakeWorkload("StatefulSet", "x", "s")));
  REQUIRE(cache.FindWorkload("Deployment", key) != nullptr);
  CHECK(cache.FindWorkload("Deployment", key)->uid == "d");
  REQUIRE(cache.FindWorkload("StatefulSet", key) != nullptr);
  CHECK(cache.FindWorkload("StatefulSet", key)->uid == "s");
  CHECK(cache.FindWorkload("ReplicaSet", key) == nullptr);
  CHECK(cache.FindWorkload("Rollout", key) == nullptr);
}

TEST_CASE("trouble leaves what was known") {
  WatchCache cache;
  cache.Apply(Upsert(ResourceKind::kScaledObjects, Owner{"ScaledObject", {"shop", "so"}, {}, {}}));
  cache.Apply({ResourceKind::kScaledObjects,
               WatchTrouble{{ErrorKind::kUnavailable, "no connection", {}}, 3}});
  CHECK(cache.scaled_objects.Find({"shop", "so"}) != nullptr);
}

TEST_CASE("each resource has a cache of its own") {
  WatchCache cache;
  cache.Apply(Upsert(ResourceKind::kScalingPolicies, CustomObject{{"shop", "p"}, {}}));
  cache.Apply(Upsert(ResourceKind::kHorizontalPodAutoscalers,
                     Owner{"HorizontalPodAutoscaler", {"shop", "h"}, {}, {}}));
  cache.Apply(Upsert(ResourceKind::kReplicaSets, MakeWorkload("ReplicaSet", "r", "r")));
  CHECK(cache.policies.all().size() == 1);
  CHECK(cache.horizontal_pod_autoscalers.all().size() == 1);
  CHECK(cache.replica_sets.all().size() == 1);
  CHECK(cache.deployments.all().empty());
  CHECK(cache.scaled_objects.all().empty());
}

}  // namespace
}  // namespace evenkeel
