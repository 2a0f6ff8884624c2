// What holds for every decision, over random policies, observations and histories, most of them
// odd: readings that are no numbers, sizes near 2^31, clocks that were set back.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "controller/core/decide.hpp"
#include "policies/registry.hpp"
#include "support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kNow{milliseconds(1'800'000'000'000)};

// Of each of four test cases, a million together, which take some 15 s each in a debug build. The
// sanitizers make a case about ten times as slow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kCases = 15'000;
#else
constexpr int kCases = 250'000;
#endif
constexpr int kCasesPerPolicy = 50;  // a policy is dearer to make than a world around it

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  int Pick(int low, int high) {
    const auto range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    return low + static_cast<int>(engine_() % range);
  }
  bool OneIn(int n) { return Pick(1, n) == 1; }
  template <class T>
  T Of(std::initializer_list<T> choices) {
    return choices.begin()[Pick(0, static_cast<int>(choices.size()) - 1)];
  }
  double Share() { return static_cast<double>(engine_() % 1'000'001) / 1e6; }

 private:
  std::mt19937_64 engine_;
};

struct Scene {
  ScalingPolicy policy{};
  bool strict = false;
  bool average = false;
  Observation observation{};
  History history{};
  TimePoint now = kNow;

  [[nodiscard]] Decision Run() const { return Decide(policy, observation, history, now); }
};

ScalingRules RandomRules(Random& random) {
  ScalingRules rules{seconds(random.Of({0, 0, 15, 60, 300, 3600})),
                     random.Of({SelectPolicy::kMax, SelectPolicy::kMax, SelectPolicy::kMin,
                                SelectPolicy::kDisabled}),
                     {},
                     random.Of({0.0, 0.1, 0.1, 0.5})};
  for (int i = random.Pick(1, 3); i > 0; --i) {
    rules.policies.push_back({random.OneIn(2) ? RateType::kPods : RateType::kPercent,
                              random.Of({1, 4, 10, 50, 100, 300, std::numeric_limits<int>::max()}),
                              seconds(random.Of({1, 15, 60, 1800}))});
  }
  return rules;
}

void AddRatio(Scene& scene, Random& random) {
  json params = {{"signal", "eventLoopUtilization"}};
  params["target"] = random.Of({0.1, 0.7, 1e-9, 1e9});
  params["type"] = random.Of({"Value", "AverageValue", "Utilization"});
  if (params["type"] == "Utilization") params["target"] = random.Pick(1, 100);
  if (scene.strict) params["compatibility"] = "hpa";
  scene.policy.policies.push_back({"ratio", params, MakePolicy("ratio", params).value()});
}

Scene RandomPolicy(Random& random) {
  Scene scene;
  scene.policy.key = {"shop", "checkout"};
  scene.policy.target.min_replicas = random.Of({0, 1, 1, 3, 10});
  scene.policy.target.max_replicas =
      scene.policy.target.min_replicas + random.Of({0, 1, 10, 100, 1'000'000});
  scene.policy.target.max_replicas = std::max(scene.policy.target.max_replicas, 1);
  scene.policy.target.objectives.event_loop_utilization = 0.7;
  scene.strict = random.OneIn(4);
  scene.policy.behavior = {RandomRules(random), RandomRules(random),
                           scene.strict ? Arithmetic::kHpa : Arithmetic::kExact};
  AddRatio(scene, random);
  if (random.OneIn(4)) scene.policy.fallback = Fallback{seconds(60), 1};
  return scene;
}

Replicas RandomSize(Random& random) {
  if (random.OneIn(50)) return random.Of({0, std::numeric_limits<int>::max(), 1'000'000});
  return random.Pick(0, random.OneIn(3) ? 120 : 12);
}

double RandomValue(Random& random) {
  if (random.OneIn(20)) {
    return random.Of({0.0, -1.0, 1e300, -1e300, std::numeric_limits<double>::max(),
                      std::numeric_limits<double>::quiet_NaN(),
                      std::numeric_limits<double>::infinity()});
  }
  return random.Share() * random.Of({1.0, 2.0, 10.0});
}

