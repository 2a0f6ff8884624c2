#include "controller/core/replay.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "controller/core/decide.hpp"
#include "controller/core/time_format.hpp"

namespace evenkeel {
namespace {

using std::chrono::seconds;

constexpr seconds kLongestSpan{3600};
// Beside two windows of the rates: the longest wait of a module for what a step did is a start-up
// and one and a quarter.
constexpr seconds kWarmUp{60};

bool Failed(const PastTurn& turn) {
  return std::ranges::any_of(turn.readings, [](const auto& reading) {
    return reading.second.state == ReadingState::kFailed;
  });
}

bool AllFailed(const PastTurn& turn) {
  return std::ranges::all_of(turn.readings, [](const auto& reading) {
    return reading.second.state == ReadingState::kFailed;
  });
}

bool AnyKnown(const PastTurn& turn) {
  return std::ranges::any_of(turn.readings,
                             [](const auto& reading) { return reading.second.AllowsScaleIn(); });
}

std::optional<Replicas> ReplicasIn(const nlohmann::json& status, std::string_view field) {
  if (!status.is_object()) return std::nullopt;
  const auto found = status.find(field);
  if (found == status.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<Replicas>();
}

// To the second, as the status has it; nothing if it has none.
std::optional<TimePoint> DecidedAt(const nlohmann::json& status) {
  if (!status.is_object()) return std::nullopt;
  const auto last = status.find("lastDecision");
  if (last == status.end() || !last->is_object()) return std::nullopt;
  const auto time = last->find("time");
  if (time == last->end() || !time->is_string()) return std::nullopt;
  return ParseTime(time->get_ref<const std::string&>());
}

// The size that the status' last decision left, if the present one is another: something changed it
// that the status does not tell of.
std::optional<Replicas> SizeBeforeUntoldChange(const ScalingPolicy& policy,
                                               const History& remembered, Replicas present) {
  const auto current = ReplicasIn(policy.status, "currentReplicas");
  const auto decided_at = DecidedAt(policy.status);
  if (policy.mode != Mode::kEnforce || !current || !decided_at) return std::nullopt;
  const auto& events = remembered.scale_events;
  const bool applied = !events.empty() && events.back().time >= *decided_at;
  const Replicas left = applied ? events.back().to : *current;
  if (left == present) return std::nullopt;
  return left;
}

// One pass over the turns.
class Pass {
 public:
  // `size` is the size after the last known scale event; `sought` the one that an untold change of
  // our own must have led to.
  Pass(const ScalingPolicy& policy, const PopulationAt& population, const History& remembered,
       Replicas size, std::optional<Replicas> sought)
      : policy_(policy),
        population_(population),
        remembered_(remembered),
        size_(size),
        sought_(sought),
        decided_at_(DecidedAt(policy.status)) {
    history_.scale_events = remembered.scale_events;
    for (const auto& [module, value] : remembered.memory) {
      if (!value.is_object() || !value.contains(kLasting)) continue;
      history_.memory[module] = {{kLasting, value[kLasting]}};
    }
  }

  void Run(const std::vector<PastTurn>& turns) {
    if (turns.empty()) return;
    if (turns.front().time < policy_.created) BeginAt(policy_.created);
    for (const PastTurn& turn : turns) {
      if (turn.time >= policy_.created) Decide(turn);
    }
    TakeMemory();
  }

  [[nodiscard]] bool found() const { return found_; }
  // What no turn can tell stays as the status remembers it.
  [[nodiscard]] History Take() {
    history_.scaled_to_zero = remembered_.scaled_to_zero;
    history_.left_behind = remembered_.left_behind;
    history_.foreign_change = remembered_.foreign_change;
    history_.other_owner = remembered_.other_owner;
    return std::move(history_);
  }

 private:
  void BeginAt(TimePoint created) {
    StandIn(history_, SizeAt(created), created);
    any_known_ = true;  // nothing can have been forgotten from before
  }

  void Decide(const PastTurn& turn) {
    if (decided_at_ && turn.time > *decided_at_) TakeMemory();
    const Replicas size = SizeAt(turn.time);
    const Observation observation{population_(turn.time, size, TakenAwaySince(turn.time)),
                                  turn.readings, turn.series};
    const bool known_before = history_.last_known.has_value();
    history_.scaled_to_zero = size == 0 && remembered_.scaled_to_zero;
    const Decision decision = evenkeel::Decide(policy_, observation, history_, turn.time);
    std::vector<ScaleEvent> events = std::move(history_.scale_events);
    history_ = decision.next;
    history_.scale_events = std::move(events);
    // What was not answered does not say that nothing was known.
    if (!known_before && AllFailed(turn)) history_.last_known.reset();
    any_known_ = any_known_ || AnyKnown(turn);
    if (Failed(turn) || !any_known_) StandIn(history_, size, turn.time);
    if (size == size_ && decided_at_ && turn.time > *decided_at_) Explain(decision);
  }

  // The memory in the status is that of its last decision.
  void TakeMemory() {
    if (std::exchange(memory_taken_, true)) return;
    for (const auto& [module, value] : remembered_.memory) history_.memory[module] = value;
  }

  void Explain(const Decision& decision) {
    if (found_ || !sought_ || decision.desired != *sought_) return;
    history_.scale_events.push_back({decision.time, size_, *sought_});
    size_ = *sought_;
    found_ = true;
  }

  // A decision is made on the size before its own event.
  [[nodiscard]] Replicas SizeAt(TimePoint time) const {
    for (const ScaleEvent& event : history_.scale_events) {
      if (time <= event.time) return event.from;
    }
    return size_;
  }

  [[nodiscard]] Replicas TakenAwaySince(TimePoint time) const {
    Replicas taken = sought_ && !found_ ? std::max(size_ - *sought_, 0) : 0;
    for (const ScaleEvent& event : history_.scale_events) {
      if (time <= event.time) taken += std::max(event.from - event.to, 0);
    }
    return taken;
  }

  const ScalingPolicy& policy_;
  const PopulationAt& population_;
  const History& remembered_;
  Replicas size_;
  std::optional<Replicas> sought_;
  std::optional<TimePoint> decided_at_;
  History history_;
  bool memory_taken_ = false;
  bool any_known_ = false;
  bool found_ = false;
};

}  // namespace

seconds ReplaySpan(const ScalingPolicy& policy) {
  const Behavior& behavior = policy.behavior;
  seconds longest =
      std::max(behavior.scale_up.stabilization_window, behavior.scale_down.stabilization_window);
  if (policy.fallback) longest = std::max(longest, policy.fallback->after);
  if (longest <= seconds(0)) return seconds(0);
  return std::min(longest, kLongestSpan) + 2 * policy.metrics.window + kWarmUp;
}

bool WasDecidedOn(const nlohmann::json& status) {
  return DecidedAt(status).has_value() && ReplicasIn(status, "currentReplicas").has_value();
}

bool NothingAnswered(const std::vector<PastTurn>& turns) {
  return std::ranges::all_of(turns, AllFailed);
}

History Replay(const ScalingPolicy& policy, const std::vector<PastTurn>& turns,
               const PopulationAt& population, const History& remembered, Replicas present) {
  if (const auto before = SizeBeforeUntoldChange(policy, remembered, present)) {
    Pass pass(policy, population, remembered, *before, present);
    pass.Run(turns);
    if (pass.found()) return pass.Take();
  }
  Pass pass(policy, population, remembered, present, std::nullopt);
  pass.Run(turns);
  return pass.Take();
}

}  // namespace evenkeel
