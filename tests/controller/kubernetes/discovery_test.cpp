#include <string>
#include <string_view>

#include "controller/kubernetes/responses.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

constexpr std::string_view kArgo = "argoproj.io/v1alpha1";

Result<Resource> Discover(int status, const std::string& resources, std::string_view kind) {
  return ParseDiscovery(
      {status, {}, R"({"kind": "APIResourceList", "resources": )" + resources + "}"}, kArgo, kind);
}

std::string Refusal(int status, const std::string& resources, std::string_view kind) {
  const auto resource = Discover(status, resources, kind);
  REQUIRE_FALSE(resource);
  CHECK(resource.error().kind == ErrorKind::kInvalid);
  return resource.error().message;
}

const std::string kRollouts = R"([
    {"name": "rollouts/scale", "kind": "Scale", "namespaced": true},
    {"name": "rollouts/status", "kind": "Rollout", "namespaced": true},
    {"name": "rollouts", "kind": "Rollout", "namespaced": true},
    {"name": "workflows", "kind": "Workflow", "namespaced": true},
    {"name": "clusterthings", "kind": "ClusterThing", "namespaced": false}])";

TEST_CASE("a kind's plural is found in its group") {
  const auto resource = Discover(200, kRollouts, "Rollout");
  REQUIRE(resource);
  CHECK(*resource == Resource{"argoproj.io", "v1alpha1", "rollouts", "Rollout"});
}

TEST_CASE("the core group has no name") {
  const auto resource = ParseDiscovery({200, {}, R"({"resources": [
          {"name": "replicationcontrollers", "kind": "ReplicationController", "namespaced": true},
          {"name": "replicationcontrollers/scale", "kind": "Scale", "namespaced": true}]})"},
                                       "v1", "ReplicationController");
  REQUIRE(resource);
  CHECK(*resource == Resource{"", "v1", "replicationcontrollers", "ReplicationController"});
  CHECK(resource->ApiVersion() == "v1");
}

TEST_CASE("a kind that cannot be scaled is refused in words") {
  CHECK(Refusal(200, kRollouts, "Rolout") ==
        "Rolout of argoproj.io/v1alpha1 is unknown to the cluster: the group has no such kind");
  CHECK(Refusal(200, kRollouts, "Workflow") ==
        "Workflow of argoproj.io/v1alpha1 cannot be scaled: it has no scale subresource");
  CHECK(Refusal(200, kRollouts, "ClusterThing") ==
        "ClusterThing of argoproj.io/v1alpha1 cannot be scaled: it has no namespace");
  CHECK(Refusal(404, "[]", "Rollout") ==
        "Rollout of argoproj.io/v1alpha1 is unknown to the cluster: it has no such API version");
}

TEST_CASE("a discovery that failed says nothing of the kind") {
  const auto refused = Discover(403, "[]", "Rollout");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::kForbidden);
  const auto broken = Discover(200, "3", "Rollout");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().kind == ErrorKind::kMalformed);
}

}  // namespace
}  // namespace evenkeel
