#include "controller/kubernetes/objects.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <variant>

namespace evenkeel {
namespace {

// The reasons that the deployment controller gives while pods of a new template come up. Once all
// are available it says NewReplicaSetAvailable, and keeps that while the deployment is merely
// scaled (k8s.io/kubernetes pkg/controller/deployment/progress.go).
constexpr std::array<std::string_view, 3> kRollingReasons = {
    "NewReplicaSetCreated", "FoundNewReplicaSet", "ReplicaSetUpdated"};

bool DeploymentRollsOut(const Workload& workload) {
  if (workload.status_replicas > workload.updated_replicas) return true;  // old pods are left
  return std::find(kRollingReasons.begin(), kRollingReasons.end(), workload.progressing_reason) !=
         kRollingReasons.end();
}

bool StatefulSetRollsOut(const Workload& workload) {
  if (workload.update_revision == workload.current_revision) return false;
  if (workload.update_strategy == "OnDelete") return false;
  if (workload.partition == 0) return true;
  return workload.updated_replicas < std::max(0, workload.spec_replicas - workload.partition);
}

}  // namespace

bool RolloutInProgress(const Workload& workload) {
  if (workload.observed_generation < workload.generation) return true;
  if (workload.kind == "Deployment") return DeploymentRollsOut(workload);
  if (workload.kind == "StatefulSet") return StatefulSetRollsOut(workload);
  return false;
}

const ObjectKey& KeyOf(const Object& object) {
  return std::visit([](const auto& value) -> const ObjectKey& { return value.key; }, object);
}

}  // namespace evenkeel
