// World: what the controller knows of the cluster, and of its own policies. Owned by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "controller/core/history.hpp"
#include "controller/core/observation.hpp"
#include "controller/core/ownership.hpp"
#include "controller/core/scaling_policy.hpp"
#include "controller/kubernetes/own_write.hpp"
#include "controller/kubernetes/watch_cache.hpp"
#include "controller/kubernetes/watch_health.hpp"

namespace evenkeel {

struct PolicyEntry {
  nlohmann::json object;             // as last seen, the status included
  ParsedScalingPolicy parsed;        // the policy, or every fault of its spec
  std::optional<History> history{};  // made at the first decision
  bool recalled = false;             // the history has what a predecessor left (recall.hpp)
  int recall_failures = 0;
  int conflicts = 0;               // patches in a row that found another object than expected
  bool postponed = false;          // the last round left it to the next one
  std::uint64_t revision = 0;      // another number for each spec that was seen
  TimePoint first_decided{};       // by this controller; set with `history`
  nlohmann::json reported{};       // the status built last, written or not; null at first
  std::string last_line_reason{};  // of the last decision line that was worth the log

  [[nodiscard]] const ScalingPolicy* policy() const { return std::get_if<ScalingPolicy>(&parsed); }
};

// What Observe needs of a target that is not among the watched kinds.
struct ScaledTarget {
  TargetState state;
  std::string uid;
  std::string resource_version;  // precondition of a patch
  std::optional<ReplicasWriter> writer{};
};

// What an update meant for the policies.
struct PolicyChanges {
  std::vector<ObjectKey> changed{};  // new, or with another spec: to be decided on at once
  std::vector<ObjectKey> known{};    // new to this controller only: their next turn is early enough
  std::vector<ObjectKey> removed{};
};

class World {
 public:
  [[nodiscard]] PolicyChanges Apply(WatchUpdate update);
  // To be told of every update, and when it came.
  [[nodiscard]] WatchHealth& watches() { return watches_; }

  [[nodiscard]] std::map<ObjectKey, PolicyEntry>& policies() { return policies_; }
  [[nodiscard]] PolicyEntry* Find(const ObjectKey& key);

  // The target, if it is of a watched kind and exists.
  [[nodiscard]] std::optional<ScaledTarget> FindTarget(const ScalingPolicy& policy) const;
  // A patch is seen by FindTarget at once, even while the watch still shows the object before it.
  void NoteWrite(const ScalingPolicy& policy, OwnWrite write);
  // Drops what the watch has shown since. Once a round.
  void ForgetWrites(TimePoint now);
  // The target's population at a past time (CountPodsAt); of a kind that is not watched, all of
  // `size` count as ready.
  [[nodiscard]] TargetState TargetAt(const ScalingPolicy& policy, TimePoint time, Replicas size,
                                     Replicas taken_away) const;
  // Is the target's kind among the watched ones?
  [[nodiscard]] static bool Watches(const TargetRef& target);
  // Once a round, before Conflict is asked.
  void IndexOwners();
  // Another owner of the policy's target, as of the last IndexOwners.
  [[nodiscard]] std::optional<Obstacle> Conflict(const ScalingPolicy& policy) const;

 private:
  using TargetKey = std::pair<std::string, ObjectKey>;  // kind first

  [[nodiscard]] static TargetKey TargetKeyOf(const ScalingPolicy& policy);
  PolicyChanges RefreshPolicies();
  void RefreshPolicy(const CustomObject& object, PolicyChanges& changes);
  void AddOwner(const Owner& owner);

  WatchCache cache_;
  WatchHealth watches_;
  std::map<ObjectKey, PolicyEntry> policies_;
  std::uint64_t revisions_ = 0;  // given so far
  std::map<TargetKey, OwnWrite> writes_;
  std::map<ObjectKey, std::vector<Owner>> owners_;  // by namespace and name of the target
};

}  // namespace evenkeel
