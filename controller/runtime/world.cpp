#include "controller/runtime/world.hpp"

#include <algorithm>
#include <utility>

#include "controller/kubernetes/json_access.hpp"
#include "controller/kubernetes/population.hpp"

namespace evenkeel {
namespace {

// Later than this the watch is not late: the API server has lost the write, as after a restore of
// etcd from a backup.
constexpr std::chrono::minutes kLateWatch{10};

bool SameSpec(const nlohmann::json& a, const nlohmann::json& b) {
  return StringField(a, "metadata.uid") == StringField(b, "metadata.uid") &&
         IntegerField(a, "metadata.generation") == IntegerField(b, "metadata.generation");
}

// Has a controller reported on this very spec?
bool WasReported(const nlohmann::json& object) {
  const auto generation = IntegerField(object, "metadata.generation");
  return generation && IntegerField(object, "status.observedGeneration") == generation;
}

Owner AsOwner(const ScalingPolicy& policy) {
  return {"ScalingPolicy", policy.key, policy.target_ref, policy.created};
}

// Of an update of one object.
std::optional<ObjectKey> KeyOf(const WatchUpdate& update) {
  if (const auto* upserted = std::get_if<ObjectUpserted>(&update.change)) {
    return KeyOf(upserted->object);
  }
  if (const auto* deleted = std::get_if<ObjectDeleted>(&update.change)) return deleted->key;
  return std::nullopt;
}

}  // namespace

PolicyChanges World::Apply(WatchUpdate update) {
  const bool policies = update.resource == ResourceKind::kScalingPolicies;
  const bool replaced = std::holds_alternative<ListReplaced>(update.change);
  const auto key = KeyOf(update);
  cache_.Apply(std::move(update));
  if (!policies) return {};
  if (replaced) return RefreshPolicies();
  PolicyChanges changes;
  if (!key) return changes;
  if (const CustomObject* object = cache_.policies.Find(*key)) {
    RefreshPolicy(*object, changes);
  } else if (policies_.erase(*key) > 0) {
    changes.removed.push_back(*key);
  }
  return changes;
}

// After a relist: the policies are what the cache holds.
PolicyChanges World::RefreshPolicies() {
  PolicyChanges changes;
  for (const auto& [key, entry] : policies_) {
    if (cache_.policies.Find(key) == nullptr) changes.removed.push_back(key);
  }
  for (const ObjectKey& key : changes.removed) policies_.erase(key);
  for (const auto& [key, object] : cache_.policies.all()) {
    RefreshPolicy(object, changes);
  }
  return changes;
}

// A recreated policy starts with no history.
void World::RefreshPolicy(const CustomObject& object, PolicyChanges& changes) {
  const auto found = policies_.find(object.key);
  if (found == policies_.end()) {
    PolicyEntry entry{object.json, ParseScalingPolicy(object.json)};
    entry.revision = ++revisions_;
    policies_.emplace(object.key, std::move(entry));
    (WasReported(object.json) ? changes.known : changes.changed).push_back(object.key);
    return;
  }
  PolicyEntry& entry = found->second;
  if (SameSpec(entry.object, object.json)) {
    entry.object = object.json;
    if (auto* policy = std::get_if<ScalingPolicy>(&entry.parsed)) {
      policy->status = object.json.value("status", nlohmann::json());
    }
    return;
  }
  const bool recreated =
      StringField(entry.object, "metadata.uid") != StringField(object.json, "metadata.uid");
  entry.object = object.json;
  entry.parsed = ParseScalingPolicy(object.json);
  if (recreated) entry = PolicyEntry{std::move(entry.object), std::move(entry.parsed)};
  entry.revision = ++revisions_;
  changes.changed.push_back(object.key);
}

PolicyEntry* World::Find(const ObjectKey& key) {
  const auto found = policies_.find(key);
  return found == policies_.end() ? nullptr : &found->second;
}

bool World::Watches(const TargetRef& target) {
  const bool apps = target.api_version.starts_with("apps/");
  return apps && (target.kind == "Deployment" || target.kind == "StatefulSet" ||
                  target.kind == "ReplicaSet");
}

std::optional<ScaledTarget> World::FindTarget(const ScalingPolicy& policy) const {
  const TargetKey key = TargetKeyOf(policy);
  const Workload* workload = cache_.FindWorkload(key.first, key.second);
  if (workload == nullptr) return std::nullopt;
  Workload written;
  if (const auto found = writes_.find(key);
      found != writes_.end() && Precedes(*workload, found->second)) {
    written = *workload;
    Overlay(found->second, written);
    workload = &written;
  }
  return ScaledTarget{CountPods(*workload, cache_.PodsOf(workload->uid)), workload->uid,
                      workload->resource_version, workload->replicas_writer};
}

World::TargetKey World::TargetKeyOf(const ScalingPolicy& policy) {
  return {policy.target_ref.kind, {policy.key.namespace_name, policy.target_ref.name}};
}

void World::NoteWrite(const ScalingPolicy& policy, OwnWrite write) {
  writes_.insert_or_assign(TargetKeyOf(policy), std::move(write));
}

void World::ForgetWrites(TimePoint now) {
  std::erase_if(writes_, [&](const auto& entry) {
    const auto& [key, write] = entry;
    const Workload* workload = cache_.FindWorkload(key.first, key.second);
    return workload == nullptr || !Precedes(*workload, write) || now - write.time > kLateWatch;
  });
}

TargetState World::TargetAt(const ScalingPolicy& policy, TimePoint time, Replicas size,
                            Replicas taken_away) const {
  const ObjectKey key{policy.key.namespace_name, policy.target_ref.name};
  const Workload* workload =
      Watches(policy.target_ref) ? cache_.FindWorkload(policy.target_ref.kind, key) : nullptr;
  if (workload != nullptr) {
    return CountPodsAt(time, size, taken_away, cache_.PodsOf(workload->uid));
  }
  return {.spec_replicas = size, .status_replicas = size, .ready = size};
}

void World::AddOwner(const Owner& owner) {
  owners_[{owner.key.namespace_name, owner.target.name}].push_back(owner);
}

void World::IndexOwners() {
  owners_.clear();
  for (const auto& [key, owner] : cache_.horizontal_pod_autoscalers.all()) AddOwner(owner);
  for (const auto& [key, owner] : cache_.scaled_objects.all()) AddOwner(owner);
  for (const auto& [key, entry] : policies_) {
    const ScalingPolicy* policy = entry.policy();
    if (policy != nullptr && policy->mode == Mode::kEnforce) AddOwner(AsOwner(*policy));
  }
}

std::optional<Obstacle> World::Conflict(const ScalingPolicy& policy) const {
  const auto found = owners_.find({policy.key.namespace_name, policy.target_ref.name});
  if (found == owners_.end()) return std::nullopt;
  return FindConflict(policy, found->second);
}

}  // namespace evenkeel
