#include "controller/runtime/scale_reader.hpp"

#include <utility>

#include "controller/kubernetes/requests.hpp"
#include "controller/kubernetes/responses.hpp"

namespace evenkeel {
namespace {

const Resource* WatchedResource(const TargetRef& target) {
  if (!World::Watches(target)) return nullptr;
  for (const ResourceKind kind :
       {ResourceKind::kDeployments, ResourceKind::kStatefulSets, ResourceKind::kReplicaSets}) {
    if (Describe(kind).kind == target.kind) return &Describe(kind);
  }
  return nullptr;
}

}  // namespace

Result<HttpResponse> ScaleReader::Send(const HttpRequest& request, std::stop_token stop) {
  if (reach_.Lost()) return Reachability::NotTried();
  Result<HttpResponse> response = transport_.Send(request, std::move(stop));
  if (!response) reach_.NoteFailure(response.error(), request.target);
  return response;
}

Result<Resource> ScaleReader::ResourceOf(const TargetRef& target, std::stop_token stop) {
  if (const Resource* watched = WatchedResource(target)) return *watched;
  const TargetRef type{target.api_version, target.kind, {}};
  if (const auto known = resources_.find(type); known != resources_.end()) return known->second;
  if (const auto late = late_groups_.find(target.api_version); late != late_groups_.end()) {
    return late->second;
  }
  Result<Resource> resource = Discover(type, std::move(stop));
  if (resource) {
    resources_.emplace(type, *resource);
  } else if (resource.error().kind == ErrorKind::kTimeout) {
    late_groups_.emplace(target.api_version, resource.error());
  }
  return resource;
}

Result<Resource> ScaleReader::Discover(const TargetRef& type, std::stop_token stop) {
  const Result<HttpResponse> response = Send(DiscoverRequest(type.api_version), std::move(stop));
  if (!response) return response.error();
  return ParseDiscovery(*response, type.api_version, type.kind);
}

Result<ScaledTarget> ScaleReader::Read(const ScalingPolicy& policy, std::stop_token stop) {
  const Result<Resource> resource = ResourceOf(policy.target_ref, stop);
  if (!resource) return resource.error();
  const Result<HttpResponse> response =
      Send(GetScaleRequest(*resource, {policy.key.namespace_name, policy.target_ref.name}), stop);
  if (!response) return response.error();
  const Result<Scale> scale = ParseScale(*response);
  if (!scale) return scale.error();
  return ScaledTarget{{.spec_replicas = scale->spec_replicas,
                       .status_replicas = scale->status_replicas,
                       .ready = scale->status_replicas},
                      scale->uid,
                      scale->resource_version};
}

}  // namespace evenkeel
