// ParseScenario: design.md § 7, field by field. What is absent keeps the default of its struct.
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/core/scaling_policy_parts.hpp"
#include "controller/core/spec_values.hpp"
#include "controller/simulate/scenario_parts.hpp"

namespace evenkeel {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr TextRule kName{&IsSimpleName, 63, "must be made of lower case letters, digits and \"-\""};
constexpr TextRule kSentence{&IsNotBlank, 500, "must be a sentence"};

constexpr DurationRule kDuration{seconds{1}, hours{168},
                                 "must be a duration with a unit, from 1s to 168h, e.g. \"2h\""};
constexpr DurationRule kWork{microseconds{10}, minutes{1},
                             "must be a duration with a unit, from 0.01ms to 1m, e.g. \"10ms\""};
constexpr DurationRule kUpToHour{seconds{0}, hours{1},
                                 "must be a duration with a unit, from 0s to 1h, e.g. \"20s\""};
constexpr DurationRule kSecondToHour{seconds{1}, hours{1},
                                     "must be a duration with a unit, from 1s to 1h, e.g. \"15s\""};

constexpr IntegerRule kReplicas{1, 10'000, "must be between 1 and 10000"};
constexpr IntegerRule kMany{1, 1'000'000, "must be between 1 and 1000000"};

constexpr NumberRule kVariation{0.01, 100, "must be from 0.01 to 100"};
constexpr NumberRule kColdFactor{1, 100, "must be from 1 to 100"};
constexpr NumberRule kPerConnection{0, 1, "must be from 0 to 1"};

// That can be missing; whether there is `inFlight`, the field of that name says.
const std::vector<std::string_view> kSignals = {
    signal::kLatencyP99,           signal::kErrorRate,   signal::kEventLoopLagP99,
    signal::kEventLoopUtilization, signal::kRequestRate, signal::kBadRatio};

void CheckReplicas(SpecObject& replicas, const Scenario& read) {
  const std::string max = std::to_string(read.max_replicas);
  if (read.min_replicas > read.max_replicas) {
    replicas.Fail("min", "must not be above max (" + max + ")", read.min_replicas);
  } else if (read.initial_replicas < read.min_replicas ||
             read.initial_replicas > read.max_replicas) {
    replicas.Fail(
        "initial",
        "must be between min (" + std::to_string(read.min_replicas) + ") and max (" + max + ")",
        read.initial_replicas);
  }
}

void ReadReplicas(SpecObject& scenario, Scenario& read) {
  scenario.Object("replicas", [&](SpecObject& replicas) {
    Set(read.min_replicas, replicas.Integer("min", kReplicas));
    Set(read.max_replicas, replicas.Integer("max", kReplicas));
    read.initial_replicas = replicas.Integer("initial", kReplicas).value_or(read.min_replicas);
    CheckReplicas(replicas, read);
  });
}

Objectives ReadScenarioObjectives(SpecObject& scenario) {
  scenario.Require("objectives");
  const nlohmann::json* given = scenario.Find("objectives");
  if (given != nullptr && given->is_object()) {
    const auto latency = given->find(signal::kLatencyP99);
    if (latency == given->end() || latency->is_null()) {
      scenario.FailAt("objectives.latencyP99", "Required value");
    }
  }
  return ReadObjectives(scenario);
}

void ReadStartup(SpecObject& pod, PodModel& read) {
  pod.Items("startup", 2, [&](SpecObject& startup, std::size_t) {
    startup.Require("[0]");
    startup.Require("[1]");
    Set(read.startup_least, startup.Duration("[0]", kUpToHour));
    Set(read.startup_most, startup.Duration("[1]", kUpToHour));
    if (read.startup_least > read.startup_most) {
      pod.Fail("startup", "must be [least, most], e.g. [\"20s\", \"40s\"]");
    }
  });
}

PodModel ReadPod(SpecObject& scenario) {
  const Words<WorkDistribution> distributions = {{"exponential", WorkDistribution::kExponential},
                                                 {"logNormal", WorkDistribution::kLogNormal},
                                                 {"fixed", WorkDistribution::kFixed}};
  PodModel read;
  scenario.Object("pod", [&](SpecObject& pod) {
    Set(read.work, pod.Duration("work", kWork));
    Set(read.distribution, pod.OneOf("distribution", distributions));
    Set(read.variation, pod.Number("variation", kVariation));
    if (pod.Find("variation") != nullptr && read.distribution != WorkDistribution::kLogNormal) {
      pod.Fail("variation", "belongs to the distribution \"logNormal\"");
    }
    ReadStartup(pod, read);
    Set(read.cold_factor, pod.Number("coldFactor", kColdFactor));
    Set(read.cold_for, pod.Duration("coldFor", kUpToHour));
    Set(read.backlog, pod.Integer("backlog", kMany));
    Set(read.keep_alive, pod.Duration("keepAlive", kUpToHour));
  });
  return read;
}

DatabaseModel ReadDatabase(SpecObject& scenario) {
  DatabaseModel read;
  if (scenario.GivenNull("database")) read.servers = 0;
  scenario.Object("database", [&](SpecObject& database) {
    Set(read.servers, database.Integer("servers", kMany));
    Set(read.service, database.Duration("service", kWork));
    Set(read.pool_per_pod, database.Integer("poolPerPod", kMany));
    Set(read.acquire_timeout, database.Duration("acquireTimeout", kUpToHour));
    Set(read.per_connection, database.Number("perConnection", kPerConnection));
  });
  return read;
}

std::vector<std::string> ReadMissing(SpecObject& metrics) {
  std::vector<std::string> read;
  Words<std::string> words;
  for (const std::string_view name : kSignals) words.emplace_back(name, name);
  metrics.Items("missing", kSignals.size(), [&](SpecObject& missing, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      const std::string index = "[" + std::to_string(i) + "]";
      missing.Require(index);
      if (const auto name = missing.OneOf(index, words)) read.push_back(*name);
    }
  });
  return read;
}

MetricsModel ReadScenarioMetrics(SpecObject& scenario) {
  const Words<LatencySource> sources = {{"ingress", LatencySource::kIngress},
                                        {"pod", LatencySource::kPod}};
  MetricsModel read;
  scenario.Object("metrics", [&](SpecObject& metrics) {
    Set(read.scrape, metrics.Duration("scrape", kSecondToHour));
    if (const auto window = metrics.Duration("window", kSecondToHour)) {
      read.window = std::chrono::ceil<seconds>(*window);
    }
    Set(read.latency_from, metrics.OneOf("latencyFrom", sources));
    Set(read.in_flight, metrics.Boolean("inFlight"));
    read.missing = ReadMissing(metrics);
  });
  return read;
}

Scenario ReadScenario(SpecObject& top, const TraceReader& reader) {
  const Words<Balancer> balancers = {{"random", Balancer::kRandom},
                                     {"roundRobin", Balancer::kRoundRobin},
                                     {"leastRequest", Balancer::kLeastRequest},
                                     {"sticky", Balancer::kSticky}};
  Scenario read;
  top.Require("name");
  Set(read.name, top.Text("name", kName));
  Set(read.about, top.Text("about", kSentence));
  Set(read.duration, top.Duration("duration", kDuration));
  Set(read.warmup, top.Duration("warmup", kSimTime));
  if (read.warmup >= read.duration) top.Fail("warmup", "must be shorter than the duration");
  read.objectives = ReadScenarioObjectives(top);
  ReadReplicas(top, read);
  read.arrivals = ReadArrivals(top, reader);
  read.pod = ReadPod(top);
  Set(read.balancer, top.OneOf("balancer", balancers));
  read.database = ReadDatabase(top);
  read.metrics = ReadScenarioMetrics(top);
  read.events = ReadEvents(top, read);
  return read;
}

}  // namespace

std::variant<Scenario, std::vector<FieldError>> ParseScenario(const nlohmann::json& json,
                                                              const TraceReader& reader) {
  if (!json.is_object()) {
    return std::vector<FieldError>{{"(object)", "must be of type object"}};
  }
  std::vector<FieldError> faults;
  SpecObject top(json, "", faults);
  Scenario read = ReadScenario(top, reader);
  top.RefuseUnknown();
  if (!faults.empty()) return faults;
  return read;
}

}  // namespace evenkeel
