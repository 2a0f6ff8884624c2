// A restart changes no decision: for random loads, faults of Prometheus and policies, a controller
// that takes over between two turns must decide from then on what an unbroken one decides.
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "controller/runtime/recall.hpp"
#include "controller/runtime/round.hpp"
#include "tests/controller/runtime/site.hpp"
#include "tests/support/catch.hpp"

namespace evenkeel {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using test::kBegin;
using test::kPeriod;
using test::Site;
using test::Weather;

// A controller's process: all that is lost with it.
class Process {
 public:
  explicit Process(Site& site)
      : site_(site),
        kube_([this](const HttpRequest& request) { return site_.AnswerKube(request); }) {
    Sources sources;
    sources.emplace("default",
                    std::make_unique<test::ScriptedTransport>([this](const HttpRequest& request) {
                      return site_.AnswerPrometheus(request);
                    }));
    fetcher_ = std::make_unique<Fetcher>(std::move(sources));
  }

  // One round; returns what it decided, and what it will remember.
  json Turn(TimePoint now) {
    for (WatchUpdate& update : site_.Lists()) (void)world_.Apply(std::move(update));
    const RoundContext context{world_,    *fetcher_, scales_,     writer_, reporter_, metrics_,
                               planning_, kPeriod,   seconds(10), {},      [] {},     [] {}};
    (void)RunRound(context, {Site::Key()}, 1, now, {});
    json decided = world_.Find(Site::Key())->reported;
    for (json& condition : decided["conditions"]) condition.erase("lastTransitionTime");
    return decided;
  }

  [[nodiscard]] std::string metrics() const { return metrics_.Serialize(); }

 private:
  Site& site_;
  test::ScriptedTransport kube_;
  std::unique_ptr<Fetcher> fetcher_;
  World world_;
  Metrics metrics_;
  Planning planning_;
  ScaleReader scales_{kube_};
  KubeWriter writer_{kube_, TokenBucket(1e6, 1'000'000, {}), {}};
  Reporter reporter_{writer_, metrics_, "test"};
};

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  int Pick(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }
  double Real(double least, double most) {
    return std::uniform_real_distribution(least, most)(random_);
  }
  bool OneIn(int count) { return Pick(1, count) == 1; }

 private:
  std::mt19937 random_;
};

json RandomRules(Dice& dice, std::vector<int> windows) {
  json rules = {
      {"stabilizationWindowSeconds",
       windows[static_cast<std::size_t>(dice.Pick(0, static_cast<int>(windows.size()) - 1))]},
      {"policies", json::array()}};
  for (int i = dice.Pick(1, 2); i > 0; --i) {
    const bool pods = dice.OneIn(2);
    rules["policies"].push_back({{"type", pods ? "Pods" : "Percent"},
                                 {"value", pods ? dice.Pick(1, 3) : dice.Pick(20, 100)},
                                 {"periodSeconds", dice.Pick(1, 12) * 15}});
  }
  rules["selectPolicy"] = dice.OneIn(2) ? "Max" : "Min";
  return rules;
}

json RandomModules(Dice& dice) {
  const json slo = {{"name", "slo"}};
  const json ratio = {{"name", "ratio"},
                      {"params",
                       {{"signal", "queueDepth"},
                        {"target", dice.Pick(5, 20)},
                        {"type", dice.OneIn(2) ? "Value" : "AverageValue"}}}};
  switch (dice.Pick(0, 2)) {
    case 0:
      return json::array({slo});
    case 1:
      return json::array({ratio});
    default:
      return json::array({slo, ratio});
  }
}

json RandomPolicy(Dice& dice) {
  json policy = {{"apiVersion", "evenkeel.dev/v1alpha1"},
                 {"kind", "ScalingPolicy"},
                 {"metadata",
                  {{"namespace", "shop"},
                   {"name", "checkout"},
                   {"uid", "p-1"},
                   {"resourceVersion", "1"},
                   {"generation", 1},
                   {"creationTimestamp", "2027-01-15T08:00:00Z"}}},  // kBegin
                 {"spec",
                  {{"targetRef", {{"name", "checkout"}}},
                   {"minReplicas", 2},
                   {"maxReplicas", 14},
                   {"metrics", {{"window", "1m"}, {"queries", {{"queueDepth", "queue_depth"}}}}},
                   {"objectives", {{"latencyP99", "250ms"}, {"errorRate", "5%"}}},
                   {"policies", RandomModules(dice)},
                   {"behavior",
                    {{"scaleUp", RandomRules(dice, {0, 30, 60})},
                     {"scaleDown", RandomRules(dice, {15, 60, 120, 300})}}}}}};
  if (dice.OneIn(2)) {
    policy["spec"]["fallback"] = {{"after", "30s"}, {"replicas", dice.Pick(3, 8)}};
  }
  return policy;
}

