#include "controller/simulate/deployment.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <utility>

#include "controller/core/upper_median.hpp"
#include "controller/simulate/streams.hpp"
#include "controller/simulate/telemetry.hpp"

namespace evenkeel {
namespace {

// terminationGracePeriodSeconds' default.
constexpr double kGrace = 30;
// maxSurge and maxUnavailable of a Deployment.
constexpr double kSurge = 0.25;

std::chrono::milliseconds Milliseconds(SimSeconds time) {
  return std::chrono::milliseconds(std::llround(time.count() * 1000));
}

}  // namespace

Deployment::Deployment(const Scenario& scenario, Plant& plant, std::uint64_t seed, OnStart on_start)
    : scenario_(scenario),
      plant_(plant),
      startup_random_(seed, stream::kStartup),
      on_start_(std::move(on_start)),
      spec_(scenario.initial_replicas) {
  for (Replicas i = 0; i < spec_; ++i) {
    const PodIndex index = plant_.CreatePod(1);
    plant_.MakeReady(index);
    const SimSeconds usual = (scenario.pod.startup_least + scenario.pod.startup_most) / 2;
    pods_.push_back({Phase::kReady,
                     0,
                     0,
                     usual.count(),
                     {SimSeconds{0}, SimSeconds{0}, SimSeconds{-1}, false}});
  }
}

void Deployment::SetReplicas(double now, Replicas replicas) {
  spec_ = replicas;
  scaling_ = true;
  Reconcile(now);
  scaling_ = false;
}

bool Deployment::BecomeReady(double now, PodIndex index) {
  Pod& pod = pods_[index];
  if (pod.phase != Phase::kStarting) return false;
  pod.phase = Phase::kReady;
  pod.record.ready = SimSeconds{now};
  plant_.MakeReady(index);
  Reconcile(now);
  return true;
}

void Deployment::Release(double now, double work_factor) {
  ++release_;
  work_factor_ = work_factor;
  Reconcile(now);
}

void Deployment::Lose(double now, int pods) {
  for (const PodIndex index : OldestReady(pods)) {
    plant_.End(index);
    pods_[index].phase = Phase::kGone;
    pods_[index].record.ended = SimSeconds{now};
  }
  Reconcile(now);
}

std::vector<PodIndex> Deployment::EndDrained(double now) {
  std::vector<PodIndex> ended;
  for (PodIndex index = 0; index < pods_.size(); ++index) {
    Pod& pod = pods_[index];
    if (pod.phase != Phase::kDraining) continue;
    if (!plant_.IsIdle(index) && now - pod.record.ended.count() < kGrace) continue;
    plant_.End(index);
    pod.phase = Phase::kGone;
    ended.push_back(index);
  }
  return ended;
}

Replicas Deployment::CountOf(bool old_ones) const {
  return static_cast<Replicas>(std::ranges::count_if(
      pods_, [&](const Pod& pod) { return Counts(pod) && (pod.release != release_) == old_ones; }));
}

void Deployment::Reconcile(double now) {
  if (CountOf(true) > 0) {
    RollOut(now);
    return;
  }
  const Replicas pods = CountOf(false);
  if (pods < spec_) Create(now, spec_ - pods);
  if (pods > spec_) Remove(now, pods - spec_, false);
}

// deployment/rolling.go: new pods up to spec + maxSurge in all; then old ones go, those that are
// not ready first, as long as spec - maxUnavailable stay ready.
void Deployment::RollOut(double now) {
  const auto surge = static_cast<Replicas>(std::ceil(spec_ * kSurge));
  const auto unavailable = static_cast<Replicas>(std::floor(spec_ * kSurge));
  const Replicas all = CountOf(true) + CountOf(false);
  const Replicas missing = std::min(spec_ - CountOf(false), spec_ + surge - all);
  if (missing > 0) Create(now, missing);
  const Replicas starting_old =
      static_cast<Replicas>(std::ranges::count_if(pods_, [&](const Pod& pod) {
        return pod.phase == Phase::kStarting && pod.release != release_;
      }));
  const Replicas spare = std::max(ready() - (spec_ - unavailable), 0) + starting_old;
  Remove(now, std::min(spare, CountOf(true)), true);
}

void Deployment::Create(double now, Replicas count) {
  for (Replicas i = 0; i < count; ++i) {
    const PodIndex index = plant_.CreatePod(work_factor_);
    const double startup = startup_random_.Between(scenario_.pod.startup_least.count(),
                                                   scenario_.pod.startup_most.count());
    pods_.push_back({Phase::kStarting,
                     release_,
                     now + startup,
                     startup,
                     {SimSeconds{now}, SimSeconds{-1}, SimSeconds{-1}, scaling_}});
    on_start_(index, now + startup);
  }
}

// As the ReplicaSet controller ranks them: those that are not ready, then the last to become so.
void Deployment::Remove(double now, Replicas count, bool old_only) {
  std::vector<PodIndex> candidates;
  for (PodIndex index = 0; index < pods_.size(); ++index) {
    if (Counts(pods_[index]) && (!old_only || pods_[index].release != release_)) {
      candidates.push_back(index);
    }
  }
  std::ranges::stable_sort(candidates, [&](PodIndex a, PodIndex b) {
    const Pod& left = pods_[a];
    const Pod& right = pods_[b];
    if (left.phase != right.phase) return left.phase == Phase::kStarting;
    if (left.phase == Phase::kStarting) return a > b;
    return left.ready_since > right.ready_since;
  });
  const auto most = static_cast<std::size_t>(std::max(count, 0));
  for (std::size_t i = 0; i < std::min(most, candidates.size()); ++i) Remove(now, candidates[i]);
}

void Deployment::Remove(double now, PodIndex index) {
  Pod& pod = pods_[index];
  const bool was_ready = pod.phase == Phase::kReady;
  pod.phase = was_ready ? Phase::kDraining : Phase::kGone;
  pod.record.ended = SimSeconds{now};
  if (was_ready) plant_.Drain(index);
}

Replicas Deployment::ready() const {
  return static_cast<Replicas>(
      std::ranges::count_if(pods_, [](const Pod& pod) { return pod.phase == Phase::kReady; }));
}

bool Deployment::Runs(PodIndex pod) const {
  return pods_[pod].phase == Phase::kReady || pods_[pod].phase == Phase::kDraining;
}

std::vector<PodIndex> Deployment::Running() const {
  std::vector<PodIndex> running;
  for (PodIndex index = 0; index < pods_.size(); ++index) {
    if (Runs(index)) running.push_back(index);
  }
  return running;
}

std::vector<PodIndex> Deployment::OldestReady(int pods) const {
  std::vector<PodIndex> oldest;
  for (PodIndex index = 0; index < pods_.size(); ++index) {
    if (static_cast<int>(oldest.size()) < pods && IsReady(index)) oldest.push_back(index);
  }
  return oldest;
}

TargetState Deployment::State() const {
  TargetState state{.spec_replicas = spec_};
  std::vector<std::chrono::milliseconds> startups;
  for (PodIndex index = 0; index < pods_.size(); ++index) {
    const Pod& pod = pods_[index];
    if (pod.phase == Phase::kGone) continue;
    const bool ready = pod.phase == Phase::kReady;
    const bool starting = pod.phase == Phase::kStarting;
    state.pods.push_back({Telemetry::NameOf(index), PodPhase::kRunning, ready, starting,
                          pod.phase == Phase::kDraining});
    state.ready += ready ? 1 : 0;
    state.pending += starting ? 1 : 0;
    state.terminating += pod.phase == Phase::kDraining ? 1 : 0;
    if (!ready) continue;
    const TimePoint since = AtSimTime(SimSeconds{pod.ready_since});
    state.newest_ready = std::max(state.newest_ready.value_or(since), since);
    startups.push_back(Milliseconds(SimSeconds{pod.startup}));
  }
  state.status_replicas = state.ready + state.pending;
  state.rollout_in_progress = CountOf(true) > 0;
  state.startup = UpperMedian(std::move(startups));
  return state;
}

std::vector<PodRecord> Deployment::Records() const {
  std::vector<PodRecord> records;
  for (const Pod& pod : pods_) records.push_back(pod.record);
  return records;
}

}  // namespace evenkeel
