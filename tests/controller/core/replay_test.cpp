#include "controller/core/replay.hpp"

#include <memory>

#include "controller/core/time_format.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds kPeriod{15};
constexpr TimePoint kNow{seconds(1'800'000'000)};  // 2027-01-15T08:00:00Z, a turn

// Wants what the signal "wanted" says, and counts its decisions in its memory.
class Follows final : public Policy {
 public:
  [[nodiscard]] std::vector<Need> Needs(const TargetSpec&) const override { return {{"wanted"}}; }
  [[nodiscard]] Result<Proposal> Propose(const Input& input) const override {
    Proposal proposal;
    proposal.memory = input.memory.is_null() ? json(1) : json(input.memory.get<int>() + 1);
    const Reading& wanted = input.readings.Find("wanted");
    if (!wanted.HasValue()) return proposal;
    proposal.kind = ProposalKind::kReactive;
    proposal.replicas = static_cast<Replicas>(wanted.value);
    return proposal;
  }
};

// Windows of five minutes up and down; created long ago; never decided on, if no status is given.
ScalingPolicy Policy(json status = nullptr) {
  ScalingPolicy policy;
  policy.key = {"shop", "checkout"};
  policy.target.max_replicas = 40;
  policy.behavior.scale_up.stabilization_window = minutes(5);
  policy.policies = {{"follows", nullptr, std::make_shared<Follows>()}};
  policy.metrics.queries = {{"wanted", "wanted"}};
  policy.status = std::move(status);
  return policy;
}

json StatusAt(TimePoint time, Replicas current, Replicas desired) {
  return {{"currentReplicas", current},
          {"desiredReplicas", desired},
          {"lastDecision", {{"time", FormatTime(time)}}}};
}

constexpr int kNoData = -1;
constexpr int kFailed = -2;

// The turns just before kNow, oldest first: what was wanted at each.
std::vector<PastTurn> Turns(const std::vector<int>& wanted) {
  std::vector<PastTurn> turns;
  TimePoint time = kNow - static_cast<int>(wanted.size()) * kPeriod;
  for (const int value : wanted) {
    Reading reading = Reading::Value(value, time);
    if (value == kNoData) reading = Reading::Unknown(ReadingState::kNoData, "none");
    if (value == kFailed) reading = Reading::Unknown(ReadingState::kFailed, "refused");
    turns.push_back({time, {{"wanted", reading}}, {}});
    time += kPeriod;
  }
  return turns;
}

TimePoint Ago(int turns) { return kNow - turns * kPeriod; }

TargetState AllReady(TimePoint, Replicas size, Replicas) {
  return {.spec_replicas = size, .status_replicas = size, .ready = size};
}

History Replayed(const ScalingPolicy& policy, const std::vector<int>& wanted, Replicas present,
                 const History& remembered = {}) {
  return Replay(policy, Turns(wanted), AllReady, remembered, present);
}

using Recommendations = std::vector<Recommendation>;

TEST_CASE("replay: every past turn leaves the recommendation that was made on it") {
  const History history = Replayed(Policy(), {9, 4, 6}, 5);
  CHECK(history.recommendations == Recommendations{{Ago(3), 9}, {Ago(2), 4}, {Ago(1), 6}});
  CHECK(history.last_known == Ago(1));
}

TEST_CASE("replay: an unknown turn leaves nothing, unless the past before it may be lost") {
  const History gap = Replayed(Policy(), {9, kNoData, 6}, 5);
  CHECK(gap.recommendations == Recommendations{{Ago(3), 9}, {Ago(1), 6}});
  const History lost = Replayed(Policy(), {kNoData, kNoData, 6}, 5);
  CHECK(lost.recommendations == Recommendations{{Ago(3), 5, true}, {Ago(2), 5, true}, {Ago(1), 6}});
}

TEST_CASE("replay: where a query failed the size of that time is assumed") {
  const History remembered{.scale_events = {{Ago(2), 8, 5}}};
  const History history = Replayed(Policy(), {9, kFailed, kFailed}, 5, remembered);
  CHECK(history.recommendations ==
        Recommendations{{Ago(3), 9}, {Ago(2), 8, true}, {Ago(1), 5, true}});
}

TEST_CASE("replay: answers that failed do not say for how long nothing was known") {
  CHECK_FALSE(Replayed(Policy(), {kFailed, kFailed}, 5).last_known.has_value());
  CHECK(Replayed(Policy(), {kFailed, kNoData, kNoData}, 5).last_known == Ago(2));
  CHECK(Replayed(Policy(), {7, kNoData, kFailed}, 5).last_known == Ago(3));
}

TEST_CASE("replay: a policy begins with the size at its creation, and has no past before") {
  ScalingPolicy policy = Policy();
  policy.created = Ago(2);
  const History history = Replayed(policy, {9, kNoData, 6}, 5);
  CHECK(history.recommendations == Recommendations{{Ago(2), 5, true}, {Ago(1), 6}});
}

TEST_CASE("replay: decides on the size of each time, as the scale events tell it") {
  std::vector<std::pair<Replicas, Replicas>> seen;  // size, taken away since
  const PopulationAt population = [&](TimePoint time, Replicas size, Replicas taken_away) {
    seen.emplace_back(size, taken_away);
    return AllReady(time, size, taken_away);
  };
  const History remembered{.scale_events = {{Ago(4), 3, 9}, {Ago(2), 9, 5}}};
  const History history = Replay(Policy(), Turns({1, 1, 1, 1, 1}), population, remembered, 5);
  CHECK(seen == std::vector<std::pair<Replicas, Replicas>>{{3, 4}, {3, 4}, {9, 4}, {9, 4}, {5, 0}});
  CHECK(history.scale_events == remembered.scale_events);
}

TEST_CASE("replay: memory goes on from the status, as of its last decision") {
  const History remembered{.memory = {{"follows", 40}}};
  // Decided at three turns ago: two turns have passed since.
  CHECK(Replayed(Policy(StatusAt(Ago(3), 5, 5)), {5, 5, 5, 5}, 5, remembered).memory ==
        std::map<std::string, json>{{"follows", 42}});
  CHECK(Replayed(Policy(StatusAt(Ago(1), 5, 5)), {5, 5, 5, 5}, 5, remembered).memory ==
        std::map<std::string, json>{{"follows", 40}});
  CHECK(Replayed(Policy(), {5, 5, 5, 5}, 5).memory == std::map<std::string, json>{{"follows", 4}});
}

TEST_CASE("replay: a change of our own that was not reported any more becomes a scale event") {
  ScalingPolicy policy = Policy(StatusAt(Ago(4), 5, 5));
  policy.behavior.scale_up.stabilization_window = seconds(0);
  const History history = Replayed(policy, {5, 5, 5, 8, 8}, 8);
  CHECK(history.scale_events == std::vector<ScaleEvent>{{Ago(2), 5, 8}});
}

TEST_CASE("replay: a change that is not ours becomes none") {
  ScalingPolicy policy = Policy(StatusAt(Ago(4), 5, 5));
  policy.behavior.scale_up.stabilization_window = seconds(0);
  CHECK(Replayed(policy, {5, 5, 5, 8, 8}, 7).scale_events.empty());
  policy.mode = Mode::kObserve;
  CHECK(Replayed(policy, {5, 5, 5, 8, 8}, 8).scale_events.empty());
}

TEST_CASE("replay: the span covers windows, fallback and warm-up, and without them is nothing") {
  ScalingPolicy policy = Policy();
  CHECK(ReplaySpan(policy) == minutes(5) + minutes(3));
  policy.fallback = Fallback{.after = minutes(10)};
  CHECK(ReplaySpan(policy) == minutes(10) + minutes(3));
  policy.fallback->after = minutes(600);
  CHECK(ReplaySpan(policy) == minutes(60) + minutes(3));
  policy.fallback.reset();
  policy.behavior = {};
  policy.behavior.scale_down.stabilization_window = seconds(0);
  CHECK(ReplaySpan(policy) == seconds(0));
}

TEST_CASE("replay: a status from a decision is told from one of an invalid spec or none") {
  CHECK(WasDecidedOn(StatusAt(kNow, 5, 5)));
  CHECK_FALSE(WasDecidedOn(nullptr));
  CHECK_FALSE(WasDecidedOn({{"lastDecision", {{"time", "2027-01-15T08:00:00Z"}}}}));
  CHECK_FALSE(WasDecidedOn({{"currentReplicas", 5}, {"lastDecision", 7}}));
}

}  // namespace
}  // namespace evenkeel