// Levels that hold for some turns, with noise, and faults of a few turns, short enough for the
// replay's warm-up to see beyond them.
std::vector<Weather> RandomWeather(Dice& dice, int turns) {
  std::vector<Weather> all;
  Weather level;
  int level_left = 0;
  int fault_left = 0;
  int calm_left = 4;
  for (int i = 0; i < turns; ++i) {
    if (level_left-- <= 0) {
      level = {.load = dice.Real(0.3, 6), .queue = dice.Real(5, 160)};
      level.latency = dice.OneIn(4) ? 0.4 : 0.1;
      level_left = dice.Pick(1, 12);
    }
    if (fault_left-- <= 0) {
      level.down = level.uncovered = level.without_queue = false;
      if (--calm_left < 0 && dice.OneIn(5)) {
        (dice.OneIn(3) ? level.down : dice.OneIn(2) ? level.uncovered : level.without_queue) = true;
        fault_left = dice.Pick(0, 3);
        calm_left = fault_left + 4;
      }
    }
    Weather weather = level;
    weather.load *= dice.Real(0.8, 1.2);
    weather.queue = std::round(weather.queue * dice.Real(0.8, 1.2));
    all.push_back(weather);
  }
  return all;
}

struct Tally {
  int compared = 0;  // turns after restarts
  int changes = 0;   // of the size among them
  int restarts = 0;
  int excluded = 0;
  int untold = 0;  // restarts whose last status was lost, with a change in it
};

TimePoint TimeOf(int turn) { return kBegin + turn * kPeriod; }

// Longer than the longest window.
constexpr int kComparedTurns = 24;

// The new process starts after `turn`, in its own copy of the site.
void Restart(Site site, int turn, const std::vector<Weather>& weather,
             const std::vector<json>& unbroken, Tally& tally) {
  Process process(site);
  site.loses_status = false;
  ++tally.restarts;
  const int end = std::min(turn + 1 + kComparedTurns, static_cast<int>(weather.size()));
  for (int i = turn + 1; i < end; ++i) {
    site.Turn(TimeOf(i), weather[static_cast<std::size_t>(i)]);
    const json decided = process.Turn(TimeOf(i));
    const json& expected = unbroken[static_cast<std::size_t>(i)];
    INFO("restarted after turn " << turn << ", at turn " << i << ": the unbroken one differs by "
                                 << json::diff(decided, expected).dump());
    const bool same = decided == expected;
    REQUIRE(same);
    ++tally.compared;
    if (decided["currentReplicas"] != decided["desiredReplicas"]) ++tally.changes;
  }
}

// An unbroken controller's episode; before some turns a copy of the site is left for a restart.
void Episode(unsigned seed, Tally& tally) {
  constexpr int kTurns = 64;
  INFO("episode " << seed);
  Dice dice(seed);
  Site site(RandomPolicy(dice), seed);
  INFO(site.policy["spec"].dump());
  const std::vector<Weather> weather = RandomWeather(dice, kTurns);
  Process process(site);
  std::vector<json> unbroken;
  std::vector<std::pair<int, Site>> killed;
  for (int turn = 0; turn < kTurns; ++turn) {
    const json status_before = site.policy.value("status", json());
    site.Turn(TimeOf(turn), weather[static_cast<std::size_t>(turn)]);
    const Replicas before = site.replicas;
    unbroken.push_back(process.Turn(TimeOf(turn)));
    if (turn == kTurns - 1 || !dice.OneIn(before != site.replicas ? 3 : 12)) continue;
    killed.emplace_back(turn, site);
    if (!status_before.is_object() || !dice.OneIn(3)) continue;
    killed.back().second.policy["status"] = status_before;  // it died before the report
    if (before != site.replicas) ++tally.untold;
  }
  const auto parsed = ParseScalingPolicy(site.policy);
  const seconds span = ReplaySpan(std::get<ScalingPolicy>(parsed));
  for (auto& [turn, copy] : killed) {
    // Residue (replay.hpp): a pod that is gone counts as ready, also while it was starting up. And
    // what does not answer at the start cannot be recalled.
    const bool unknowable = copy.forgotten_start + span >= TimeOf(turn + 1);
    if (unknowable || weather[static_cast<std::size_t>(turn + 1)].down) {
      ++tally.excluded;
    } else {
      Restart(copy, turn, weather, unbroken, tally);
    }
  }
}

// Busy for eight turns, then idle: the size is held for the window of ten turns (150 s) and then
// falls.
std::vector<Weather> BusyThenIdle(int turns) {
  std::vector<Weather> all(static_cast<std::size_t>(turns), {.load = 1, .queue = 20});
  for (std::size_t i = 0; i < 8; ++i) all[i].queue = 60;
  return all;
}

json HeldForTenTurns() {
  Dice dice(1);
  json policy = RandomPolicy(dice);
  policy["spec"].erase("fallback");
  policy["spec"]["policies"] = {
      {{"name", "ratio"},
       {"params", {{"signal", "queueDepth"}, {"target", 10}, {"type", "AverageValue"}}}}};
  policy["spec"]["behavior"] = {{"scaleDown", {{"stabilizationWindowSeconds", 150}}}};
  return policy;
}

