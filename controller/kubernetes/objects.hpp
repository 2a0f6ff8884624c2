// Kubernetes objects, cut down to the fields that scaling needs.
//
// The parsers (responses.hpp) drop everything else while reading, so that a cluster of ten thousand
// pods costs megabytes and not gigabytes. Absent counters are 0, as Kubernetes omits zeros.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>

#include "controller/core/observation.hpp"
#include "controller/core/ownership.hpp"
#include "controller/core/scaling_policy.hpp"
#include "policies/policy.hpp"
#include "policies/reading.hpp"

namespace evenkeel {

// The owner reference with `controller: true`.
struct ControllerRef {
  std::string api_version{};
  std::string kind{};
  std::string name{};
  std::string uid{};

  bool operator==(const ControllerRef&) const = default;
};

// A Deployment, StatefulSet or ReplicaSet.
struct Workload {
  std::string kind{};
  ObjectKey key{};
  std::string uid{};
  std::string resource_version{};  // equals that of its /scale: the precondition of a patch
  std::int64_t generation = 0;
  std::int64_t observed_generation = 0;
  TimePoint created{};
  std::optional<TimePoint> deleted{};  // metadata.deletionTimestamp
  std::optional<ControllerRef> controller{};

  Replicas spec_replicas = 1;  // Kubernetes' default where the spec has none
  bool paused = false;         // Deployment: spec.paused
  Replicas status_replicas = 0;
  Replicas updated_replicas = 0;  // of the newest template
  Replicas ready_replicas = 0;
  Replicas available_replicas = 0;
  Replicas unavailable_replicas = 0;

  std::string progressing_reason{};  // Deployment: reason of the condition Progressing
  std::string current_revision{};    // StatefulSet: status.currentRevision
  std::string update_revision{};     // StatefulSet: status.updateRevision
  std::string update_strategy{};     // StatefulSet: "RollingUpdate" or "OnDelete"
  Replicas partition = 0;            // StatefulSet: ordinals below it keep the old template
  // Not kept of workloads that another one controls: nobody scales those.
  std::optional<ReplicasWriter> replicas_writer{};

  bool operator==(const Workload&) const = default;
};

// Is a new template on its way to the pods? True as well while the workload's controller has not
// yet seen the newest spec, since then nobody can tell. A StatefulSet that is held back on purpose
// (OnDelete, partition) is not rolling out once it has gone as far as it may.
[[nodiscard]] bool RolloutInProgress(const Workload& workload);

struct Pod {
  ObjectKey key{};
  std::string uid{};
  std::optional<ControllerRef> controller{};
  std::string phase{};  // "Pending", "Running", "Succeeded", "Failed", "Unknown"
  TimePoint created{};
  std::optional<TimePoint> started{};        // status.startTime
  bool ready = false;                        // condition Ready
  std::optional<TimePoint> ready_since{};    // its lastTransitionTime while ready
  std::optional<TimePoint> unready_since{};  // its lastTransitionTime while not ready
  std::optional<TimePoint> deleted{};        // metadata.deletionTimestamp: terminating

  bool operator==(const Pod&) const = default;
};

// An object that is kept as JSON, less metadata.managedFields and annotations: a ScalingPolicy.
struct CustomObject {
  ObjectKey key{};
  nlohmann::json json;

  bool operator==(const CustomObject&) const = default;
};

// Deployments, StatefulSets, ReplicaSets: Workload. HPAs, ScaledObjects: Owner.
using Object = std::variant<Workload, Pod, Owner, CustomObject>;

[[nodiscard]] const ObjectKey& KeyOf(const Object& object);

// autoscaling/v1 Scale, as read from and answered by /scale.
struct Scale {
  ObjectKey key{};
  std::string uid{};
  std::string resource_version{};
  Replicas spec_replicas = 0;
  Replicas status_replicas = 0;
  std::string selector{};  // label selector of the pods, as a query string: "app=checkout"

  bool operator==(const Scale&) const = default;
};

}  // namespace evenkeel
