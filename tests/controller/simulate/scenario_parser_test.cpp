#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "controller/simulate/scenario.hpp"
#include "support/catch.hpp"

using namespace evenkeel;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

// The example of the format's description.
json Example() {
  return json::parse(R"({"name": "dbslow", "duration": "2h", "warmup": "10m",
 "objectives": {"latencyP99": "250ms", "errorRate": "1%"},
 "replicas": {"min": 2, "max": 40, "initial": 6},
 "arrivals": {"rate": [["0s", 400], ["2h", 400]], "noise": {"sigma": 0.0, "rho": 0.98}, "retries": 0},
 "pod": {"work": "10ms", "distribution": "exponential", "startup": ["20s", "40s"], "coldFactor": 1.5, "coldFor": "20s", "backlog": 511, "keepAlive": "5s"},
 "balancer": "random",
 "database": {"servers": 60, "service": "15ms", "poolPerPod": 10, "acquireTimeout": "5s", "perConnection": 0.002},
 "metrics": {"scrape": "15s", "window": "60s", "latencyFrom": "ingress", "inFlight": false},
 "events": [{"at": "40m", "for": "30m", "kind": "databaseSlow", "factor": 5}]})");
}

json Least() {
  return json::parse(R"({"name": "least", "objectives": {"latencyP99": "250ms"},
                         "arrivals": {"rate": [["0s", 400]]}})");
}

Result<std::string> NoFile(const std::string&) { return Error{.message = "no such file"}; }

Scenario Accept(const json& document, const TraceReader& reader = NoFile) {
  auto parsed = ParseScenario(document, reader);
  if (const auto* faults = std::get_if<std::vector<FieldError>>(&parsed)) {
    FAIL(faults->front().ToString());
  }
  return std::get<Scenario>(std::move(parsed));
}

std::vector<std::string> Refuse(const json& document, const TraceReader& reader = NoFile) {
  const auto parsed = ParseScenario(document, reader);
  std::vector<std::string> words;
  if (const auto* faults = std::get_if<std::vector<FieldError>>(&parsed)) {
    for (const FieldError& fault : *faults) words.push_back(fault.ToString());
  }
  return words;
}

json With(const char* patch) {
  json document = Example();
  document.merge_patch(json::parse(patch));
  return document;
}

}  // namespace

TEST_CASE("a scenario file's values arrive") {
  const Scenario read = Accept(Example());
  CHECK(read.name == "dbslow");
  CHECK(read.duration == 2h);
  CHECK(read.warmup == 10min);
  CHECK(read.Slo() == 250ms);
  CHECK(read.objectives.error_rate == 0.01);
  CHECK(read.min_replicas == 2);
  CHECK(read.max_replicas == 40);
  CHECK(read.initial_replicas == 6);
  REQUIRE(read.arrivals.rate.size() == 2);
  CHECK(read.arrivals.rate[1].at == 2h);
  CHECK(read.arrivals.rate[1].rate == 400);
  CHECK(read.arrivals.noise.sigma == 0);
  CHECK(read.arrivals.noise.rho == 0.98);
  CHECK(read.arrivals.retries == 0);
  CHECK(read.pod.work == 10ms);
  CHECK(read.pod.distribution == WorkDistribution::kExponential);
  CHECK(read.pod.startup_least == 20s);
  CHECK(read.pod.startup_most == 40s);
  CHECK(read.pod.cold_factor == 1.5);
  CHECK(read.pod.cold_for == 20s);
  CHECK(read.balancer == Balancer::kRandom);
  CHECK(read.database.servers == 60);
  CHECK(read.database.service == 15ms);
  CHECK(read.database.pool_per_pod == 10);
  CHECK(read.database.acquire_timeout == 5s);
  CHECK(read.database.per_connection == 0.002);
  CHECK(read.metrics.scrape == 15s);
  CHECK(read.metrics.window == 60s);
  CHECK(read.metrics.latency_from == LatencySource::kIngress);
  CHECK_FALSE(read.metrics.in_flight);
  REQUIRE(read.events.size() == 1);
  CHECK(read.events[0].kind == EventKind::kDatabaseSlow);
  CHECK(read.events[0].at == 40min);
  CHECK(read.events[0].End() == 70min);
  CHECK(read.events[0].amount == 5);
}

