// The kinds of objects that the controller reads or writes, and where the API server keeps them.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace evenkeel {

// The watched resources.
enum class ResourceKind : std::uint8_t {
  kScalingPolicies,
  kDeployments,
  kStatefulSets,
  kReplicaSets,
  kPods,
  kHorizontalPodAutoscalers,
  kScaledObjects,  // KEDA's; the cluster may not know them
};

inline constexpr std::array kAllResources = {
    ResourceKind::kScalingPolicies,
    ResourceKind::kDeployments,
    ResourceKind::kStatefulSets,
    ResourceKind::kReplicaSets,
    ResourceKind::kPods,
    ResourceKind::kScaledObjects,
    ResourceKind::kHorizontalPodAutoscalers,
};

struct Resource {
  std::string group;  // empty for the core group
  std::string version;
  std::string plural;  // "deployments"
  std::string kind;    // "Deployment"
  // The cluster need not have it: a list answered with 404 means that there are none.
  bool optional = false;

  bool operator==(const Resource&) const = default;
  // "apps/v1"; "v1" for the core group.
  [[nodiscard]] std::string ApiVersion() const {
    return group.empty() ? version : group + "/" + version;
  }
};

[[nodiscard]] const Resource& Describe(ResourceKind kind);

}  // namespace evenkeel
