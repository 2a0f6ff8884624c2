#include "controller/kubernetes/object_parser.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>

#include "controller/core/time_format.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;

constexpr const char* kDeployment = R"({
  "apiVersion": "apps/v1", "kind": "Deployment",
  "metadata": {"name": "checkout", "namespace": "shop", "uid": "u-1", "resourceVersion": "812",
    "generation": 7, "creationTimestamp": "2026-01-02T03:04:05Z",
    "annotations": {"deployment.kubernetes.io/revision": "3"}, "managedFields": [
      {"manager": "kubectl", "operation": "Update", "apiVersion": "apps/v1",
       "time": "2026-01-02T03:05:00Z", "fieldsType": "FieldsV1", "subresource": "scale",
       "fieldsV1": {"f:metadata": {"f:labels": {}}, "f:spec": {"f:replicas": {}, "f:paused": {}}}}
    ]},
  "spec": {"replicas": 4, "paused": true, "template": {"spec": {"containers": [{"env": []}]}}},
  "status": {"observedGeneration": 6, "replicas": 5, "updatedReplicas": 4, "readyReplicas": 3,
    "availableReplicas": 2, "unavailableReplicas": 1,
    "conditions": [{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
      {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}]}})";

constexpr const char* kPod = R"({
  "metadata": {"name": "checkout-1-x", "namespace": "shop", "uid": "u-p", "resourceVersion": "9",
    "creationTimestamp": "2026-01-02T03:04:05Z", "deletionTimestamp": "2026-01-02T04:00:00Z",
    "ownerReferences": [{"kind": "Other", "name": "o", "uid": "u-o"},
      {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "checkout-1", "uid": "u-rs",
       "controller": true}]},
  "spec": {"containers": [{"name": "c"}]},
  "status": {"phase": "Running", "startTime": "2026-01-02T03:04:07Z",
    "conditions": [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "True",
      "lastTransitionTime": "2026-01-02T03:04:25Z"}]}})";

Result<Object> Parse(ResourceKind kind, const std::string& text) {
  auto value = ParseFiltered(text, ShapeOf(kind));
  if (!value) return value.error();
  return ToObject(kind, *std::move(value));
}

template <class T>
T Expect(ResourceKind kind, const std::string& text) {
  const auto object = Parse(kind, text);
  if (!object) FAIL(object.error().message);
  REQUIRE(std::holds_alternative<T>(*object));
  return std::get<T>(*object);
}

std::string With(const char* text, const char* pointer, const json& value) {
  json object = json::parse(text);
  object[json::json_pointer(pointer)] = value;
  return object.dump();
}

std::string Without(const char* text, const char* parent, const char* field) {
  json object = json::parse(text);
  object[json::json_pointer(parent)].erase(field);
  return object.dump();
}

TEST_CASE("a deployment is read") {
  const auto deployment = Expect<Workload>(ResourceKind::kDeployments, kDeployment);
  CHECK(deployment == Workload{.kind = "Deployment",
                               .key = {"shop", "checkout"},
                               .uid = "u-1",
                               .resource_version = "812",
                               .generation = 7,
                               .observed_generation = 6,
                               .created = *ParseTime("2026-01-02T03:04:05Z"),
                               .spec_replicas = 4,
                               .paused = true,
                               .status_replicas = 5,
                               .updated_replicas = 4,
                               .ready_replicas = 3,
                               .available_replicas = 2,
                               .unavailable_replicas = 1,
                               .progressing_reason = "ReplicaSetUpdated",
                               .replicas_writer = ReplicasWriter{
                                   "kubectl", false, *ParseTime("2026-01-02T03:05:00Z")}});
}

TEST_CASE("only what is needed of a deployment is kept") {
  const auto kept = ParseFiltered(kDeployment, ShapeOf(ResourceKind::kDeployments));
  REQUIRE(kept);
  CHECK_FALSE(kept->contains("apiVersion"));
  CHECK((*kept)["metadata"]["managedFields"] ==
        json::parse(R"([{"manager": "kubectl", "subresource": "scale",
                         "time": "2026-01-02T03:05:00Z",
                         "fieldsV1": {"f:spec": {"f:replicas": {}}}}])"));
  CHECK_FALSE((*kept)["metadata"].contains("annotations"));
  CHECK_FALSE((*kept)["spec"].contains("template"));
  CHECK((*kept)["status"]["conditions"][0] ==
        json({{"type", "Available"}, {"reason", "MinimumReplicasAvailable"}}));
}

TEST_CASE("a stateful set has its revisions and its strategy") {
  const auto set = Expect<Workload>(ResourceKind::kStatefulSets, R"({
      "metadata": {"name": "db", "namespace": "shop", "creationTimestamp": "2026-01-02T03:04:05Z"},
      "spec": {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}},
      "status": {"currentRevision": "db-1", "updateRevision": "db-2"}})");
  CHECK(set.kind == "StatefulSet");
  CHECK(set.current_revision == "db-1");
  CHECK(set.update_revision == "db-2");
  CHECK(set.update_strategy == "RollingUpdate");
  CHECK(set.partition == 2);
}

TEST_CASE("absent replicas are one in a spec and none in a status") {
  const auto deployment = Expect<Workload>(ResourceKind::kDeployments, R"({
      "metadata": {"name": "a", "creationTimestamp": "2026-01-02T03:04:05Z"}})");
  CHECK(deployment.spec_replicas == 1);
  CHECK(deployment.status_replicas == 0);
}

