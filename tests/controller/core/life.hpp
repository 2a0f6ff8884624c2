// Life: a policy, its target and a controller that decides every 15 seconds, for tests of what
// happens from one decision to the next.
#pragma once

#include <memory>

#include "controller/core/decide.hpp"
#include "controller/core/foreign_change.hpp"
#include "controller/core/status.hpp"

namespace evenkeel::test {

inline constexpr TimePoint kStart{
    std::chrono::milliseconds(1'800'000'000'000)};  // 2027-01-15T08:00:00Z

// Wants what the test wants it to want.
class Wants final : public Policy {
 public:
  explicit Wants(const Replicas& wanted) : wanted_(wanted) {}
  [[nodiscard]] std::vector<Need> Needs(const TargetSpec&) const override { return {}; }
  [[nodiscard]] Result<Proposal> Propose(const Input&) const override {
    return Proposal{.kind = ProposalKind::kReactive,
                    .replicas = wanted_,
                    .reason = "Wanted",
                    .message = "wanted",
                    .working = {},
                    .bottleneck = {}};
  }

 private:
  const Replicas& wanted_;
};

// A target of six replicas, all of them wanted; no stabilization.
struct Life {
  ScalingPolicy policy;
  Observation observation;
  std::optional<History> history;
  Replicas wanted = 6;
  TimePoint now = kStart;
  DecideSettings settings;
  PatchResult fate = PatchResult::kApplied;  // of patches
  int patch_status = 200;
  Decision last;

  Life() {
    policy.key = {"shop", "checkout"};
    policy.target_ref.name = "checkout";
    policy.target = {
        2, 40, {.latency_p99 = std::chrono::milliseconds(250)}, std::chrono::seconds(60)};
    policy.behavior.scale_down.stabilization_window = std::chrono::seconds(0);
    policy.behavior.scale_up.policies = {{RateType::kPods, 100, std::chrono::seconds(15)}};
    policy.policies = {{"wants", nullptr, std::make_shared<Wants>(wanted)}};
    observation.target.spec_replicas = 6;
    observation.target_uid = "d-1";
    observation.readings = {{"latencyP99", Reading::Value(0.1, kStart)}};
  }
  Life(const Life&) = delete;

  // As the round does it.
  const Decision& Decide() {
    if (!history && !observation.obstacle) {
      history = RestoreHistory(policy.status);
      history->recommendations.push_back({now, observation.target.spec_replicas, true});
    }
    Outcome outcome{.decision = evenkeel::Decide(policy, observation, history.value_or(History{}),
                                                 now, settings)};
    if (outcome.decision.Changes()) Patch(outcome);
    policy.status = BuildStatus(policy, outcome);
    if (history) {
      history = outcome.decision.next;
      RememberReplicas(outcome, observation.target_uid, *history);
    }
    last = outcome.decision;
    now += std::chrono::seconds(15);
    return last;
  }
  void Patch(Outcome& outcome) {
    outcome.patch = policy.mode == Mode::kObserve ? PatchResult::kObserved : fate;
    if (outcome.patch == PatchResult::kFailed) outcome.patch_status = patch_status;
    if (outcome.patch != PatchResult::kApplied) return;
    observation.target.spec_replicas = outcome.decision.desired;
    observation.writer = ReplicasWriter{"evenkeel", true, now};
  }
  // Somebody else writes, five seconds ago.
  void Set(Replicas replicas, const std::string& manager = "kubectl") {
    observation.target.spec_replicas = replicas;
    observation.writer = ReplicasWriter{manager, false, now - std::chrono::seconds(5)};
  }
  void Restart() { history.reset(); }
};

}  // namespace evenkeel::test