// The turn at which the size falls, given those at which Prometheus does not answer; with a new
// process after `killed_after`, if that is a turn.
int FallsAt(const std::vector<int>& down, std::optional<int> killed_after) {
  Site site(HeldForTenTurns(), 1);
  std::vector<Weather> weather = BusyThenIdle(60);
  for (const int turn : down) weather[static_cast<std::size_t>(turn)].down = true;
  auto process = std::make_unique<Process>(site);
  for (int turn = 0; turn < 60; ++turn) {
    site.Turn(TimeOf(turn), weather[static_cast<std::size_t>(turn)]);
    const json decided = process->Turn(TimeOf(turn));
    if (decided["desiredReplicas"] < decided["currentReplicas"]) return turn;
    if (turn == killed_after) process = std::make_unique<Process>(site);
  }
  return 60;
}

TEST_CASE("restart: a source that does not answer at the start is asked again") {
  CHECK(FallsAt({}, std::nullopt) == 17);  // last wish for more at turn 7, and ten turns
  CHECK(FallsAt({}, 12) == 17);
  CHECK(FallsAt({13, 14}, 12) == 17);
}

TEST_CASE("restart: a past that cannot be had holds the size for a window and no longer") {
  // Given up at turn 15; up to that, the last that knew nothing, the size counts as what was
  // wanted.
  CHECK(FallsAt({13, 14, 15}, 12) == 25);
  CHECK(FallsAt({13, 14, 15}, std::nullopt) == 17);
}

TEST_CASE("restart: what is not recalled yet may grow and may not shrink") {
  Site site(HeldForTenTurns(), 1);
  World world;
  for (WatchUpdate& update : site.Lists()) (void)world.Apply(std::move(update));
  PolicyEntry& entry = *world.Find(Site::Key());
  std::get<ScalingPolicy>(entry.parsed).status = {
      {"currentReplicas", 3}, {"lastDecision", {{"time", "2027-01-15T08:00:00Z"}}}};
  Recall(world, entry, nullptr, 3, TimeOf(1));
  CHECK_FALSE(entry.recalled);
  CHECK(entry.history->recommendations == std::vector<Recommendation>{{TimeOf(1), 3, true}});
}

TEST_CASE("restart: a policy that was never decided on begins with its present size") {
  Site site(HeldForTenTurns(), 1);
  World world;
  for (WatchUpdate& update : site.Lists()) (void)world.Apply(std::move(update));
  CHECK(PlanRecall(world, {Site::Key()}, kPeriod).keys.empty());
  PolicyEntry& entry = *world.Find(Site::Key());
  Recall(world, entry, nullptr, 3, TimeOf(1));
  CHECK(entry.recalled);
  CHECK(entry.history->recommendations == std::vector<Recommendation>{{TimeOf(1), 3, true}});
}

TEST_CASE("restart: of thousands of policies a round recalls as many as it can bear") {
  World world;
  ListReplaced list;
  std::vector<ObjectKey> keys;
  for (int i = 0; i < 1000; ++i) {
    json policy = HeldForTenTurns();
    const std::string name = "checkout-" + std::to_string(i);
    policy["metadata"]["name"] = name;
    policy["metadata"]["uid"] = name;
    policy["spec"]["targetRef"] = {
        {"apiVersion", "argoproj.io/v1alpha1"}, {"kind", "Rollout"}, {"name", name}};
    policy["status"] = {{"currentReplicas", 3},
                        {"observedGeneration", 1},
                        {"lastDecision", {{"time", "2027-01-15T08:00:00Z"}}}};
    keys.push_back({"shop", name});
    list.objects.emplace_back(CustomObject{keys.back(), policy});
  }
  const PolicyChanges changes = world.Apply({ResourceKind::kScalingPolicies, std::move(list)});
  CHECK(changes.known.size() == 1000);  // their next turn is early enough
  CHECK(changes.changed.empty());
  const RecallPlan plan = PlanRecall(world, keys, kPeriod);
  CHECK(plan.span == seconds(150 + 120 + 60));
  CHECK(plan.keys.size() == 12'000 / 23);
}

// Five episodes; with so many seen that a pass is none for want of anything to compare.
void Episodes(unsigned first) {
  Tally tally;
  for (unsigned seed = first; seed < first + 5; ++seed) Episode(seed, tally);
  INFO("restarts " << tally.restarts << ", excluded " << tally.excluded << ", untold "
                   << tally.untold << ", turns compared " << tally.compared << ", changes "
                   << tally.changes);
  CHECK(tally.restarts > 2 * tally.excluded);
  CHECK(tally.compared > 300);
  CHECK(tally.changes > 20);
  CHECK(tally.untold > 0);
}

TEST_CASE("restart: every later decision is what an unbroken controller would have made") {
  Episodes(1);
}

TEST_CASE("restart: every later decision is what an unbroken controller would have made (more)") {
  Episodes(6);
}

}  // namespace
}  // namespace evenkeel
