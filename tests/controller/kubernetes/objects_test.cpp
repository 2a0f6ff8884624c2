#include "controller/kubernetes/objects.hpp"

#include "support/catch.hpp"

namespace evenkeel {
namespace {

// Rolled out to the last pod.
Workload Settled(const char* kind) {
  return {.kind = kind,
          .key = {"shop", "checkout"},
          .uid = "u",
          .resource_version = "1",
          .generation = 4,
          .observed_generation = 4,
          .spec_replicas = 3,
          .status_replicas = 3,
          .updated_replicas = 3,
          .ready_replicas = 3,
          .available_replicas = 3,
          .progressing_reason = "NewReplicaSetAvailable",
          .current_revision = "a",
          .update_revision = "a",
          .update_strategy = "RollingUpdate"};
}

TEST_CASE("a settled workload is not rolling out") {
  CHECK_FALSE(RolloutInProgress(Settled("Deployment")));
  CHECK_FALSE(RolloutInProgress(Settled("StatefulSet")));
  CHECK_FALSE(RolloutInProgress(Settled("ReplicaSet")));
}

TEST_CASE("a spec that its controller has not seen counts as a rollout") {
  for (const char* kind : {"Deployment", "StatefulSet", "ReplicaSet"}) {
    Workload workload = Settled(kind);
    workload.generation = 5;
    CHECK(RolloutInProgress(workload));
  }
}

TEST_CASE("a deployment rolls out while pods of an old template are left") {
  Workload deployment = Settled("Deployment");
  deployment.updated_replicas = 2;
  CHECK(RolloutInProgress(deployment));
}

TEST_CASE("a deployment rolls out until all its new pods are available") {
  Workload deployment = Settled("Deployment");
  deployment.progressing_reason = "ReplicaSetUpdated";
  CHECK(RolloutInProgress(deployment));
}

TEST_CASE("a deployment that is merely scaled is not rolling out") {
  Workload deployment = Settled("Deployment");
  deployment.spec_replicas = 9;
  deployment.unavailable_replicas = 6;
  CHECK_FALSE(RolloutInProgress(deployment));
}

TEST_CASE("a paused deployment without old pods is not rolling out") {
  Workload deployment = Settled("Deployment");
  deployment.paused = true;
  deployment.progressing_reason = "DeploymentPaused";
  CHECK_FALSE(RolloutInProgress(deployment));
}

TEST_CASE("a stateful set rolls out while its revisions differ") {
  Workload set = Settled("StatefulSet");
  set.update_revision = "b";
  CHECK(RolloutInProgress(set));
}

TEST_CASE("a stateful set held back by its partition or OnDelete has gone as far as it may") {
  Workload set = Settled("StatefulSet");
  set.update_revision = "b";
  set.partition = 2;
  set.updated_replicas = 0;
  CHECK(RolloutInProgress(set));
  set.updated_replicas = 1;
  CHECK_FALSE(RolloutInProgress(set));

  set.partition = 0;
  set.update_strategy = "OnDelete";
  CHECK_FALSE(RolloutInProgress(set));
}

}  // namespace
}  // namespace evenkeel