PodFact RandomPod(Random& random, int number) {
  PodFact pod{"p" + std::to_string(number), PodPhase::kRunning, !random.OneIn(4)};
  if (random.OneIn(10)) pod.phase = random.Of({PodPhase::kPending, PodPhase::kSucceeded});
  if (pod.phase != PodPhase::kRunning) pod.ready = false;
  pod.starting = !pod.ready && random.OneIn(2);
  pod.terminating = random.OneIn(10);
  return pod;
}

Reading RandomReading(Random& random, TargetState& target) {
  if (random.OneIn(8)) {
    return Reading::Unknown(static_cast<ReadingState>(random.Pick(1, 7)), "because");
  }
  Reading reading = Reading::Value(RandomValue(random), kNow);
  if (random.OneIn(2)) return reading;
  reading.pods.emplace();
  const int pods = random.Pick(0, 5);
  for (int i = 0; i < pods; ++i) {
    const PodFact& pod = target.pods.emplace_back(RandomPod(random, i));
    if (pod.ready && !pod.terminating) ++target.ready;
    if (!random.OneIn(5)) reading.pods->values.push_back({pod.name, RandomValue(random)});
  }
  return reading;
}

void RandomWorld(Scene& scene, Random& random) {
  TargetState& target = scene.observation.target;
  target = {.spec_replicas = RandomSize(random), .status_replicas = RandomSize(random)};
  target.rollout_in_progress = random.OneIn(8);
  Reading reading = RandomReading(random, target);
  if (!reading.pods) target.ready = RandomSize(random);
  scene.observation.readings = {{"eventLoopUtilization", std::move(reading)}};
  scene.history = {};
  scene.now = kNow + seconds(random.OneIn(10) ? random.Of({-86'400, 86'400, -30}) : 0);
  for (int i = random.Pick(0, 6); i > 0; --i) {
    const auto age = seconds(random.Of({0, 1, 14, 15, 60, 299, 300, 301, 3600, -5}));
    scene.history.recommendations.push_back({kNow - age, RandomSize(random)});
    if (random.OneIn(2)) {
      scene.history.scale_events.push_back({kNow - age, RandomSize(random), RandomSize(random)});
    }
  }
  std::ranges::sort(scene.history.recommendations, {}, &Recommendation::time);
  std::ranges::sort(scene.history.scale_events, {}, &ScaleEvent::time);
}

std::string Describe(const Scene& scene, const Decision& decision) {
  std::ostringstream text;
  text << "params " << scene.policy.policies[0].params.dump() << ", bounds "
       << scene.policy.target.min_replicas << ".." << scene.policy.target.max_replicas << ", "
       << decision.current << "→" << decision.desired << ", ready "
       << scene.observation.target.ready << ", " << decision.reason << ": " << decision.message;
  return text.str();
}

// Each says what is violated, or nothing.
std::string OutOfBounds(const Scene& scene, const Decision& decision) {
  const TargetSpec& bounds = scene.policy.target;
  const bool paused = decision.current == 0 && !decision.Changes();
  const bool inside =
      decision.desired >= bounds.min_replicas && decision.desired <= bounds.max_replicas;
  return paused || inside ? "" : "the bounds are left";
}

std::string LowersOnUnknown(const Scene& scene, const Decision& decision) {
  const Reading& reading = scene.observation.readings.Find("eventLoopUtilization");
  const bool known = reading.AllowsScaleIn() && std::isfinite(reading.value);
  const Replicas least = std::min(decision.current, scene.policy.target.max_replicas);
  return known || decision.desired >= least ? "" : "an unknown signal takes replicas away";
}

std::string Undetermined(const Scene& scene, const Decision& decision) {
  const Decision again = scene.Run();
  const bool same = again.desired == decision.desired && again.reason == decision.reason &&
                    again.message == decision.message && again.steps == decision.steps &&
                    again.next == decision.next;
  return same ? "" : "the same input decides otherwise";
}

