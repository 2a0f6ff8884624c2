#include "controller/kubernetes/object_parser.hpp"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/core/ownership.hpp"
#include "controller/core/scaling_policy.hpp"
#include "controller/kubernetes/json_access.hpp"
#include "controller/kubernetes/json_filter.hpp"
#include "controller/kubernetes/managed_fields.hpp"
#include "controller/kubernetes/objects.hpp"
#include "controller/kubernetes/resources.hpp"
#include "policies/policy.hpp"
#include "policies/reading.hpp"
#include "policies/result.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using Paths = std::vector<std::string_view>;

Shape MakeShape(const Paths& fields) {
  Paths paths = {"kind", "metadata.name", "metadata.namespace", "metadata.uid",
                 "metadata.resourceVersion", "metadata.creationTimestamp",
                 // metav1.Status
                 "message", "code", "reason", "details.retryAfterSeconds"};
  paths.insert(paths.end(), fields.begin(), fields.end());
  return Shape::Only(paths);
}

Shape WorkloadShape() {
  Paths fields = {"metadata.generation",
                  "metadata.deletionTimestamp",
                  "metadata.ownerReferences",
                  "spec.replicas",
                  "spec.paused",
                  "spec.updateStrategy",
                  "status.observedGeneration",
                  "status.replicas",
                  "status.updatedReplicas",
                  "status.readyReplicas",
                  "status.availableReplicas",
                  "status.unavailableReplicas",
                  "status.currentRevision",
                  "status.updateRevision",
                  "status.conditions.type",
                  "status.conditions.reason"};
  fields.insert(fields.end(), kWriterFields.begin(), kWriterFields.end());
  return MakeShape(fields);
}

// Reads the fields of one object and remembers the first that is wrong.
class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {}

  ObjectKey Key() {
    ObjectKey key{StringField(object_, "metadata.namespace"),
                  StringField(object_, "metadata.name")};
    if (key.name.empty()) Fault("metadata.name");
    return key;
  }

  std::string Text(std::string_view path) const { return StringField(object_, path); }
  bool Flag(std::string_view path) const { return BoolField(object_, path); }

  std::int64_t Integer(std::string_view path, std::int64_t absent = 0) {
    if (FindField(object_, path) == nullptr) return absent;
    const auto value = IntegerField(object_, path);
    if (!value || *value < 0) Fault(path);
    return value.value_or(absent);
  }

  Replicas Count(std::string_view path, Replicas absent = 0) {
    const std::int64_t value = Integer(path, absent);
    if (value > std::numeric_limits<Replicas>::max()) {
      Fault(path);
      return absent;
    }
    return static_cast<Replicas>(value);
  }

  std::optional<TimePoint> Time(std::string_view path) {
    if (FindField(object_, path) == nullptr) return std::nullopt;
    const auto time = TimeField(object_, path);
    if (!time) Fault(path);
    return time;
  }

  TimePoint Created() {
    const auto created = Time("metadata.creationTimestamp");
    if (!created) Fault("metadata.creationTimestamp");
    return created.value_or(TimePoint{});
  }

  std::optional<ControllerRef> Controller() const {
    const json* owners = FindField(object_, "metadata.ownerReferences");
    if (owners == nullptr || !owners->is_array()) return std::nullopt;
    for (const json& owner : *owners) {
      if (!BoolField(owner, "controller")) continue;
      return ControllerRef{StringField(owner, "apiVersion"), StringField(owner, "kind"),
                           StringField(owner, "name"), StringField(owner, "uid")};
    }
    return std::nullopt;
  }

  std::optional<ReplicasWriter> Writer() const { return FindReplicasWriter(object_); }

  // The condition of this type; null if there is none.
  const json* Condition(std::string_view type) const {
    const json* conditions = FindField(object_, "status.conditions");
    if (conditions == nullptr || !conditions->is_array()) return nullptr;
    for (const json& condition : *conditions) {
      if (StringField(condition, "type") == type) return &condition;
    }
    return nullptr;
  }

  void Fault(std::string_view path) {
    if (fault_.empty()) fault_ = path;
  }
  const std::string& fault() const { return fault_; }

 private:
  const json& object_;
  std::string fault_;
};

