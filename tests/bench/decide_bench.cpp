// Times decisions in their steady state, a new one every 15 s, with 0, 20 and 240 recommendations
// in the window, and prints JSON: [{"history": 0, "ns": …, "decided": […], "decideNs": …}, …], in
// nanoseconds.
//   ns        what the HPA's code that tests/conformance/oracle/bench.go times does too: prune and
//             remember, stabilize, rate limit, bounds
//   decided   what that made of each of the proposals
//   decideNs  the whole of Decide, with one signal and the module ratio
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ratio>
#include <utility>
#include <vector>

#include "controller/core/decide.hpp"
#include "policies/registry.hpp"

namespace evenkeel {
namespace {

using std::chrono::seconds;

// As in bench.go.
constexpr seconds kPeriod{15};
constexpr Replicas kCurrent = 10;
constexpr Replicas kLeast = 2;
constexpr Replicas kMost = 100;
constexpr Replicas kProposals[] = {10, 14, 7, 30, 9, 11, 2, 60};
constexpr std::chrono::milliseconds kTimeFor{100};
constexpr std::size_t kBatch = 200;  // decisions between two looks at the clock
constexpr double kTarget = 100;

Replicas ProposalAt(std::size_t i) { return kProposals[i % std::size(kProposals)]; }

// The default behavior, but for the window of scale-in.
Behavior MakeBehavior(int history) {
  Behavior behavior;
  behavior.scale_down.stabilization_window = history * kPeriod + seconds(1);
  return behavior;
}

// Two changes within every period, as old at each decision.
std::vector<ScaleEvent> EventsAt(TimePoint now) {
  return {{now - seconds(10), 9, 8}, {now - seconds(5), 8, 10}};
}

History MakeHistory(int history, TimePoint now) {
  History made{.scale_events = EventsAt(now)};
  for (int i = history; i > 0; --i) {
    made.recommendations.push_back({now - i * kPeriod, ProposalAt(static_cast<std::size_t>(i))});
  }
  return made;
}

// A clock that goes on by a period, and the events with it.
void Advance(TimePoint& now, History& history) {
  now += kPeriod;
  for (ScaleEvent& event : history.scale_events) event.time += kPeriod;
}

Replicas Normalize(const Behavior& behavior, History& history, Replicas proposal, TimePoint now) {
  Prune(history, now, behavior.scale_down.stabilization_window, kPeriod);
  const Limited stabilized = Stabilize(behavior, history, kCurrent, proposal, now);
  history.recommendations.push_back({now, proposal});
  const Limited limited = LimitRate(behavior, history, kCurrent, stabilized.replicas, now);
  return std::clamp(limited.replicas, kLeast, kMost);
}

struct Timing {
  double ns = 0;                    // of one decision
  std::vector<Replicas> decided{};  // for each of the proposals
};

// Times `decide`, which gets a running number. What it returns is used, so that nothing is
// optimised away.
template <class Decider>
Timing Time(Decider decide) {
  using Clock = std::chrono::steady_clock;
  volatile Replicas sink = 0;
  for (std::size_t i = 0; i < 1000; ++i) sink = decide(i);  // warm up
  Timing timing;
  for (std::size_t i = 0; i < std::size(kProposals); ++i) timing.decided.push_back(decide(i));
  std::size_t count = 0;
  const auto start = Clock::now();
  while (Clock::now() - start < kTimeFor) {
    for (std::size_t i = 0; i < kBatch; ++i) sink = decide(count + i);
    count += kBatch;
  }
  const std::chrono::duration<double, std::nano> took = Clock::now() - start;
  static_cast<void>(sink);
  timing.ns = took.count() / static_cast<double>(count);
  return timing;
}

Timing TimeNormalize(int size) {
  TimePoint now{};
  const Behavior behavior = MakeBehavior(size);
  History history = MakeHistory(size, now);
  return Time([&](std::size_t i) {
    Advance(now, history);
    return Normalize(behavior, history, ProposalAt(i), now);
  });
}

ScalingPolicy MakeScalingPolicy(int history) {
  ScalingPolicy policy;
  policy.key = {"shop", "checkout"};
  policy.target_ref.name = "checkout";
  policy.target = {kLeast, kMost, {}, seconds(60)};
  policy.behavior = MakeBehavior(history);
  const nlohmann::json params{
      {"signal", "queueDepth"}, {"target", kTarget}, {"type", "AverageValue"}};
  policy.policies.push_back({"ratio", params, MakePolicy("ratio", params).value()});
  return policy;
}

Timing TimeDecide(int size) {
  TimePoint now{};
  const ScalingPolicy policy = MakeScalingPolicy(size);
  History history = MakeHistory(size, now);
  Observation observation;
  observation.target = {.spec_replicas = kCurrent, .status_replicas = kCurrent, .ready = kCurrent};
  Reading& reading = observation.readings["queueDepth"];
  return Time([&](std::size_t i) {
    Advance(now, history);
    reading = Reading::Value(kTarget * ProposalAt(i), now);
    Decision decision = Decide(policy, observation, history, now);
    history = std::move(decision.next);
    return decision.desired;
  });
}

nlohmann::json TimeAll() {
  auto timings = nlohmann::json::array();
  for (const int history : {0, 20, 240}) {
    const Timing part = TimeNormalize(history);
    timings.push_back({{"history", history},
                       {"ns", part.ns},
                       {"decided", part.decided},
                       {"decideNs", TimeDecide(history).ns}});
  }
  return timings;
}

}  // namespace
}  // namespace evenkeel

int main() {
  try {
    std::cout << evenkeel::TimeAll() << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "decide_bench: " << error.what() << "\n";
    return 1;
  }
}