// More load, on the whole or on one pod. The HPA's own arithmetic is not monotone (few ready pods,
// overflows): the default is.
std::string LowersOnMoreLoad(Scene scene, const Decision& decision, Random& random) {
  if (scene.strict) return "";
  Reading& reading = scene.observation.readings.begin()->second;
  const double more = random.Of({1e-6, 0.01, 0.5, 100.0});
  if (!std::isfinite(reading.value)) return "";
  reading.value += more;
  if (reading.pods && !reading.pods->values.empty()) {
    auto& values = reading.pods->values;
    const int last = static_cast<int>(values.size()) - 1;
    values[static_cast<std::size_t>(random.Pick(0, last))].value += more;
  }
  const Decision heavier = scene.Run();
  return heavier.desired >= decision.desired
             ? ""
             : "more load gives fewer replicas: " + Describe(scene, heavier);
}

// A recommendation between a later lower one and a later higher one decides nothing: whatever
// window holds it holds those too.
void DropDominated(std::vector<Recommendation>& recommendations) {
  std::vector<Recommendation> kept;
  Replicas least = std::numeric_limits<Replicas>::max();
  Replicas most = std::numeric_limits<Replicas>::min();
  for (auto it = recommendations.rbegin(); it != recommendations.rend(); ++it) {
    if (it->replicas >= least && it->replicas <= most) continue;
    kept.push_back(*it);
    least = std::min(least, it->replicas);
    most = std::max(most, it->replicas);
  }
  recommendations.assign(kept.rbegin(), kept.rend());
}

void DropOutside(Scene& scene) {
  const auto& [up, down, arithmetic] = scene.policy.behavior;
  const seconds window = std::max(up.stabilization_window, down.stabilization_window);
  seconds period{0};
  for (const ScalingRules* rules : {&up, &down}) {
    for (const RatePolicy& rule : rules->policies) period = std::max(period, rule.period);
  }
  std::erase_if(scene.history.recommendations,
                [&](const Recommendation& past) { return past.time <= scene.now - window; });
  std::erase_if(scene.history.scale_events,
                [&](const ScaleEvent& past) { return past.time <= scene.now - period; });
}

std::string DependsOnIdleHistory(Scene scene, const Decision& decision) {
  DropOutside(scene);
  DropDominated(scene.history.recommendations);
  const Decision compact = scene.Run();
  const bool same = compact.desired == decision.desired && compact.reason == decision.reason &&
                    compact.message == decision.message && compact.steps == decision.steps;
  return same ? "" : "history without effect has one: " + Describe(scene, compact);
}

// The dear properties take turns.
std::string Violation(const Scene& scene, const Decision& decision, int turn, Random& random) {
  if (auto why = OutOfBounds(scene, decision); !why.empty()) return why;
  if (auto why = LowersOnUnknown(scene, decision); !why.empty()) return why;
  if (decision.reason.empty() || decision.message.empty()) return "nothing explains the decision";
  switch (turn % 8) {
    case 0:
      return Undetermined(scene, decision);
    case 1:
      return DependsOnIdleHistory(scene, decision);
    case 2:
    case 3:
      return LowersOnMoreLoad(scene, decision, random);
    default:
      return "";
  }
}

void CheckCases(std::uint64_t seed) {
  Random random(seed);
  int changes = 0;
  int lower = 0;
  Scene scene;
  for (int i = 0; i < kCases; ++i) {
    if (i % kCasesPerPolicy == 0) scene = RandomPolicy(random);
    RandomWorld(scene, random);
    const Decision decision = scene.Run();
    const std::string violation = Violation(scene, decision, i, random);
    if (!violation.empty()) {
      FAIL("case " << i << ": " << violation << "; " << Describe(scene, decision));
    }
    changes += decision.Changes() ? 1 : 0;
    lower += decision.desired < decision.current ? 1 : 0;
  }
  CHECK(changes > kCases / 4);  // or else the worlds are too tame to show anything
  CHECK(lower > kCases / 20);
}

TEST_CASE("decide: what must hold for every decision does, first quarter") { CheckCases(1); }
TEST_CASE("decide: what must hold for every decision does, second quarter") { CheckCases(2); }
TEST_CASE("decide: what must hold for every decision does, third quarter") { CheckCases(3); }
TEST_CASE("decide: what must hold for every decision does, fourth quarter") { CheckCases(4); }

}  // namespace
}  // namespace evenkeel