Workload ReadWorkload(ResourceKind kind, Reader& in) {
  Workload workload{.kind = Describe(kind).kind,
                    .key = in.Key(),
                    .uid = in.Text("metadata.uid"),
                    .resource_version = in.Text("metadata.resourceVersion"),
                    .generation = in.Integer("metadata.generation"),
                    .observed_generation = in.Integer("status.observedGeneration"),
                    .created = in.Created(),
                    .deleted = in.Time("metadata.deletionTimestamp"),
                    .controller = in.Controller(),
                    .spec_replicas = in.Count("spec.replicas", 1),
                    .paused = in.Flag("spec.paused"),
                    .status_replicas = in.Count("status.replicas"),
                    .updated_replicas = in.Count("status.updatedReplicas"),
                    .ready_replicas = in.Count("status.readyReplicas"),
                    .available_replicas = in.Count("status.availableReplicas"),
                    .unavailable_replicas = in.Count("status.unavailableReplicas"),
                    .progressing_reason = {},
                    .current_revision = in.Text("status.currentRevision"),
                    .update_revision = in.Text("status.updateRevision"),
                    .update_strategy = in.Text("spec.updateStrategy.type"),
                    .partition = in.Count("spec.updateStrategy.rollingUpdate.partition")};
  if (!workload.controller) workload.replicas_writer = in.Writer();
  if (const json* progressing = in.Condition("Progressing")) {
    workload.progressing_reason = StringField(*progressing, "reason");
  }
  return workload;
}

Pod ReadPod(Reader& in) {
  Pod pod{.key = in.Key(),
          .uid = in.Text("metadata.uid"),
          .controller = in.Controller(),
          .phase = in.Text("status.phase"),
          .created = in.Created(),
          .started = in.Time("status.startTime"),
          .deleted = in.Time("metadata.deletionTimestamp")};
  const json* ready = in.Condition("Ready");
  if (ready == nullptr) return pod;
  pod.ready = StringField(*ready, "status") == "True";
  (pod.ready ? pod.ready_since : pod.unready_since) = TimeField(*ready, "lastTransitionTime");
  return pod;
}

// The fields of the reference differ only in their defaults: an HPA's are required.
Owner ReadOwner(ResourceKind kind, Reader& in) {
  TargetRef target{in.Text("spec.scaleTargetRef.apiVersion"), in.Text("spec.scaleTargetRef.kind"),
                   in.Text("spec.scaleTargetRef.name")};
  if (target.api_version.empty()) target.api_version = TargetRef{}.api_version;
  if (target.kind.empty()) target.kind = TargetRef{}.kind;
  return {Describe(kind).kind, in.Key(), std::move(target), in.Created()};
}

// `object` is what `in` reads; given up where it is kept whole.
Object ReadObject(ResourceKind kind, json& object, Reader& in) {
  switch (kind) {
    case ResourceKind::kDeployments:
    case ResourceKind::kStatefulSets:
    case ResourceKind::kReplicaSets:
      return ReadWorkload(kind, in);
    case ResourceKind::kPods:
      return ReadPod(in);
    case ResourceKind::kHorizontalPodAutoscalers:
    case ResourceKind::kScaledObjects:
      return ReadOwner(kind, in);
    case ResourceKind::kScalingPolicies:
      break;
  }
  ObjectKey key = in.Key();
  return CustomObject{std::move(key), std::move(object)};
}

}  // namespace

const Shape& ShapeOf(ResourceKind kind) {
  static const Shape policy = Shape::AllBut({"metadata.managedFields", "metadata.annotations"});
  static const Shape workload = WorkloadShape();
  static const Shape pod =
      MakeShape({"metadata.ownerReferences", "metadata.deletionTimestamp", "status.phase",
                 "status.startTime", "status.conditions.type", "status.conditions.status",
                 "status.conditions.lastTransitionTime"});
  static const Shape owner = MakeShape({"spec.scaleTargetRef"});
  switch (kind) {
    case ResourceKind::kDeployments:
    case ResourceKind::kStatefulSets:
    case ResourceKind::kReplicaSets:
      return workload;
    case ResourceKind::kPods:
      return pod;
    case ResourceKind::kHorizontalPodAutoscalers:
    case ResourceKind::kScaledObjects:
      return owner;
    case ResourceKind::kScalingPolicies:
      break;
  }
  return policy;
}

Result<Object> ToObject(ResourceKind kind, json value) {
  if (!value.is_object()) return Error{ErrorKind::kMalformed, "an object was expected", {}};
  Reader in(value);
  Object object = ReadObject(kind, value, in);
  if (in.fault().empty()) return object;
  const ObjectKey& key = KeyOf(object);
  return Error{ErrorKind::kMalformed,
               Describe(kind).kind + " " + key.ToString() + ": field " + in.fault() +
                   " is missing or not as it should be",
               {}};
}

}  // namespace evenkeel
