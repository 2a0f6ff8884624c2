// Scene: one decision, with modules that say what the test wants, for tests of Decide.
#pragma once

#include <memory>

#include "controller/core/decide.hpp"

namespace evenkeel::test {

inline constexpr TimePoint kNow{std::chrono::milliseconds(1'800'000'000'000)};

// A module that says what the test wants it to say.
class Says final : public Policy {
 public:
  explicit Says(Result<Proposal> answer) : answer_(std::move(answer)) {}
  [[nodiscard]] std::vector<Need> Needs(const TargetSpec&) const override { return {}; }
  [[nodiscard]] Result<Proposal> Propose(const Input&) const override { return answer_; }

 private:
  Result<Proposal> answer_;
};

inline PolicyModule Module(std::string name, Result<Proposal> answer) {
  return {std::move(name), nullptr, std::make_shared<Says>(std::move(answer))};
}

inline Proposal Reactive(Replicas replicas, std::string reason = "Wanted") {
  return {.kind = ProposalKind::kReactive,
          .replicas = replicas,
          .reason = std::move(reason),
          .message = "wanted",
          .working = {},
          .bottleneck = {}};
}
inline Proposal Floor(Replicas replicas) {
  return {.kind = ProposalKind::kFloor,
          .replicas = replicas,
          .reason = "Scheduled",
          .message = "floor",
          .working = {},
          .bottleneck = {}};
}
inline Proposal Hold(Direction direction) {
  return {.kind = ProposalKind::kHold,
          .direction = direction,
          .reason = "NotNow",
          .message = "hold",
          .working = {},
          .bottleneck = {}};
}

// Ten replicas between 2 and 40, one objective whose signal is known, no stabilization.
struct Scene {
  ScalingPolicy policy;
  Observation observation;
  History history;
  TimePoint now = kNow;

  explicit Scene(std::vector<PolicyModule> modules) {
    policy.key = {"shop", "checkout"};
    policy.target = {
        2, 40, {.latency_p99 = std::chrono::milliseconds(250)}, std::chrono::seconds(60)};
    policy.behavior.scale_down.stabilization_window = std::chrono::seconds(0);
    policy.policies = std::move(modules);
    observation.target = {.spec_replicas = 10, .status_replicas = 10, .ready = 10};
    observation.readings = {{"latencyP99", Reading::Value(0.1, kNow)}};
  }
  Scene& Latency(ReadingState state) {
    observation.readings.insert_or_assign("latencyP99", Reading::Unknown(state, "because"));
    return *this;
  }
  [[nodiscard]] Decision Run() const { return Decide(policy, observation, history, now); }
};

inline constexpr ReadingState kUnknowns[] = {ReadingState::kNoData,    ReadingState::kStale,
                                             ReadingState::kUncovered, ReadingState::kNotANumber,
                                             ReadingState::kAmbiguous, ReadingState::kFailed};

}  // namespace evenkeel::test
