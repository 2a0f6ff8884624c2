// What the API server is known to hold: the values behind the watches.
//
// Plain values without locks: the round loop owns them and applies the watchers' updates, which it
// takes from its queue. Order of updates per resource is the order of delivery.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "controller/kubernetes/objects.hpp"
#include "controller/kubernetes/resources.hpp"
#include "policies/result.hpp"

namespace evenkeel {

// The whole list: what is not in it is gone.
struct ListReplaced {
  std::vector<Object> objects;
};
struct ObjectUpserted {
  Object object;
};
struct ObjectDeleted {
  ObjectKey key{};
};
// The watch has a difficulty and will try again by itself; what was known stays.
struct WatchTrouble {
  Error error{};
  int failures = 1;  // in a row
};
// It watches again, and has nothing new to tell.
struct WatchRecovered {};

struct WatchUpdate {
  ResourceKind resource = ResourceKind::kScalingPolicies;
  std::variant<ListReplaced, ObjectUpserted, ObjectDeleted, WatchTrouble, WatchRecovered> change;
};

[[nodiscard]] std::string ControllerUid(const Workload& workload);
[[nodiscard]] std::string ControllerUid(const Pod& pod);
[[nodiscard]] std::string ControllerUid(const Owner& owner);
[[nodiscard]] std::string ControllerUid(const CustomObject& object);

// Objects of one resource, by key and by the uid of their controller.
template <class T>
class ObjectCache {
 public:
  // Pointers are valid until the next change.
  [[nodiscard]] const T* Find(const ObjectKey& key) const;
  // Those whose controller has this uid, in no particular order.
  [[nodiscard]] std::vector<const T*> ControlledBy(const std::string& uid) const;
  // All objects, ordered by namespace and name.
  [[nodiscard]] const std::map<ObjectKey, T>& all() const { return objects_; }

  void Replace(std::vector<T> objects);
  void Upsert(T object);
  void Delete(const ObjectKey& key);

 private:
  void Unlink(const T& object);

  std::map<ObjectKey, T> objects_;
  std::unordered_multimap<std::string, ObjectKey> by_controller_;
};

struct WatchCache {
  ObjectCache<CustomObject> policies;
  ObjectCache<Workload> deployments;
  ObjectCache<Workload> stateful_sets;
  ObjectCache<Workload> replica_sets;
  ObjectCache<Pod> pods;
  ObjectCache<Owner> horizontal_pod_autoscalers;
  ObjectCache<Owner> scaled_objects;

  // WatchTrouble and WatchRecovered change nothing.
  void Apply(WatchUpdate update);

  // The target's pods: its own, and those of the ReplicaSets that it controls.
  [[nodiscard]] std::vector<const Pod*> PodsOf(const std::string& target_uid) const;
  // Null if absent or of a kind that is not watched.
  [[nodiscard]] const Workload* FindWorkload(std::string_view kind, const ObjectKey& key) const;
};

}  // namespace evenkeel
