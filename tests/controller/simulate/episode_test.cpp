#include "controller/simulate/episode.hpp"

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "controller/simulate/decider.hpp"
#include "support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;

namespace {

// Wants what a function of the time says.
class Scripted final : public Scaler {
 public:
  explicit Scripted(std::function<Replicas(const Sight&)> script) : script_(std::move(script)) {}
  SimSeconds Period() const override { return SimSeconds{15}; }
  bool AsksPods() const override { return true; }
  Verdict Tick(const Sight& sight) override { return {script_(sight), "Scripted"}; }

 private:
  std::function<Replicas(const Sight&)> script_;
};

ScalerKind Script(std::function<Replicas(const Sight&)> script) {
  return {"scripted", [script](const Scenario&, const Truth&, std::uint64_t) {
            return std::make_unique<Scripted>(script);
          }};
}

ScalerKind Always(Replicas replicas) {
  return Script([replicas](const Sight&) { return replicas; });
}

Scenario Loaded(double rate, Replicas initial) {
  Scenario scenario;
  scenario.name = "test";
  scenario.duration = SimSeconds{1200};
  scenario.warmup = SimSeconds{120};
  scenario.objectives.latency_p99 = 250ms;
  scenario.min_replicas = 2;
  scenario.initial_replicas = initial;
  scenario.arrivals.rate = {{SimSeconds{0}, rate}};
  return scenario;
}

double BadShare(const Record& record, double from, double to) {
  double bad = 0;
  double requests = 0;
  for (std::size_t i = static_cast<std::size_t>(from / 10); i < static_cast<std::size_t>(to / 10);
       ++i) {
    bad += record.windows[i].bad;
    requests += record.windows[i].requests;
  }
  return requests == 0 ? 0 : bad / requests;
}

std::uint64_t Requests(const Record& record) {
  std::uint64_t sum = 0;
  for (const WindowRecord& window : record.windows) sum += window.requests;
  return sum;
}

bool SameRecord(const Record& a, const Record& b) {
  bool same = a.requests == b.requests && a.windows.size() == b.windows.size();
  for (std::size_t i = 0; same && i < a.windows.size(); ++i) {
    same = a.windows[i].bad == b.windows[i].bad && a.windows[i].p99 == b.windows[i].p99 &&
           a.windows[i].utilization == b.windows[i].utilization;
  }
  return same;
}

ScalerKind Slo() { return DeciderOf("slo", DefaultPolicy(), std::chrono::seconds(15)); }

}  // namespace

TEST_CASE("enough replicas serve well, too few do not, and the load is the same") {
  const Scenario scenario = Loaded(300, 6);
  const Record enough = Simulate(scenario, 0.8, Always(6), 1);
  const Record few = Simulate(scenario, 0.8, Always(2), 1);
  CHECK(BadShare(enough, 120, 1200) < 0.01);
  CHECK(BadShare(few, 120, 1200) > 0.9);
  CHECK(enough.requests == few.requests);
  CHECK(Requests(enough) > enough.requests - 100);  // all but those under way at the end
  CHECK(enough.seconds.size() == 1200);
  CHECK(enough.seconds[600].needed == 4);
  CHECK(enough.seconds[600].rate == 300);
  CHECK(enough.windows[60].utilization == Approx(0.5).epsilon(0.2));
}

TEST_CASE("a decision acts after a second, and its pods after their start-up") {
  const Record record =
      Simulate(Loaded(100, 3), 0.8,
               Script([](const Sight& sight) { return sight.time < SimSeconds{300} ? 3 : 7; }), 1);
  REQUIRE(record.changes.size() == 1);
  const double at = record.changes[0].at.count();
  CHECK((at >= 301 && at < 316));
  CHECK(record.changes[0].from == 3);
  CHECK(record.changes[0].to == 7);
  CHECK(record.changes[0].reason == "Scripted");
  const auto second = static_cast<std::size_t>(at);
  CHECK(record.seconds[second + 18].ready == 3);
  CHECK(record.seconds[second + 41].ready == 7);
  CHECK(record.seconds[second + 1].spec == 7);
}

TEST_CASE("whoever asks the pods sees their concurrency and utilization") {
  double concurrency = 0;
  double utilization = 0;
  double rate = 0;
  int ticks = 0;
  const auto script = [&](const Sight& sight) {
    if (sight.time < SimSeconds{300}) return 4;
    ++ticks;
    for (const PodSample& pod : sight.pods) {
      concurrency += pod.concurrency;
      utilization += pod.utilization;
      rate += pod.request_rate;
    }
    return 4;
  };
  REQUIRE(Simulate(Loaded(200, 4), 0.8, Script(script), 1).changes.empty());
  CHECK(rate / ticks == Approx(200).epsilon(0.05));
  CHECK(utilization / ticks == Approx(2.0).epsilon(0.05));
  CHECK(concurrency / ticks == Approx(200 * 0.0365).epsilon(0.1));  // Little
}

