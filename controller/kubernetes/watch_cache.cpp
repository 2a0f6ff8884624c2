#include "controller/kubernetes/watch_cache.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "controller/core/ownership.hpp"
#include "controller/core/scaling_policy.hpp"
#include "controller/kubernetes/objects.hpp"
#include "controller/kubernetes/resources.hpp"

namespace evenkeel {
namespace {

std::string UidOf(const std::optional<ControllerRef>& controller) {
  return controller ? controller->uid : std::string{};
}

// Applies the changes of one resource to its cache. The watcher of a resource delivers no other
// type.
template <class T>
struct Applier {
  ObjectCache<T>& cache;

  void operator()(ListReplaced& change) const {
    std::vector<T> objects;
    objects.reserve(change.objects.size());
    for (Object& object : change.objects) {
      if (T* typed = std::get_if<T>(&object)) objects.push_back(std::move(*typed));
    }
    cache.Replace(std::move(objects));
  }
  void operator()(ObjectUpserted& change) const {
    if (T* typed = std::get_if<T>(&change.object)) cache.Upsert(std::move(*typed));
  }
  void operator()(const ObjectDeleted& change) const { cache.Delete(change.key); }
  void operator()(const WatchTrouble& /*change*/) const {}
  void operator()(const WatchRecovered& /*change*/) const {}
};

template <class T>
void ApplyTo(ObjectCache<T>& cache, WatchUpdate& update) {
  std::visit(Applier<T>{cache}, update.change);
}

}  // namespace

std::string ControllerUid(const Workload& workload) { return UidOf(workload.controller); }
std::string ControllerUid(const Pod& pod) { return UidOf(pod.controller); }
std::string ControllerUid(const Owner& /*owner*/) { return {}; }
std::string ControllerUid(const CustomObject& /*object*/) { return {}; }

template <class T>
const T* ObjectCache<T>::Find(const ObjectKey& key) const {
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : &found->second;
}

template <class T>
std::vector<const T*> ObjectCache<T>::ControlledBy(const std::string& uid) const {
  std::vector<const T*> objects;
  const auto [begin, end] = by_controller_.equal_range(uid);
  for (auto entry = begin; entry != end; ++entry) objects.push_back(Find(entry->second));
  return objects;
}

template <class T>
void ObjectCache<T>::Replace(std::vector<T> objects) {
  objects_.clear();
  by_controller_.clear();
  for (T& object : objects) Upsert(std::move(object));
}

template <class T>
void ObjectCache<T>::Upsert(T object) {
  Delete(object.key);
  if (std::string uid = ControllerUid(object); !uid.empty()) {
    by_controller_.emplace(std::move(uid), object.key);
  }
  ObjectKey key = object.key;
  objects_.emplace(std::move(key), std::move(object));
}

template <class T>
void ObjectCache<T>::Delete(const ObjectKey& key) {
  const auto found = objects_.find(key);
  if (found == objects_.end()) return;
  Unlink(found->second);
  objects_.erase(found);
}

template <class T>
void ObjectCache<T>::Unlink(const T& object) {
  const auto [begin, end] = by_controller_.equal_range(ControllerUid(object));
  for (auto entry = begin; entry != end; ++entry) {
    if (entry->second != object.key) continue;
    by_controller_.erase(entry);
    return;
  }
}

template class ObjectCache<Workload>;
template class ObjectCache<Pod>;
template class ObjectCache<Owner>;
template class ObjectCache<CustomObject>;

void WatchCache::Apply(WatchUpdate update) {
  switch (update.resource) {
    case ResourceKind::kScalingPolicies:
      return ApplyTo(policies, update);
    case ResourceKind::kDeployments:
      return ApplyTo(deployments, update);
    case ResourceKind::kStatefulSets:
      return ApplyTo(stateful_sets, update);
    case ResourceKind::kReplicaSets:
      return ApplyTo(replica_sets, update);
    case ResourceKind::kPods:
      return ApplyTo(pods, update);
    case ResourceKind::kHorizontalPodAutoscalers:
      return ApplyTo(horizontal_pod_autoscalers, update);
    case ResourceKind::kScaledObjects:
      return ApplyTo(scaled_objects, update);
  }
}

std::vector<const Pod*> WatchCache::PodsOf(const std::string& target_uid) const {
  std::vector<const Pod*> found = pods.ControlledBy(target_uid);
  for (const Workload* set : replica_sets.ControlledBy(target_uid)) {
    const std::vector<const Pod*> of_set = pods.ControlledBy(set->uid);
    found.insert(found.end(), of_set.begin(), of_set.end());
  }
  return found;
}

const Workload* WatchCache::FindWorkload(std::string_view kind, const ObjectKey& key) const {
  if (kind == "Deployment") return deployments.Find(key);
  if (kind == "StatefulSet") return stateful_sets.Find(key);
  if (kind == "ReplicaSet") return replica_sets.Find(key);
  return nullptr;
}

}  // namespace evenkeel