TEST_CASE("a scenario's values that differ from the defaults arrive too") {
  const Scenario read = Accept(With(R"({"about": "All is different.",
      "arrivals": {"noise": {"sigma": 0.3, "rho": 0.5}, "retries": 2},
      "pod": {"work": "0.5ms", "distribution": "logNormal", "variation": 2, "startup": ["0s", "3m"],
              "backlog": 4096, "keepAlive": "65s"},
      "balancer": "sticky", "events": null,
      "metrics": {"scrape": "30s", "window": "5m", "latencyFrom": "pod", "inFlight": true,
                  "missing": ["eventLoopUtilization", "eventLoopLagP99"]}})"));
  CHECK(read.about == "All is different.");
  CHECK(read.arrivals.noise.sigma == 0.3);
  CHECK(read.arrivals.noise.rho == 0.5);
  CHECK(read.arrivals.retries == 2);
  CHECK(read.pod.work == 500us);
  CHECK(read.pod.distribution == WorkDistribution::kLogNormal);
  CHECK(read.pod.variation == 2);
  CHECK(read.pod.startup_least == 0s);
  CHECK(read.pod.startup_most == 3min);
  CHECK(read.pod.backlog == 4096);
  CHECK(read.pod.keep_alive == 65s);
  CHECK(read.balancer == Balancer::kSticky);
  CHECK(read.metrics.scrape == 30s);
  CHECK(read.metrics.window == 5min);
  CHECK(read.metrics.latency_from == LatencySource::kPod);
  CHECK(read.metrics.in_flight);
  CHECK(read.metrics.missing ==
        std::vector<std::string>{"eventLoopUtilization", "eventLoopLagP99"});
}

TEST_CASE("a database of null is none, and then nothing can slow it") {
  json document = Example();
  document["database"] = nullptr;
  CHECK(Refuse(document) ==
        std::vector<std::string>{"events[0].kind: the scenario has no database"});
  document.erase("events");
  CHECK(Accept(document).database.servers == 0);
}

TEST_CASE("what a scenario leaves out has the default") {
  const Scenario read = Accept(Least());
  const Scenario defaults;
  CHECK(read.duration == defaults.duration);
  CHECK(read.warmup == defaults.warmup);
  CHECK(read.max_replicas == defaults.max_replicas);
  CHECK(read.pod.work == defaults.pod.work);
  CHECK(read.pod.startup_most == defaults.pod.startup_most);
  CHECK(read.database.servers == 60);
  CHECK(read.events.empty());
  json bounded = Least();
  bounded["replicas"] = {{"min", 3}};
  CHECK(Accept(bounded).initial_replicas == 3);
}

TEST_CASE("every kind of event has its own fields, and events are sorted by time") {
  const Scenario read = Accept(With(R"({"events": [
      {"at": "90m", "kind": "release", "workFactor": 1.5},
      {"at": "10m", "for": "5m", "kind": "databaseSlow", "factor": 8},
      {"at": "20m", "for": "5m", "kind": "errors", "fraction": 0.6},
      {"at": "30m", "for": "5m", "kind": "metricsGone"},
      {"at": "40m", "for": "5m", "kind": "podSlow", "pods": 2, "factor": 4},
      {"at": "50m", "kind": "workFactor", "factor": 0.5},
      {"at": "60m", "kind": "podsLost", "pods": 3},
      {"at": "70m", "kind": "prometheusRestart"},
      {"at": "80m", "kind": "controllerRestart"}]})"));
  struct Expected {
    EventKind kind;
    SimSeconds lasts;
    double amount;
    int pods;
  };
  const std::vector<Expected> expected = {
      {EventKind::kDatabaseSlow, 5min, 8, 1},     {EventKind::kErrors, 5min, 0.6, 1},
      {EventKind::kMetricsGone, 5min, 1, 1},      {EventKind::kPodSlow, 5min, 4, 2},
      {EventKind::kWorkFactor, 0s, 0.5, 1},       {EventKind::kPodsLost, 0s, 1, 3},
      {EventKind::kPrometheusRestart, 30s, 1, 1}, {EventKind::kControllerRestart, 0s, 1, 1},
      {EventKind::kRelease, 0s, 1.5, 1}};
  REQUIRE(read.events.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i, ToString(read.events[i].kind));
    CHECK(read.events[i].kind == expected[i].kind);
    CHECK(read.events[i].at == (i + 1) * 10min);
    CHECK(read.events[i].lasts == expected[i].lasts);
    CHECK(read.events[i].amount == expected[i].amount);
    CHECK(read.events[i].pods == expected[i].pods);
  }
}