TEST_CASE("a replica set names the deployment that controls it") {
  const auto set = Expect<Workload>(ResourceKind::kReplicaSets, R"({
      "metadata": {"name": "a-1", "creationTimestamp": "2026-01-02T03:04:05Z",
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "a",
                             "uid": "u", "controller": true}]}})");
  CHECK(set.controller == ControllerRef{"apps/v1", "Deployment", "a", "u"});
}

TEST_CASE("who set the replicas of a set that a deployment controls is not kept") {
  json set = json::parse(kDeployment);
  set["metadata"]["ownerReferences"] = {{{"name", "a"}, {"uid", "u"}, {"controller", true}}};
  CHECK_FALSE(Expect<Workload>(ResourceKind::kReplicaSets, set.dump()).replicas_writer);
}

TEST_CASE("a pod is read") {
  CHECK(Expect<Pod>(ResourceKind::kPods, kPod) ==
        Pod{.key = {"shop", "checkout-1-x"},
            .uid = "u-p",
            .controller = ControllerRef{"apps/v1", "ReplicaSet", "checkout-1", "u-rs"},
            .phase = "Running",
            .created = *ParseTime("2026-01-02T03:04:05Z"),
            .started = ParseTime("2026-01-02T03:04:07Z"),
            .ready = true,
            .ready_since = ParseTime("2026-01-02T03:04:25Z"),
            .deleted = ParseTime("2026-01-02T04:00:00Z")});
}

TEST_CASE("a pod is ready only if its condition says so") {
  const auto unready =
      Expect<Pod>(ResourceKind::kPods, With(kPod, "/status/conditions/1/status", "False"));
  CHECK_FALSE(unready.ready);
  CHECK_FALSE(unready.ready_since);
  CHECK(unready.unready_since == ParseTime("2026-01-02T03:04:25Z"));
  CHECK_FALSE(Expect<Pod>(ResourceKind::kPods, Without(kPod, "/status", "conditions")).ready);
}

TEST_CASE("the owner references of a pod without a controller name none") {
  const auto orphan =
      Expect<Pod>(ResourceKind::kPods, With(kPod, "/metadata/ownerReferences/1/controller", false));
  CHECK_FALSE(orphan.controller);
}

TEST_CASE("autoscalers are owners of their targets") {
  const std::string hpa = R"({"metadata": {"name": "h", "namespace": "shop",
      "creationTimestamp": "2026-01-02T03:04:05Z"}, "spec": {"maxReplicas": 3, "scaleTargetRef":
      {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "checkout"}}})";
  const TimePoint created = *ParseTime("2026-01-02T03:04:05Z");
  CHECK(Expect<Owner>(ResourceKind::kHorizontalPodAutoscalers, hpa) ==
        Owner{"HorizontalPodAutoscaler",
              {"shop", "h"},
              {"argoproj.io/v1alpha1", "Rollout", "checkout"},
              created});
}

TEST_CASE("a scaled object's target is a deployment unless it says otherwise") {
  const auto owner = Expect<Owner>(ResourceKind::kScaledObjects, R"({
      "metadata": {"name": "s", "namespace": "shop", "creationTimestamp": "2026-01-02T03:04:05Z"},
      "spec": {"scaleTargetRef": {"name": "checkout"}}})");
  CHECK(owner.kind == "ScaledObject");
  CHECK(owner.target == TargetRef{"apps/v1", "Deployment", "checkout"});
}

TEST_CASE("a scaling policy stays JSON, less what others wrote about it") {
  const auto policy = Expect<CustomObject>(ResourceKind::kScalingPolicies, R"({
      "metadata": {"name": "p", "namespace": "shop", "managedFields": [1],
                   "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
                   "creationTimestamp": "2026-01-02T03:04:05Z"},
      "spec": {"anything": {"annotations": [1, 2]}}, "status": {"x": 1}})");
  CHECK(policy.key == ObjectKey{"shop", "p"});
  CHECK(policy.json == json::parse(R"({
      "metadata": {"name": "p", "namespace": "shop", "creationTimestamp": "2026-01-02T03:04:05Z"},
      "spec": {"anything": {"annotations": [1, 2]}}, "status": {"x": 1}})"));
}

TEST_CASE("a wrong field is malformed, and named") {
  const auto fault = [](const std::string& text) {
    const auto object = Parse(ResourceKind::kDeployments, text);
    REQUIRE_FALSE(object);
    CHECK(object.error().kind == ErrorKind::kMalformed);
    return object.error().message;
  };
  CHECK(fault(With(kDeployment, "/spec/replicas", "4")) ==
        "Deployment shop/checkout: field spec.replicas is missing or not as it should be");
  CHECK_THAT(fault(With(kDeployment, "/spec/replicas", -1)), Catch::Contains("spec.replicas"));
  CHECK_THAT(fault(With(kDeployment, "/status/replicas", 3'000'000'000)),
             Catch::Contains("status.replicas"));
  CHECK_THAT(fault(With(kDeployment, "/metadata/generation", 18'446'744'073'709'551'615U)),
             Catch::Contains("metadata.generation"));
  CHECK_THAT(fault(With(kDeployment, "/metadata/creationTimestamp", "yesterday")),
             Catch::Contains("metadata.creationTimestamp"));
  CHECK_THAT(fault(Without(kDeployment, "/metadata", "name")), Catch::Contains("metadata.name"));
  CHECK_FALSE(Parse(ResourceKind::kPods, "[]"));
}

}  // namespace
}  // namespace evenkeel