TEST_CASE("the same seed gives the same episode, on any thread, and another one another") {
  const Scenario scenario = Loaded(300, 3);
  const ScalerKind slo = Slo();
  const Record first = Simulate(scenario, 0.8, slo, 1);
  std::vector<Record> records(3);
  std::vector<std::thread> threads;
  for (Record& record : records) {
    threads.emplace_back([&] { record = Simulate(scenario, 0.8, slo, 1); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Record& record : records) CHECK(SameRecord(first, record));
  CHECK_FALSE(SameRecord(first, Simulate(scenario, 0.8, slo, 2)));
}

TEST_CASE("Evenkeel's own Decide scales a simulated service out of overload") {
  const Record record = Simulate(Loaded(600, 3), 0.8, Slo(), 1);
  REQUIRE_FALSE(record.changes.empty());
  CHECK(record.changes.front().to > 3);
  CHECK(record.seconds.back().ready >= 8);
  CHECK(BadShare(record, 900, 1200) < 0.01);
}

// The look-backs of the past lie on other instants than the rounds had, so a decision of the
// stabilization window may move by a round.
TEST_CASE("a controller restart costs a round at most: the past is replayed") {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    CAPTURE(seed);
    Scenario scenario = Loaded(500, 8);
    scenario.arrivals.rate = {{SimSeconds{0}, 500}, {SimSeconds{300}, 500}, {SimSeconds{300}, 200}};
    const Record unbroken = Simulate(scenario, 0.8, Slo(), seed);
    scenario.events = {{SimSeconds{470}, SimSeconds{0}, EventKind::kControllerRestart}};
    const Record restarted = Simulate(scenario, 0.8, Slo(), seed);
    REQUIRE_FALSE(unbroken.changes.empty());
    REQUIRE_FALSE(restarted.changes.empty());
    const SimSeconds moved = restarted.changes[0].at - unbroken.changes[0].at;
    CHECK(std::abs(moved.count()) < 15.1);
    CHECK(restarted.changes.back().to == unbroken.changes.back().to);
  }
}

TEST_CASE("rounds begin at a phase of the seed, which is the same for all who decide as often") {
  const auto first = [](std::uint64_t seed, const ScalerKind& kind) {
    return Simulate(Loaded(100, 3), 0.8, kind, seed).changes.at(0).at.count();
  };
  std::set<double> phases;
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    const double at = first(seed, Always(4));
    CHECK((at > 1 && at <= 16));  // a decision acts after a second
    CHECK(first(seed, Always(7)) == at);
    phases.insert(at);
  }
  CHECK(phases.size() == 5);
}

TEST_CASE("an episode can be ended early, and keeps what there is") {
  const Record record = Simulate(Loaded(100, 3), 0.8, Always(3), 1,
                                 [](SimSeconds now) { return now < SimSeconds{300}; });
  CHECK(record.seconds.size() < 310);
  CHECK(record.seconds.size() > 290);
}

TEST_CASE("events do what they say") {
  Scenario scenario = Loaded(300, 6);
  const auto during = [&](const ScenarioEvent& event) {
    scenario.events = {event};
    const Record record = Simulate(scenario, 0.8, Always(6), 1);
    CHECK(BadShare(record, 120, 400) < 0.01);
    return record;
  };
  const SimSeconds at{400};
  const SimSeconds lasts{200};
  CHECK(BadShare(during({at, lasts, EventKind::kDatabaseSlow, 8}), 420, 600) > 0.05);
  CHECK(BadShare(during({at, lasts, EventKind::kWorkFactor, 2}), 420, 600) > 0.2);
  CHECK(BadShare(during({at, lasts, EventKind::kPodSlow, 4, 1}), 420, 600) > 0.05);
  CHECK(BadShare(during({at, SimSeconds{0}, EventKind::kPodsLost, 1, 5}), 400, 430) > 0.5);
  CHECK(BadShare(during({at, SimSeconds{0}, EventKind::kRelease, 2}), 700, 1200) > 0.2);
  const Record errors = during({at, lasts, EventKind::kErrors, 0.5});
  CHECK(BadShare(errors, 420, 600) < 0.01);
  CHECK(errors.windows[50].failed > errors.windows[50].requests / 3);
  CHECK(BadShare(errors, 620, 1200) < 0.01);
}

TEST_CASE("clients that try again add to an overload, within their budget") {
  Scenario scenario = Loaded(300, 2);
  const Record calm = Simulate(scenario, 0.8, Always(2), 1);
  scenario.arrivals.retries = 2;
  const Record storm = Simulate(scenario, 0.8, Always(2), 1);
  CHECK(storm.requests > calm.requests * 11 / 10);
  CHECK(storm.requests <= calm.requests * 12 / 10 + 1);
}

TEST_CASE("every balancer serves, and the fewest requests in flight serve best") {
  Scenario scenario = Loaded(300, 4);
  const auto bad = [&](Balancer balancer) {
    scenario.balancer = balancer;
    return BadShare(Simulate(scenario, 0.8, Always(4), 1), 120, 1200);
  };
  const double least = bad(Balancer::kLeastRequest);
  CHECK(least <= bad(Balancer::kRoundRobin));
  CHECK(bad(Balancer::kRoundRobin) <= bad(Balancer::kRandom));
  CHECK(bad(Balancer::kRandom) <= bad(Balancer::kSticky));
  CHECK(bad(Balancer::kSticky) < 0.5);
}
