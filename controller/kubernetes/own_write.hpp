// Reading our own writes: right after a patch the watch may still show the object before it.
#pragma once

#include <string>

#include "controller/kubernetes/objects.hpp"
#include "policies/policy.hpp"

namespace evenkeel {

// A patch of spec.replicas that was applied.
struct OwnWrite {
  std::string uid;
  std::string before;            // resourceVersion that was patched
  std::string resource_version;  // that it became
  Replicas replicas = 0;
  TimePoint time{};
};

// Is `workload` the object from before `write`? resourceVersions are compared as the integers that
// they are from Kubernetes 1.35 on (KEP-5504); of others only the very one that was patched counts
// as older.
[[nodiscard]] bool Precedes(const Workload& workload, const OwnWrite& write);

// Makes `workload`, which precedes it, what the write has made of it. Its controller cannot have
// seen that yet, so a rollout counts as in progress.
void Overlay(const OwnWrite& write, Workload& workload);

}  // namespace evenkeel
