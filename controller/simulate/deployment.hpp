// Deployment: what Kubernetes does to bring a simulated target's pods to its spec: creates and ends
// them as the Deployment and ReplicaSet controllers do, rolls out releases, and tells the state as
// the watches would.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "controller/simulate/plant.hpp"
#include "controller/simulate/random.hpp"
#include "controller/simulate/record.hpp"
#include "controller/simulate/scenario.hpp"
#include "policies/policy.hpp"

namespace evenkeel {

class Deployment {
 public:
  // The initial replicas are ready at once. `on_start` is told of each pod that begins,
  // and when it will be ready; the caller then calls BecomeReady at that time.
  using OnStart = std::function<void(PodIndex pod, double ready_at)>;
  Deployment(const Scenario& scenario, Plant& plant, std::uint64_t seed, OnStart on_start);

  void SetReplicas(double now, Replicas replicas);
  // Nothing happens if it was ended in the meantime. Returns whether it did become ready.
  bool BecomeReady(double now, PodIndex pod);
  // A new template: its pods' work takes `work_factor` times as long as the first one's.
  void Release(double now, double work_factor);
  // So many ready pods die at once, the oldest first, and are replaced.
  void Lose(double now, int pods);
  // Ends the draining pods that are done or have had their grace period. Call every second; returns
  // those that ended.
  std::vector<PodIndex> EndDrained(double now);

  [[nodiscard]] Replicas replicas() const { return spec_; }
  [[nodiscard]] Replicas ready() const;
  // Ready or draining, so that they can be asked and scraped.
  [[nodiscard]] bool Runs(PodIndex pod) const;
  [[nodiscard]] bool IsReady(PodIndex pod) const { return pods_[pod].phase == Phase::kReady; }
  [[nodiscard]] double ReadySince(PodIndex pod) const { return pods_[pod].ready_since; }
  [[nodiscard]] std::vector<PodIndex> Running() const;
  [[nodiscard]] std::vector<PodIndex> OldestReady(int pods) const;
  [[nodiscard]] TargetState State() const;
  [[nodiscard]] std::vector<PodRecord> Records() const;

 private:
  enum class Phase : std::uint8_t { kStarting, kReady, kDraining, kGone };
  struct Pod {
    Phase phase = Phase::kStarting;
    int release = 0;
    double ready_since = 0;
    double startup = 0;
    PodRecord record{};
  };

  void Reconcile(double now);
  void RollOut(double now);
  void Create(double now, Replicas count);
  void Remove(double now, Replicas count, bool old_only);
  void Remove(double now, PodIndex pod);
  [[nodiscard]] bool Counts(const Pod& pod) const {
    return pod.phase == Phase::kStarting || pod.phase == Phase::kReady;
  }
  [[nodiscard]] Replicas CountOf(bool old_ones) const;

  const Scenario& scenario_;
  Plant& plant_;
  Random startup_random_;
  OnStart on_start_;
  Replicas spec_ = 0;
  bool scaling_ = false;  // pods created now are a scale-out's
  int release_ = 0;
  double work_factor_ = 1;
  std::vector<Pod> pods_;  // by PodIndex
};

}  // namespace evenkeel
