// The default policy in a closed loop: what the parts of its law are to do together.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/simulate/baselines.hpp"
#include "controller/simulate/decider.hpp"
#include "controller/simulate/episode.hpp"
#include "controller/simulate/scores.hpp"
#include "support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;

namespace {

Scenario Loaded(std::vector<RatePoint> rate, Replicas initial, double seconds) {
  Scenario scenario;
  scenario.name = "test";
  scenario.duration = SimSeconds{seconds};
  scenario.warmup = SimSeconds{0};
  scenario.objectives.latency_p99 = 250ms;
  scenario.min_replicas = 2;
  scenario.initial_replicas = initial;
  scenario.arrivals.rate = std::move(rate);
  return scenario;
}

Record Play(const Scenario& scenario, std::uint64_t seed = 1) {
  return Simulate(scenario, 0.8, DeciderOf("slo", DefaultPolicy(), 15s), seed);
}

Replicas Peak(const Record& record) {
  return std::ranges::max_element(record.seconds, {}, &SecondRecord::spec)->spec;
}

bool Says(const Record& record, std::string_view reason) {
  return std::ranges::find(record.changes, reason, &ChangeRecord::reason) != record.changes.end();
}

double BadShare(const Record& record, std::size_t from, std::size_t to) {
  double bad = 0;
  double requests = 0;
  for (std::size_t i = from / 10; i < to / 10; ++i) {
    bad += record.windows[i].bad;
    requests += record.windows[i].requests;
  }
  return bad / requests;
}

}  // namespace

TEST_CASE("slo in a loop: a constant load has one size, whatever it begins with, and keeps it") {
  for (const Replicas initial : {3, 12}) {
    CAPTURE(initial);
    Scenario scenario = Loaded({{SimSeconds{0}, 250}}, initial, 2400);
    scenario.objectives.event_loop_utilization = 0.60;
    const Record record = Play(scenario);
    // 2.5 erlangs: 4.2 pods, of which four are within the tolerance.
    const Replicas size = record.seconds[900].spec;
    CHECK((size == 4 || size == 5));
    for (std::size_t second = 900; second < 2400; ++second) {
      CHECK(record.seconds[second].spec == size);
    }
    CHECK(record.changes.size() <= (initial < 5 ? 3 : 1));
  }
}

TEST_CASE("slo in a loop: a step to three times the load is met, and not overshot") {
  const Scenario scenario =
      Loaded({{SimSeconds{0}, 100}, {SimSeconds{300}, 100}, {SimSeconds{300}, 300}}, 2, 1200);
  const auto rival = MakeBaseline("hpa-elu");
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    const Record record = Play(scenario, seed);
    CHECK(Peak(record) >= 5);
    CHECK(Peak(record) <= 7);  // 1.3 times what stays
    CHECK(BadShare(record, 600, 1200) < 0.01);
    const Record other = Simulate(scenario, 0.8, rival.value(), seed);
    CHECK(ScoreOf(record).bad_requests <= ScoreOf(other).bad_requests);
  }
}

TEST_CASE("slo in a loop: a load that comes and goes is paid for twice, not every time") {
  std::vector<RatePoint> saw;
  for (const double begin : {0.0, 1200.0, 2400.0, 3600.0}) {
    saw.insert(saw.end(), {{SimSeconds{begin}, 200},
                           {SimSeconds{begin + 600}, 200},
                           {SimSeconds{begin + 600}, 600},
                           {SimSeconds{begin + 1200}, 600}});
  }
  const Record record = Play(Loaded(std::move(saw), 4, 4800));
  CHECK(BadShare(record, 600, 700) > 0.1);    // nobody foresees the first one
  CHECK(BadShare(record, 1800, 1900) > 0.1);  // nor that it comes again
  CHECK(BadShare(record, 3000, 3100) < 0.01);
  CHECK(BadShare(record, 4200, 4300) < 0.01);
}

TEST_CASE("slo in a loop: a slow database is not answered by pods, an overload beside it is") {
  Scenario scenario = Loaded({{SimSeconds{0}, 200}}, 4, 1500);
  scenario.events = {{SimSeconds{300}, SimSeconds{900}, EventKind::kDatabaseSlow, 6}};
  CHECK(Peak(Play(scenario)) <= 5);
  scenario.arrivals.rate = {{SimSeconds{0}, 200}, {SimSeconds{600}, 200}, {SimSeconds{600}, 500}};
  CHECK(Peak(Play(scenario)) >= 8);
}

// Each pod has one connection to the database, which does 60 requests/s; its loop could do more.
TEST_CASE("slo in a loop: where requests wait for something of each pod's own, probes find out") {
  Scenario scenario =
      Loaded({{SimSeconds{0}, 60}, {SimSeconds{300}, 60}, {SimSeconds{300}, 240}}, 3, 3000);
  scenario.database.pool_per_pod = 1;
  scenario.pod.work = SimSeconds{0.004};
  const Record record = Play(scenario);
  CHECK(Says(record, "DownstreamProbe"));
  CHECK(Says(record, "ProbeHelped"));
  CHECK(BadShare(record, 600, 900) > 0.5);
  CHECK(BadShare(record, 2400, 3000) < 0.05);
}
