#include "controller/kubernetes/resources.hpp"

namespace evenkeel {

const Resource& Describe(ResourceKind kind) {
  static const Resource policies{"evenkeel.dev", "v1alpha1", "scalingpolicies", "ScalingPolicy"};
  static const Resource deployments{"apps", "v1", "deployments", "Deployment"};
  static const Resource stateful_sets{"apps", "v1", "statefulsets", "StatefulSet"};
  static const Resource replica_sets{"apps", "v1", "replicasets", "ReplicaSet"};
  static const Resource pods{"", "v1", "pods", "Pod"};
  static const Resource hpas{"autoscaling", "v2", "horizontalpodautoscalers",
                             "HorizontalPodAutoscaler"};
  static const Resource scaled_objects{"keda.sh", "v1alpha1", "scaledobjects", "ScaledObject",
                                       true};
  switch (kind) {
    case ResourceKind::kScalingPolicies:
      return policies;
    case ResourceKind::kDeployments:
      return deployments;
    case ResourceKind::kStatefulSets:
      return stateful_sets;
    case ResourceKind::kReplicaSets:
      return replica_sets;
    case ResourceKind::kPods:
      return pods;
    case ResourceKind::kHorizontalPodAutoscalers:
      return hpas;
    case ResourceKind::kScaledObjects:
      return scaled_objects;
  }
  return policies;
}

}  // namespace evenkeel
