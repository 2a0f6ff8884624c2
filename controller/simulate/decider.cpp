#include "controller/simulate/decider.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "controller/core/decide.hpp"
#include "controller/core/foreign_change.hpp"
#include "controller/core/outcome.hpp"
#include "controller/core/replay.hpp"
#include "controller/core/status.hpp"
#include "controller/core/turns.hpp"
#include "controller/prometheus/planner.hpp"

namespace evenkeel {
namespace {

class Decider final : public Scaler {
 public:
  Decider(ScalingPolicy policy, std::chrono::seconds period)
      : policy_(std::move(policy)), period_(period) {}

  SimSeconds Period() const override { return period_; }
  std::chrono::seconds Window() const override { return policy_.metrics.window; }
  std::vector<Need> Needs() const override { return NeedsOf(policy_).needs; }

  Verdict Tick(const Sight& sight) override {
    if (std::exchange(resuming_, false)) Recall(sight);
    Observation observation{.target = sight.state, .readings = sight.readings};
    Outcome outcome{.decision = Decide(policy_, observation, history_, sight.now)};
    Decision& decision = outcome.decision;
    if (decision.Changes()) {
      outcome.patch = PatchResult::kApplied;
      decision.next.scale_events.push_back({sight.now, decision.current, decision.desired});
      decision.next.scaled_to_zero = decision.desired == 0;
    }
    history_ = decision.next;
    RememberReplicas(outcome, observation.target_uid, history_);
    Verdict verdict{decision.desired, decision.reason};
    last_ = std::move(outcome);
    return verdict;
  }

  nlohmann::json Status() const override {
    return last_ ? BuildStatus(policy_, *last_) : nlohmann::json(nullptr);
  }

  void Resume(const nlohmann::json& status) override {
    policy_.status = status;
    history_ = RestoreHistory(status);
    resuming_ = true;
  }

 private:
  // As the runtime does it, but for the pods of the past: all count as ready.
  void Recall(const Sight& sight) {
    const Instants turns = TurnsBefore(sight.now, ReplaySpan(policy_), period_);
    std::vector<PastTurn> past;
    for (TimePoint turn = turns.first; turn <= turns.last; turn += turns.step) {
      if (turn > kSimulationBegin) past.push_back({turn, sight.past(turn)});
    }
    const auto population = [&](TimePoint, Replicas size, Replicas) {
      return TargetState{.spec_replicas = size,
                         .status_replicas = size,
                         .ready = size,
                         .startup = sight.state.startup};
    };
    history_ = Replay(policy_, past, population, history_, sight.state.spec_replicas);
  }

  ScalingPolicy policy_;
  std::chrono::seconds period_;
  History history_;
  std::optional<Outcome> last_;
  bool resuming_ = false;
};

}  // namespace

ScalerKind DeciderOf(std::string name, const ScalingPolicy& policy,
                     std::chrono::seconds sync_period) {
  return {std::move(name),
          [policy, sync_period](const Scenario& scenario, const Truth&, std::uint64_t) {
            ScalingPolicy mine = policy;
            mine.created = kSimulationBegin;
            mine.target.min_replicas = scenario.min_replicas;
            mine.target.max_replicas = scenario.max_replicas;
            mine.target.objectives = scenario.objectives;
            return std::make_unique<Decider>(std::move(mine), sync_period);
          }};
}

ScalingPolicy DefaultPolicy() {
  ParsedScalingPolicy parsed = ParseScalingPolicy({{"apiVersion", "evenkeel.dev/v1alpha1"},
                                                   {"kind", "ScalingPolicy"},
                                                   {"metadata", {{"name", "slo"}}},
                                                   {"spec",
                                                    {{"targetRef", {{"name", "simulated"}}},
                                                     {"maxReplicas", 2},
                                                     {"objectives", {{"latencyP99", "250ms"}}}}}});
  return std::get<ScalingPolicy>(std::move(parsed));
}

}  // namespace evenkeel