TEST_CASE("arrivals may come from a trace, scaled") {
  json document = Least();
  document["arrivals"] = {{"file", "rps.txt"}, {"step", "60s"}, {"scale", 2.5}};
  const Scenario read = Accept(document, [](const std::string& path) -> Result<std::string> {
    return path + ",10\n2,20\n";
  });
  CHECK(read.arrivals.table == std::vector<double>{25, 50});
  CHECK(read.arrivals.step == 60s);
  CHECK(Refuse(document) ==
        std::vector<std::string>{"arrivals.file: no such file; got \"rps.txt\""});
  CHECK(Refuse(document,
               [](const std::string&) -> Result<std::string> { return std::string("1\n?\n"); }) ==
        std::vector<std::string>{
            "arrivals.file: line 2 is neither a rate (a number of at least 0) nor "
            "\"timestamp,rate\"; got \"rps.txt\""});
}

TEST_CASE("a fault of a scenario is named with its path") {
  const std::vector<std::pair<const char*, const char*>> faults = {
      {R"({"name": "DB slow"})", "name: must be made of lower case letters, digits and \"-\""},
      {R"({"about": " "})", "about: must be a sentence"},
      {R"({"duration": 7200})", "duration: must be of type string; got 7200"},
      {R"({"duration": "2"})", "duration: must be a duration with a unit"},
      {R"({"warmup": "2h"})", "warmup: must be shorter than the duration"},
      {R"({"objectives": null})", "objectives: Required value"},
      {R"({"objectives": {"latencyP99": null}})", "objectives.latencyP99: Required value"},
      {R"({"objectives": {"latencyP99": "0ms"}})", "objectives.latencyP99: must be a duration"},
      {R"({"objectives": {"errorRate": "1"}})", "objectives.errorRate: must be a ratio"},
      {R"({"objectives": {"latency": "1s"}})", "objectives.latency: unknown field; known are:"},
      {R"({"replicas": {"min": 0}})", "replicas.min: must be between 1 and 10000; got 0"},
      {R"({"replicas": {"min": 41}})", "replicas.min: must not be above max (40); got 41"},
      {R"({"replicas": {"initial": 1}})",
       "replicas.initial: must be between min (2) and max (40); got 1"},
      {R"({"replicas": {"initial": 41}})",
       "replicas.initial: must be between min (2) and max (40)"},
      {R"({"arrivals": null})", "arrivals: Required value"},
      {R"({"arrivals": {"rate": null}})", "arrivals.rate: give the rate here, or a trace in file"},
      {R"({"arrivals": {"rate": []}})", "arrivals.rate: must have at least one point"},
      {R"({"arrivals": {"rate": 400}})", "arrivals.rate: must be of type array; got 400"},
      {R"({"arrivals": {"rate": [["0s", 1], null]}})", "arrivals.rate[1]: Required value"},
      {R"({"arrivals": {"rate": [["0s"]]}})", "arrivals.rate[0][1]: Required value"},
      {R"({"arrivals": {"rate": [["0s", 1, 2]]}})", "arrivals.rate[0]: Too many: 3"},
      {R"({"arrivals": {"rate": [[0, 1]]}})", "arrivals.rate[0][0]: must be of type string; got 0"},
      {R"({"arrivals": {"rate": [["0s", -1]]}})",
       "arrivals.rate[0][1]: must be requests per second, from 0 to 1000000; got -1"},
      {R"({"arrivals": {"rate": [["9s", 1], ["9s", 2], ["8s", 3]]}})",
       "arrivals.rate[2]: must not be earlier than the point before it"},
      {R"({"arrivals": {"file": "x"}})", "arrivals.file: rate and file exclude each other"},
      {R"({"arrivals": {"step": "1s"}})", "arrivals.step: belongs to a file"},
      {R"({"arrivals": {"scale": 2}})", "arrivals.scale: belongs to a file"},
      {R"({"arrivals": {"noise": {"sigma": -1}}})", "arrivals.noise.sigma: must be from 0 to 2"},
      {R"({"arrivals": {"noise": {"rho": 1}}})", "arrivals.noise.rho: must be from 0 to 0.9999"},
      {R"({"arrivals": {"retries": -1}})", "arrivals.retries: must be between 0 and 10; got -1"},
      {R"({"pod": {"work": "0s"}})", "pod.work: must be a duration with a unit, from 0.01ms"},
      {R"({"pod": {"distribution": "normal"}})",
       "pod.distribution: Unsupported value: \"normal\": supported values: \"exponential\""},
      {R"({"pod": {"variation": 2}})", "pod.variation: belongs to the distribution \"logNormal\""},
      {R"({"pod": {"startup": ["40s", "20s"]}})",
       "pod.startup: must be [least, most], e.g. [\"20s\", \"40s\"]"},
      {R"({"pod": {"startup": ["40s"]}})", "pod.startup[1]: Required value"},
      {R"({"pod": {"coldFactor": 0.5}})", "pod.coldFactor: must be from 1 to 100; got 0.5"},
      {R"({"pod": {"coldFor": "2h"}})", "pod.coldFor: must be a duration"},
      {R"({"pod": {"backlog": 0}})", "pod.backlog: must be between 1 and 1000000; got 0"},
      {R"({"balancer": "best"})", "balancer: Unsupported value: \"best\""},
      {R"({"database": {"servers": 0}})", "database.servers: must be between 1 and 1000000; got 0"},
      {R"({"database": {"pool": 3}})", "database.pool: unknown field"},
      {R"({"metrics": {"scrape": "0s"}})", "metrics.scrape: must be a duration"},
      {R"({"metrics": {"latencyFrom": "client"}})", "metrics.latencyFrom: Unsupported value"},
      {R"({"metrics": {"inFlight": 1}})", "metrics.inFlight: must be of type boolean; got 1"},
      {R"({"metrics": {"missing": ["lag"]}})",
       "metrics.missing[0]: Unsupported value: \"lag\": supported values: \"latencyP99\""},
      {R"({"metrics": {"missing": ["inFlight"]}})", "metrics.missing[0]: Unsupported value"},
      {R"({"events": [{"at": "1m"}]})", "events[0].kind: Required value"},
      {R"({"events": [{"at": "1m", "kind": "quake", "pods": 2}]})",
       "events[0].kind: Unsupported value: \"quake\""},
      {R"({"events": [{"kind": "controllerRestart"}]})", "events[0].at: Required value"},
      {R"({"events": [{"at": "2h", "kind": "metricsGone"}]})",
       "events[0].at: must be before the end of the scenario"},
      {R"({"events": [{"at": "110m", "for": "11m", "kind": "metricsGone"}]})",
       "events[0].for: must not reach beyond the end of the scenario"},
      {R"({"events": [{"at": "1m", "kind": "databaseSlow"}]})", "events[0].factor: Required value"},
      {R"({"events": [{"at": "1m", "kind": "databaseSlow", "factor": 0}]})",
       "events[0].factor: must be from 0.01 to 1000; got 0"},
      {R"({"events": [{"at": "1m", "kind": "databaseSlow", "factor": 2, "pods": 1}]})",
       "events[0].pods: unknown field; known are: \"kind\", \"at\", \"for\", \"factor\""},
      {R"({"events": [{"at": "1m", "kind": "errors", "fraction": 1.1}]})",
       "events[0].fraction: must be from 0 to 1; got 1.1"},
      {R"({"events": [{"at": "1m", "kind": "podsLost", "for": "1m"}]})",
       "events[0].for: unknown field"},
      {R"({"events": [{"at": "1m", "kind": "release", "factor": 2}]})",
       "events[0].workFactor: Required value"},
      {R"({"seed": 1})", "seed: unknown field; known are:"},
  };
  for (const auto& [patch, fault] : faults) {
    CAPTURE(patch);
    const auto found = Refuse(With(patch));
    REQUIRE(!found.empty());
    CHECK_THAT(found.front(), Catch::StartsWith(fault));
  }
  CHECK(Refuse(json::array()) == std::vector<std::string>{"(object): must be of type object"});
}

TEST_CASE("one fault of a scenario is reported once, and several are reported together") {
  CHECK(Refuse(With(R"({"events": [{"at": "1m", "for": "1m", "kind": "quake", "pods": 2}]})"))
            .size() == 1);
  CHECK(Refuse(With(R"({"balancer": 1, "name": null, "pod": {"works": "1ms"}})")) ==
        std::vector<std::string>{
            "name: Required value",
            "pod.works: unknown field; known are: \"work\", \"distribution\", \"variation\", "
            "\"startup\", \"coldFactor\", \"coldFor\", \"backlog\", \"keepAlive\"; did you mean "
            "\"work\"?",
            "balancer: must be of type string; got 1"});
}
